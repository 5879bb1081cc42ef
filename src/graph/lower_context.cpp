#include "graph/lower_context.h"

#include <algorithm>

#include "kiln/error.h"

namespace kiln {

namespace {

/// Operators that have no weights and often stand twice in a file.
bool is_made_once(const Operator& op) {
  return std::holds_alternative<OneHot>(op) || std::holds_alternative<Harmonics>(op) ||
         std::holds_alternative<EdgeLengths>(op);
}

bool same(const Operator& a, const Operator& b) {
  if (a.index() != b.index()) return false;
  if (const auto* one_hot = std::get_if<OneHot>(&a)) {
    const OneHot& other = std::get<OneHot>(b);
    return one_hot->n_species == other.n_species && one_hot->first == other.first;
  }
  if (const auto* harmonics = std::get_if<Harmonics>(&a)) {
    const Harmonics& other = std::get<Harmonics>(b);
    return harmonics->lmax == other.lmax && harmonics->normalization == other.normalization;
  }
  return std::holds_alternative<EdgeLengths>(a);
}

}  // namespace

int LowerContext::add(Operator op, std::vector<int> operands, FieldType type) {
  if (is_made_once(op)) {
    for (const Operation& earlier : graph->operations) {
      if (earlier.inputs == operands && same(earlier.op, op)) return earlier.output;
    }
  }
  const int output = static_cast<int>(graph->fields.size());
  graph->fields.push_back(std::move(type));
  graph->operations.push_back({std::move(op), std::move(operands), output, layer, 0});
  return output;
}

int LowerContext::add_up(const std::vector<int>& fields) {
  if (fields.size() == 1) return fields[0];
  return add(Add{}, fields, type(fields[0]));
}

std::string LowerContext::parameter(ParameterSpec spec) {
  spec.name = weight_owner + "." + spec.name;
  const auto [place, is_new] = parameter_places->emplace(spec.name, graph->parameters.size());
  if (is_new) {
    graph->parameters.push_back(spec);
  } else if (graph->parameters[place->second].shape != spec.shape) {
    throw Error(ErrorKind::configuration, "alias-shape",
                "layer '" + layer + "' would need another shape of '" + spec.name + "' than its alias does");
  }
  return spec.name;
}

std::string LowerContext::weight(const std::string& suffix, std::vector<std::int64_t> shape) {
  ParameterSpec spec;
  spec.name = suffix;
  spec.shape = std::move(shape);
  return parameter(std::move(spec));
}

const Operation* LowerContext::producer(int field) const {
  const auto& all = graph->operations;  // their outputs ascend: `add` appends both
  const auto found = std::lower_bound(all.begin(), all.end(), field,
                                      [](const Operation& op, int wanted) { return op.output < wanted; });
  return found == all.end() || found->output != field ? nullptr : &*found;
}

}  // namespace kiln
