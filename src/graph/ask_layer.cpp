#include <algorithm>
#include <utility>

#include "graph/graph_checker.h"
#include "graph/layer_call.h"
#include "graph/layer_code.h"

namespace kiln {

namespace {

struct Answer {
  bool good = false;
  std::vector<Diagnostic> faults;
};

/// What inference says of a call, were this what it reads there. Of a question one fault is enough.
Answer answer_to(const GraphCheck& check, const PortOfLayer& at, const FieldType& type, bool is_question) {
  const WiredLayer& layer = check.wired.layers[at.layer];
  Config config = check.configs[layer.owner];
  Diagnostics faults;
  InferContext context = context_of(check, layer, config, faults);
  const InputTypes inputs(check.graph, fields_of(check, layer), InputTypes::Of::copies);
  *inputs.types[at.port][at.item] = type;
  context.inputs = inputs.types;
  context.is_question = is_question;
  const bool good = call_infer(context, layer.spec->where, static_cast<int>(check.graph.edge_sets.size()));
  return {good, std::move(faults.list)};
}

}  // namespace

bool takes_type(const GraphCheck& check, const PortOfLayer& at, const FieldType& type,
                const std::vector<Diagnostic>& others) {
  if (others.empty()) return answer_to(check, at, type, /*is_question=*/true).good;
  const std::vector<Diagnostic> faults = answer_to(check, at, type, /*is_question=*/false).faults;
  return std::all_of(faults.begin(), faults.end(), [&](const Diagnostic& fault) {
    return fault.severity == Severity::warning || says_the_same(others, fault);
  });
}

std::optional<std::vector<Diagnostic>> faults_elsewhere(const GraphCheck& check, const PortOfLayer& at) {
  if (check.is_good(at.layer)) return std::vector<Diagnostic>{};
  const WiredLayer& layer = check.wired.layers[at.layer];
  const bool can_be_asked = layer.declaration != nullptr && layer.declaration->plugin.empty() && layer.ports_known &&
                            can_read_config(check, layer);
  if (!can_be_asked) return std::nullopt;
  return answer_to(check, at, type_at_fault(), /*is_question=*/false).faults;
}

}  // namespace kiln
