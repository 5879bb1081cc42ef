#include <algorithm>
#include <set>
#include <utility>

#include "engines/torch/method_text.h"
#include "operators/expression.h"

namespace kiln {
namespace {

MethodText slots_method() {
  MethodText method;
  method.name = "slots_of_edges";
  method.arguments = {"receiver: Tensor", "n_atoms: int"};
  method.result = "Tuple[Tensor, int, Tensor, Tensor]";
  method.lines = {
      "n_edges = receiver.size(0)",
      "count = torch.bincount(receiver, minlength=n_atoms)",
      "centers = torch.nonzero(count).reshape(-1)",
      "width = 0",
      "if n_edges > 0:",
      "    width = int(count.max())",
      "order = torch.sort(receiver, stable=True)[1]",
      "ordered = receiver.index_select(0, order)",
      "place = torch.arange(n_edges, device=receiver.device) - (torch.cumsum(count, 0) - count).index_select(0, "
      "ordered)",
      "row = (torch.cumsum((count > 0).long(), 0) - 1).index_select(0, ordered)",
      "slot = row * width + place",
      "edge_of_slot = receiver.new_full([centers.size(0) * width], n_edges).scatter(0, slot, order)",
      "slot_of_edge = torch.zeros_like(receiver).scatter(0, order, slot)",
      "return centers, width, edge_of_slot, slot_of_edge",
  };
  return method;
}

MethodText rows_method() {
  MethodText method;
  method.name = "rows_of";
  method.arguments = {"like: Tensor", "n: int"};
  method.result = "Tensor";
  method.lines = {"return torch.arange(n, device=like.device)"};
  return method;
}

/// What torch's Python refuses before it takes statistics is not to be found: so the layer's own line fails, which
/// traces look into no further than this.
MethodText several_values_method() {
  MethodText method;
  method.name = "several_values";
  method.arguments = {"values: Tensor", "n_statistics: int"};
  method.result = "Dict[str, Tensor]";
  method.lines = {
      "found: Dict[str, Tensor] = {}",
      "if values.numel() != n_statistics or n_statistics == 0:",
      "    found['more than one value per channel is needed'] = values",
      "return found",
  };
  return method;
}

/// Of two or three results, each without the dimension. A trace cannot go through them itself.
MethodText squeezed_method(const std::string& name, int n) {
  MethodText method;
  std::string types, results;
  for (int k = 0; k < n; ++k) {
    types += k == 0 ? "Tensor" : ", Tensor";
    results += (k == 0 ? "" : ", ") + ("results[" + std::to_string(k) + "].squeeze(dim)");
  }
  method.name = name;
  method.arguments = {"results: Tuple[" + types + "]", "dim: int"};
  method.result = "Tuple[" + types + "]";
  method.lines = {"return " + results};
  return method;
}

MethodText leaf_method() {
  MethodText method;
  method.name = "leaf_of";
  method.arguments = {"vectors: Tensor"};
  method.result = "Tensor";
  method.lines = {
      "if vectors.requires_grad:",
      "    return vectors",
      "return vectors.detach().requires_grad_(True)",
  };
  return method;
}

MethodText gradients_method() {
  MethodText method;
  method.name = "gradients_of";
  method.arguments = {"energy: Tensor", "vectors: List[Tensor]", "create_graph: bool"};
  method.result = "List[Tensor]";
  method.lines = {
      "gradients: List[Tensor] = []",
      "for gradient in torch.autograd.grad([energy.sum()], vectors, create_graph=create_graph):",
      "    assert gradient is not None",
      "    gradients.append(gradient)",
      "return gradients",
  };
  return method;
}

/// Names in the expressions of calls.
std::set<std::string> names_in_calls(const LoweredGraph& graph) {
  std::set<std::string> all;
  for (const Operation& operation : graph.operations) {
    const auto* call = std::get_if<Call>(&operation.op);
    if (call == nullptr) continue;
    const std::vector<std::string> names = names_in(call->expression);
    all.insert(names.begin(), names.end());
  }
  return all;
}

bool calls(const MethodText& method, const std::string& helper) {
  return std::any_of(method.lines.begin(), method.lines.end(),
                     [&](const std::string& line) { return line.find("self." + helper + "(") != std::string::npos; });
}

/// Those that calls of the graph name, and those that these call, which stand before them.
std::vector<MethodText> called_helpers(const LoweredGraph& graph) {
  const std::set<std::string> named = names_in_calls(graph);
  const std::vector<MethodText> all = helpers_of_calls();
  std::vector<MethodText> called;
  std::for_each(all.rbegin(), all.rend(), [&](const MethodText& helper) {
    const auto calls_it = [&](const MethodText& other) { return calls(other, helper.name); };
    if (named.count(helper.name) != 0 || std::any_of(called.begin(), called.end(), calls_it))
      called.insert(called.begin(), helper);
  });
  return called;
}

}  // namespace

std::vector<MethodText> helpers_of_calls() {
  return {several_values_method(),
          attention_method(),
          attended_method(),
          fed_forward_method(),
          squeezed_method("squeezed_two", 2),
          squeezed_method("squeezed_three", 3)};
}

std::vector<MethodText> make_helpers(const LoweredGraph& graph, const FieldsMethod& fields) {
  std::vector<MethodText> helpers;
  if (fields.uses_slots) helpers.push_back(slots_method());
  if (has_atoms(graph)) helpers.push_back(rows_method());
  for (MethodText& helper : called_helpers(graph)) helpers.push_back(std::move(helper));
  if (!edge_sets_of_energy(graph).empty()) {
    helpers.push_back(leaf_method());
    helpers.push_back(gradients_method());
  }
  return helpers;
}

}  // namespace kiln
