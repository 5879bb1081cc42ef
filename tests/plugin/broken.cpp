#include <stdexcept>

#include "kiln/plugin.h"
#include "layers/declare.h"

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
#ifndef LAYERS
#define LAYERS layers
#endif
#ifndef N_LAYERS
#define N_LAYERS 1
#endif
#ifndef STATIC
#define STATIC
#endif
#ifndef BEFORE
#define BEFORE
#endif

namespace {

int initialize() {
  STATIC;
  return 0;
}
[[maybe_unused]] const int initialized = initialize();

kiln::LayerDeclaration declare() {
  kiln::LayerDeclaration layer;
  layer.name = LAYER;
  layer.outputs = {kiln::port("h", "nothing")};
  layer.infer = [](kiln::InferContext&) {};
  layer.lower = [](kiln::LowerContext&) {};
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* ENTRY() {
  BEFORE;
  static const kiln::LayerDeclaration layer = declare();
  [[maybe_unused]] static const kiln::LayerDeclaration* const layers[] = {&layer};
  [[maybe_unused]] static const kiln::LayerDeclaration* const null_layer[] = {nullptr};
  static const kiln::Plugin plugin = {ABI, VERSION, COMMIT, COMPILER, LAYOUT, LAYERS, N_LAYERS};
  return &plugin;
}
