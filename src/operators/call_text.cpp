#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "operators/expression.h"
#include "operators/operator_text.h"
#include "operators/torch_target.h"

namespace kiln {

namespace {

/// All tensors of a field that is several, one by one: torch.fx follows no list as a whole. Code from outside takes it
/// as it is, a tuple perhaps.
std::string several(const Call& op, const TextField& field) {
  const std::size_t n = field.type.elements.size();  // 0: not known
  if (n == 0 || starts_with(op.expression, "self.")) return field.rows;
  std::vector<std::string> items;
  for (std::size_t i = 0; i < n; ++i) items.push_back(field.rows + "[" + std::to_string(i) + "]");
  return "[" + text_list(items) + "]";
}

/// What a torch function sees of a field: all rows, edges in their own order.
std::string argument(const Call& op, TextField& field, TextCall& call) {
  if (field.type.meaning == Meaning::tensors) return several(op, field);
  if (field.type.meaning == Meaning::edge_index) return field.rows;
  const std::string rows = field.type.dtype == DType::integer ? field.rows : cast_rows(field, call.out, call.name);
  const bool in_slots = field.type.level == Level::edge && call.edges != nullptr && !call.edges->slot_of_edge.empty();
  return in_slots ? call.out.share(call.name + "_in_order", rows + ".index_select(0, " + call.edges->slot_of_edge + ")")
                  : rows;
}

std::map<std::string, std::string> arguments_by_name(const Call& op, TextCall& call) {
  std::map<std::string, std::string> values;
  std::size_t next = 0;
  for (std::size_t k = 0; k < op.list_sizes.size(); ++k) {
    std::vector<std::string> items;
    for (int i = 0; i < std::max(op.list_sizes[k], 1); ++i) items.push_back(argument(op, *call.inputs[next++], call));
    values[std::to_string(k)] = op.list_sizes[k] < 0 ? items[0] : "[" + text_list(items) + "]";
  }
  for (const auto& [name, full_name] : op.weights) values[name] = call.out.weight(full_name);
  values["real"] = call.out.f64() ? "torch.float64" : "torch.float32";
  values["training"] = op.evaluation ? "False" : "self.training";
  for (const char* helper : kCallHelpers) values[helper] = std::string("self.") + helper;
  return values;
}

/// Edge rows that a call has made go back into their slots.
void keep(const std::string& value, TextCall& call) {
  call.output.rows = value;
  const FieldType& type = call.output.type;
  if (type.level != Level::edge || call.edges == nullptr || call.edges->edge_of_slot.empty()) return;
  call.output.rows = call.out.assign(
      call.name + "_in_slots", fmt::format("torch.cat([{0}, {0}.new_zeros([1, {0}.size(1)])]).index_select(0, {1})",
                                           value, call.edges->edge_of_slot));
}

}  // namespace

void write_text(const Call& op, TextCall& call) {
  const auto values = arguments_by_name(op, call);
  keep(call.out.assign(call.name, substitute(op.expression, values)), call);
}

void write_text(const Element& op, TextCall& call) {
  const std::string element = call.inputs[0]->rows + "[" + std::to_string(op.index) + "]";
  keep(call.out.assign(call.name, op.optional ? "torch.jit._unwrap_optional(" + element + ")" : element), call);
}

void write_text(const RowFunction& op, TextCall& call) {
  Call same;
  same.expression = op.expression;
  same.list_sizes.assign(call.inputs.size(), -1);
  same.weights = op.weights;
  write_text(same, call);
}

}  // namespace kiln
