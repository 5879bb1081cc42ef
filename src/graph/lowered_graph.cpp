#include "graph/lowered_graph.h"

#include <algorithm>

#include "base/elements.h"
#include "base/numbers.h"
#include "graph/liveness.h"

namespace kiln {

namespace {

std::string field_name(int field) { return "%" + std::to_string(field); }

/// What the operator is, beyond its name and weights.
struct Details {
  template <class Op>
  std::string operator()(const Op&) const {
    return "";
  }
  std::string operator()(const OneHot& op) const { return "n_species " + std::to_string(op.n_species); }
  std::string operator()(const Harmonics& op) const { return "lmax " + std::to_string(op.lmax); }
  std::string operator()(const RadialBasis& op) const {
    return std::to_string(op.n_basis) + " functions, cutoff " + shortest_text(op.cutoff) + " Å, degree " +
           shortest_text(op.degree);
  }
  std::string operator()(const RadialFunctions& op) const {
    const std::string form = op.n_knots > 0 ? "tabulated, " + std::to_string(op.n_knots) + " knots" : "exact";
    return (*this)(op.basis) + ", " + widths(op.widths) + ", " + form;
  }
  std::string operator()(const Network& op) const { return widths(op.widths); }
  std::string operator()(const Linear& op) const { return to_string(op.in) + " -> " + to_string(op.out); }
  std::string operator()(const EdgeConvolution& op) const {
    return std::to_string(op.paths.size()) + " paths, edge set " + std::to_string(op.edge_set);
  }
  std::string operator()(const SymmetricContraction& op) const {
    return "lmax " + std::to_string(op.lmax) + ", correlation " + std::to_string(op.correlation) + ", " +
           std::to_string(op.channels) + " channels";
  }
  std::string operator()(const Call& op) const { return op.expression; }
  std::string operator()(const RowFunction& op) const { return op.name + ": " + op.expression; }
  std::string operator()(const Element& op) const { return std::to_string(op.index); }
  static std::string widths(const std::vector<int>& values) {
    std::string text;
    for (int width : values) text += (text.empty() ? "" : "-") + std::to_string(width);
    return text;
  }
};

std::string line_of(const LoweredGraph& graph, const Operation& op) {
  std::string text = field_name(op.output) + " = " + name_of(op.op) + "(";
  for (std::size_t i = 0; i < op.inputs.size(); ++i) text += (i > 0 ? ", " : "") + field_name(op.inputs[i]);
  text += ")";
  const std::string details = std::visit(Details{}, op.op);
  if (!details.empty()) text += " {" + details + "}";
  std::string weights;
  for (const std::string& name : weights_of(op.op)) {
    if (!name.empty()) weights += (weights.empty() ? "" : ", ") + name;
  }
  if (!weights.empty()) text += " [" + weights + "]";
  return text + " : " + to_string(graph.fields[op.output]) + ", hops " + std::to_string(op.hops) + "  # " + op.layer;
}

}  // namespace

std::string layer_of(const ParameterSpec& parameter) { return parameter.name.substr(0, parameter.name.find('.')); }

std::string own_name(const ParameterSpec& parameter) { return parameter.name.substr(parameter.name.find('.') + 1); }

std::string input_of(const LoweredGraph& graph, Meaning meaning) {
  for (std::size_t k = 0; k < graph.model_inputs.size(); ++k)
    if (graph.model_input_meanings[k] == meaning) return graph.model_inputs[k];
  return "";
}

std::string fault_of_elements(const LoweredGraph& graph, const std::vector<int>& atomic_numbers) {
  const std::string input = input_of(graph, Meaning::atomic_numbers);
  if (input.empty() || graph.n_species == 0) return "";
  for (std::size_t k = 0; k < atomic_numbers.size(); ++k)
    if (atomic_numbers[k] != static_cast<int>(k) + 1)
      return "the graph reads atomic numbers ('" + input + "'): its species are the first " +
             std::to_string(graph.n_species) + " elements, H, He, … in this order; number " + std::to_string(k + 1) +
             " cannot be " + element_symbol(atomic_numbers[k]);
  return "";
}

std::vector<LoweredOutput> given_outputs(const LoweredGraph& graph) {
  std::vector<LoweredOutput> outputs = graph.outputs;
  const auto without_cell = [&](const LoweredOutput& output) {
    return output.field < 0 && output.derivative == Meaning::stress && input_of(graph, Meaning::cell).empty();
  };
  outputs.erase(std::remove_if(outputs.begin(), outputs.end(), without_cell), outputs.end());
  return outputs;
}

std::string to_string(const LoweredGraph& graph) {
  std::string text;
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    text += "edge set " + std::to_string(s) + ": " + graph.edge_sets[s].name + ", cutoff " +
            shortest_text(graph.edge_sets[s].cutoff) + " Å\n";
  }
  for (const LoweredInput& input : graph.inputs) {
    text +=
        field_name(input.field) + " = input " + input.model_input + " : " + to_string(graph.fields[input.field]) + "\n";
  }
  for (const Operation& op : graph.operations) text += line_of(graph, op) + "\n";
  for (const LoweredOutput& output : graph.outputs) {
    text += "output " + output.name + " = ";
    text += output.field >= 0 ? field_name(output.field)
                              : to_string(output.derivative) + " of " + field_name(graph.energy_field);
    text += "\n";
  }
  for (const ParameterSpec& parameter : graph.parameters) {
    text +=
        "parameter " + parameter.name + " " + list_text(parameter.shape) + (parameter.trainable ? "" : " fixed") + "\n";
  }
  return text;
}

}  // namespace kiln
