#include "train/check_trainable.h"

#include <fmt/format.h>

#include "graph/liveness.h"
#include "graph/locality.h"

namespace kiln {

namespace {

/// Layers whose training is more than gradients.
void check_calls(const LoweredGraph& lowered, const SourcePos& model, Diagnostics& faults) {
  for (const Operation& operation : lowered.operations) {
    const auto* call = std::get_if<Call>(&operation.op);
    if (call == nullptr) continue;
    if (call->random && call->expression.find("$training") == std::string::npos)
      faults.error("random-layer", model,
                   fmt::format("layer '{}' ({}) draws random numbers in evaluation, too: the model would have no "
                               "energy of its own",
                               operation.layer, call->target),
                   "Use the module of torch.nn, which draws in training only.");
    else if (call->random)
      faults.warning("random-layer", model,
                     fmt::format("layer '{}' ({}) draws random numbers: a restarted run goes on with others",
                                 operation.layer, call->target));
  }
}

/// To a module the structure of an atom is a number, which in a batch says the place there.
void check_structure_unread(const CheckedGraph& checked, const CheckedLayer& layer, Diagnostics& faults) {
  for (const std::vector<int>& port : layer.inputs) {
    for (const int field : port) {
      if (checked.fields[field].type.meaning != Meaning::structure) continue;
      return faults.error("reads-structure", layer.where,
                          "layer '" + layer.name + "' reads '" + checked.fields[field].name +
                              "': in training, the number of the structure in its batch, not 0",
                          "Leave atoms that do not count to AtomwiseSum's 'index', or write batch_size: 1.");
    }
  }
}

/// Rows of a batch are those of several structures: what mixes them gives energies that depend on the neighbors in the
/// batch. Of code from outside nobody knows.
void check_batches(const CheckedGraph& checked, int batch_size, Diagnostics& faults) {
  if (batch_size == 1) return;
  const std::vector<bool> live = live_parts(checked).layers;
  const std::vector<bool> mixes = layers_that_mix_rows(checked, {Level::atom, Level::edge, Level::system});
  for (std::size_t i = 0; i < checked.layers.size(); ++i) {
    const CheckedLayer& layer = checked.layers[i];
    if (!live[i] || !layer.declaration->any_ports) continue;
    check_structure_unread(checked, layer, faults);
    if (!mixes[i]) continue;
    const std::string what = "layer '" + layer.name + "'", mixed = "those of all structures of a batch";
    const std::string hint = "Use a function that looks at each row by itself, or batch_size: 1.";
    if (checked.foreign.count(layer.weight_owner) != 0)
      faults.warning("global-layer", layer.where, what + " is code from outside: if it mixes rows, then " + mixed,
                     hint);
    else
      faults.error("global-layer", layer.where, what + " mixes rows: in training, " + mixed, hint);
  }
}

/// What a module from outside remembers must be among the weights.
void check_state(const CheckedGraph& checked, Diagnostics& faults) {
  for (const CheckedLayer& layer : checked.layers) {
    const auto foreign = checked.foreign.find(layer.name);
    if (foreign == checked.foreign.end() || foreign->second.lost_state.empty()) continue;
    const std::string& name = foreign->second.lost_state;
    faults.error("lost-state", layer.where,
                 fmt::format("layer '{}' sets its attribute '{}': a model does not keep state that is no buffer",
                             layer.name, name),
                 fmt::format("Make it a tensor with register_buffer('{}', …).", name));
  }
}

}  // namespace

void check_trainable(const CheckedGraph& checked, const LoweredGraph& lowered, const TrainOptions& options,
                     Diagnostics& faults) {
  check_calls(lowered, options.model_where, faults);
  check_batches(checked, options.loop.batch_size, faults);
  check_state(checked, faults);
}

}  // namespace kiln
