#pragma once

#include "base/diagnostics.h"

namespace kiln {

/// A function of a plugin that is called, for messages.
struct PluginCode {
  std::string who;       ///< "layer 'clamped' (SoftClamp of the plugin 'soft_clamp.so')"
  std::string function;  ///< "infer"
  SourcePos where;
};

/// To be called while an exception is handled: a fault that names the plugin. An Error's diagnostics keep their words.
void tell_thrown(const PluginCode& plugin, Diagnostics& faults);

/// Runs code of a plugin; whatever it throws becomes a fault, and false.
template <class Code>
bool run_plugin_code(const PluginCode& plugin, const Code& code, Diagnostics& faults) {
  try {
    code();
    return true;
  } catch (...) {
    tell_thrown(plugin, faults);
    return false;
  }
}

}  // namespace kiln
