#include "base/plugin_code.h"

#include <new>

namespace kiln {

namespace {

void tell(const PluginCode& plugin, const std::string& what, Diagnostics& faults) {
  faults.error("plugin-threw", plugin.where, plugin.who + ": " + plugin.function + " threw" + what,
               "this is a fault of the plugin");
}

}  // namespace

void tell_thrown(const PluginCode& plugin, Diagnostics& faults) {
  try {
    throw;
  } catch (const Error& error) {
    for (Diagnostic fault : error.diagnostics()) {
      fault.what = plugin.who + ": " + fault.what;
      if (fault.where.file.empty() && !fault.where.known()) fault.where = plugin.where;
      faults.list.push_back(std::move(fault));
    }
  } catch (const std::bad_alloc&) {
    throw;  // a matter of the machine
  } catch (const std::exception& error) {
    const char* what = error.what();
    tell(plugin, what == nullptr ? " an exception that says nothing" : std::string(": ") + what, faults);
  } catch (...) {
    tell(plugin, " what is no std::exception", faults);
  }
}

}  // namespace kiln
