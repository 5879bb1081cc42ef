#include "kiln/plugin.h"

#ifndef ABI
#define ABI kiln::kPluginAbi
#endif
#ifndef VERSION
#define VERSION kiln::version()
#endif
#ifndef COMMIT
#define COMMIT kiln::commit()
#endif
#ifndef LAYOUT
#define LAYOUT kiln::plugin_layout()
#endif
#ifndef COMPILER
#define COMPILER kiln::kPluginCompiler
#endif
#ifndef ENTRY
#define ENTRY kiln_plugin_v1
#endif
#ifndef LAYER
#define LAYER "Fine"
#endif
#ifndef LOWER
#define LOWER [](kiln::LowerContext&) {}
#endif

namespace {

kiln::LayerDeclaration declare() {
  kiln::LayerDeclaration layer;
  layer.name = LAYER;
  layer.infer = [](kiln::InferContext&) {};
  layer.lower = LOWER;
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* ENTRY() {
  static const kiln::LayerDeclaration layer = declare();
  static const kiln::LayerDeclaration* const layers[] = {&layer};
  static const kiln::Plugin plugin = {ABI, VERSION, COMMIT, COMPILER, LAYOUT, layers, 1};
  return &plugin;
}
