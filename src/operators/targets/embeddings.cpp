#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// The row of padding counted from the front; -1: none.
std::int64_t padding_row(const FittedCall& call) {
  if (!call.given("padding_idx")) return -1;
  const std::int64_t row = call.integer("padding_idx");
  return row < 0 ? row + call.integer("num_embeddings") : row;
}

std::vector<CallParameter> embedding_parameters(const FittedCall& call) {
  CallParameter weight =
      normal_parameter("weight", {call.integer("num_embeddings"), call.integer("embedding_dim")}, 1.0);
  weight.zero_row = padding_row(call);
  return {weight};
}

std::string module_text(const FittedCall& call) {
  return "torch.embedding($weight, " + call.written("input") + ", " + std::to_string(padding_row(call)) + ", " +
         call.written("scale_grad_by_freq") + ", False)";
}

/// The table, with a row of padding: where it is not known how many rows there are, it is looked for when it runs.
std::string table_text(const FittedCall& call, const std::string& padding) {
  const std::string table = call.written("weight");
  const Shape shape = call.input("weight");
  if (!call.given("padding_idx") || (shape.known && shape.sizes[0].known())) return table;
  return "torch.cat(torch.split_with_sizes(" + table + ", [" + padding + ", 1, " + table + ".size(0) - 1 - (" +
         padding + ")]))";
}

std::string function_text(const FittedCall& call) {
  const std::string weight = call.written("weight");
  const std::int64_t row = call.integer("padding_idx", -1);
  const bool from_the_end = call.given("padding_idx") && row < 0;
  const std::string padding = from_the_end ? weight + ".size(0) - " + std::to_string(-row) : std::to_string(row);
  return "torch.embedding(" + table_text(call, padding) + ", " + call.written("input") + ", " + padding + ", " +
         call.written("scale_grad_by_freq") + ", False)";
}

ShapeResult embedded(const Shape& input, const Size& width) {
  if (!input.known) return {{shape_ending_in(width)}, false, ""};
  Shape shape = input;
  shape.sizes.push_back(width);
  return {{shape}, input.rank() > 0, ""};
}

/// Rows of a table are numbered by integers.
ShapeResult integers_checked(const FittedCall& call, ShapeResult result) {
  if (!call.holds_reals("input")) return result;
  result.fault_of_dtype = true;
  result.fault = "takes integers as 'input', not real numbers";
  return result;
}

/// Of a table with n rows; -1: not known.
std::string fault_of_padding(const FittedCall& call, std::int64_t n) {
  const std::int64_t row = call.integer("padding_idx", 0);
  if (n < 0 || !call.given("padding_idx") || (-n <= row && row < n)) return "";
  return "has " + std::to_string(n) + " rows; there is no row " + std::to_string(row) + " for padding";
}

std::string fault_of_table(const Shape& weight) {
  const bool is_table = !weight.known || weight.rank() == 2;
  return is_table ? "" : "takes a table of two dimensions as 'weight', not " + to_string(weight);
}

std::int64_t n_rows(const Shape& table) {
  return table.known && table.rank() > 0 && table.sizes[0].known() ? table.sizes[0].n : -1;
}

ShapeResult module_shape(const FittedCall& call) {
  ShapeResult result = embedded(call.input("input"), fixed_size(call.integer("embedding_dim")));
  result.fault = fault_of_padding(call, call.integer("num_embeddings"));
  return integers_checked(call, result);
}

ShapeResult function_shape(const FittedCall& call) {
  const Shape weight = call.input("weight");
  const bool is_table = weight.known && weight.rank() == 2;
  ShapeResult result = embedded(call.input("input"), is_table ? weight.sizes[1] : Size{});
  result.row_wise = result.row_wise && is_table && weight.sizes[0].known();
  result.fault = fault_of_table(weight);
  if (result.fault.empty()) result.fault = fault_of_padding(call, n_rows(weight));
  return integers_checked(call, result);
}

/// All offsets but the last, where the last bag ends: it is looked up among a zero for each place that there is, so
/// that one behind them all, or a negative one, fails.
std::string starts_of_bags(const std::string& input, const std::string& offsets) {
  return offsets + "[:-1] + torch.nn.functional.pad(" + input + " * 0, [0, 1]).index_select(0, " + offsets + "[-1:])";
}

/// With offsets the indices stand in one row; without, every row of a matrix is a bag. What lies behind a last offset
/// is cut off here: told of it, libtorch writes past its tensors where it is not the number of indices.
std::string bag_text(const FittedCall& call, const std::string& weight, const std::string& padding) {
  const std::string input = call.written("input"), given = call.written("offsets");
  const bool in_one_row = call.given("offsets"), has_end = call.boolean("include_last_offset");
  const std::string part = !in_one_row ? ".reshape([-1])" : has_end ? "[:" + given + "[-1]]" : "";
  const std::string rows = "(torch.ones_like(" + input + ".sum(1)).cumsum(0) - 1) * " + input + ".size(1)";
  const std::string offsets = !in_one_row ? rows : has_end ? starts_of_bags(input, given) : given;
  const std::string weights = call.written("per_sample_weights") + (call.given("per_sample_weights") ? part : "");
  return "torch.embedding_bag(" + weight + ", " + input + part + ", " + offsets + ", " +
         call.written("scale_grad_by_freq") + ", " + fill_in("{mode|index}", call) + ", False, " + weights +
         ", False, " + padding + ")[0]";
}

std::string bag_module_text(const FittedCall& call) {
  return bag_text(call, "$weight", call.given("padding_idx") ? std::to_string(padding_row(call)) : "None");
}

std::string bag_function_text(const FittedCall& call) {
  return bag_text(call, call.written("weight"), call.written("padding_idx"));
}

/// Indices in one row, with offsets that part them into bags, or a row of them for each bag.
std::string fault_of_bags(const FittedCall& call) {
  const Shape input = call.input("input");
  const Shape offsets = call.input("offsets");
  const bool in_one_row = call.given("offsets");
  if (!in_one_row && call.boolean("include_last_offset")) return "takes include_last_offset: true with 'offsets' only";
  if (in_one_row && offsets.known && offsets.rank() != 1)
    return "takes one row of numbers as 'offsets', not a tensor of shape " + to_string(offsets);
  if (!input.known || input.rank() == (in_one_row ? 1 : 2)) return "";
  return "takes " +
         std::string(in_one_row ? "one row of indices with 'offsets'" : "a row of indices for each bag, or 'offsets'") +
         ", not a tensor of shape " + to_string(input);
}

ShapeResult bag_shape(const FittedCall& call) {
  const Shape input = call.input("input"), weight = call.input("weight");
  const bool is_module = find_argument(call, "embedding_dim").part != nullptr;
  std::string fault = fault_of_table(weight);
  if (fault.empty()) fault = fault_of_padding(call, is_module ? call.integer("num_embeddings") : n_rows(weight));
  if (fault.empty()) fault = fault_of_bags(call);
  if (!fault.empty()) return integers_checked(call, faulty(fault));
  if (!input.known || call.given("offsets")) return integers_checked(call, {});
  const Size width = is_module                            ? fixed_size(call.integer("embedding_dim"))
                     : weight.known && weight.rank() == 2 ? weight.sizes[1]
                                                          : Size{};
  const bool fixed = is_module || (weight.known && weight.rank() > 0 && weight.sizes[0].known());
  return integers_checked(call, {{make_shape({input.sizes[0], width})}, fixed, ""});
}

/// `max_norm` would change the weights while they are read.
constexpr const char* kBagOptions =
    "Literal[None] max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, "
    "Literal['sum','mean','max'] mode='mean', Literal[False] sparse=False";

}  // namespace

void add_embeddings(std::vector<TargetRow>& rows) {
  const std::string options =
      "Optional[int] padding_idx=None, Literal[None] max_norm=None, float norm_type=2.0, "
      "bool scale_grad_by_freq=False, Literal[False] sparse=False)";
  TargetRow row;
  row.signature = "torch.nn.functional.embedding(Tensor input, Tensor weight, " + options + " -> Tensor";
  row.write = function_text;
  row.shape = function_shape;
  rows.push_back(row);
  row.signature = "torch.nn.Embedding(int num_embeddings, int embedding_dim, " + options;
  row.forward = "forward(Tensor input) -> Tensor";
  row.write = module_text;
  row.shape = module_shape;
  row.parameters = embedding_parameters;
  rows.push_back(row);
  row.signature = "torch.nn.EmbeddingBag(int num_embeddings, int embedding_dim, " + std::string(kBagOptions) +
                  ", Literal[None] _weight=None, bool include_last_offset=False, Optional[int] padding_idx=None)";
  row.forward =
      "forward(Tensor input, Optional[Tensor] offsets=None, Optional[Tensor] per_sample_weights=None) -> Tensor";
  row.write = bag_module_text;
  row.shape = bag_shape;
  rows.push_back(row);
  row = TargetRow{};
  row.signature = "torch.nn.functional.embedding_bag(Tensor input, Tensor weight, Optional[Tensor] offsets=None, " +
                  std::string(kBagOptions) +
                  ", Optional[Tensor] per_sample_weights=None, bool include_last_offset=False, "
                  "Optional[int] padding_idx=None) -> Tensor";
  row.write = bag_function_text;
  row.shape = bag_shape;
  rows.push_back(row);
}

}  // namespace kiln
