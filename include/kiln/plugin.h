#pragma once

#include <cstddef>
#include <cstdint>

#include "graph/infer_context.h"
#include "graph/layer_declaration.h"
#include "graph/lower_context.h"
#include "kiln/version.h"

// A plugin is a shared library with layers of its own (docs/language/plugins.md). It is built with this header and the
// target Kiln::plugin, and read by `--allow plugin:PATH`.

namespace kiln {

/// Raised when `Plugin` itself changes. All else that a plugin shares with the program is that of one commit; its
/// layout is compared, too, since a working tree may be ahead of its commit.
constexpr int kPluginAbi = 1;

#define KILN_PLUGIN_TEXT_OF(x) #x
#define KILN_PLUGIN_TEXT(x) KILN_PLUGIN_TEXT_OF(x)
#ifdef _GLIBCXX_USE_CXX11_ABI
#define KILN_PLUGIN_STRINGS "libstdc++ strings " KILN_PLUGIN_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
#define KILN_PLUGIN_STRINGS "another standard library"
#endif
/// What must be the same in the compilers of program and plugin, so that they can share C++ objects.
constexpr const char* kPluginCompiler = "C++ ABI " KILN_PLUGIN_TEXT(__GXX_ABI_VERSION) ", " KILN_PLUGIN_STRINGS;

/// Sizes of what program and plugin hand to each other, mixed into one number.
constexpr std::uint64_t plugin_layout() {
  std::uint64_t mixed = 0;
  for (const std::size_t size :
       {sizeof(LayerDeclaration), sizeof(ConfigEntry), sizeof(PortDeclaration), sizeof(ParameterDeclaration),
        sizeof(InferContext), sizeof(LowerContext), sizeof(ParameterSpec), sizeof(FieldType), sizeof(Operation),
        sizeof(RowFunction), sizeof(RowArguments), sizeof(Yaml)})
    mixed = mixed * 1099511628211u + size;  // the prime of FNV-1a
  return mixed;
}

/// What a plugin says of itself. The first five tell whether the rest can be read: they never move.
struct Plugin {
  int abi = kPluginAbi;
  const char* kiln_version = nullptr;  ///< of the Kiln that it is built with
  const char* kiln_commit = nullptr;
  const char* compiler = kPluginCompiler;
  std::uint64_t layout = plugin_layout();
  const LayerDeclaration* const* layers = nullptr;
  int n_layers = 0;
};

/// `layers`: an array that lives as long as the library.
template <int n>
Plugin make_plugin(const LayerDeclaration* const (&layers)[n]) {
  return {kPluginAbi, version(), commit(), kPluginCompiler, plugin_layout(), layers, n};
}

}  // namespace kiln

/// Before the definition of the one function of a plugin, `const kiln::Plugin* kiln_plugin_v1()`.
#define KILN_PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))
