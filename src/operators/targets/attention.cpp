#include <cmath>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

// --- weights ---

double xavier_deviation(std::int64_t out, std::int64_t in) { return std::sqrt(2.0 / static_cast<double>(in + out)); }

/// torch.nn.init.xavier_uniform_: on [-bound, bound).
CallParameter xavier_parameter(std::string name, std::int64_t out, std::int64_t in) {
  return uniform_parameter(std::move(name), {out, in}, std::sqrt(3.0) * xavier_deviation(out, in));
}

/// Columns of queries, keys or values.
std::int64_t columns_of(const FittedCall& call, const std::string& argument) {
  const std::int64_t n = call.integer("embed_dim");
  return argument == "query" ? n : call.integer(argument == "key" ? "kdim" : "vdim", n);
}

/// One weight for queries, keys and values if all have the same columns.
bool is_packed(const FittedCall& call) {
  const std::int64_t n = call.integer("embed_dim");
  return columns_of(call, "key") == n && columns_of(call, "value") == n;
}

/// "query" -> "q_proj_weight".
std::string weight_of(const std::string& argument) { return argument.substr(0, 1) + "_proj_weight"; }

/// In the order of torch's draws. It draws a bias of the output, too, and then sets it to zero, as the bound does here.
std::vector<CallParameter> attention_parameters(const FittedCall& call) {
  const std::int64_t n = call.integer("embed_dim"), all = product({3, n});
  const bool bias = call.boolean("bias");
  std::vector<CallParameter> parameters = {uniform_parameter("out_proj.weight", {n, n}, kaiming_bound(n))};
  if (bias) parameters.push_back(uniform_parameter("out_proj.bias", {n}, 0.0));
  if (is_packed(call)) {
    parameters.push_back(xavier_parameter("in_proj_weight", all, n));
  } else {
    for (const char* argument : {"query", "key", "value"})
      parameters.push_back(xavier_parameter(weight_of(argument), n, columns_of(call, argument)));
  }
  if (bias) parameters.push_back(constant_parameter("in_proj_bias", {all}, 0.0));
  if (!call.boolean("add_bias_kv")) return parameters;
  for (const char* name : {"bias_k", "bias_v"})
    parameters.push_back(normal_parameter(name, {1, 1, n}, xavier_deviation(n, n)));
  return parameters;
}

// --- text ---

/// Queries, keys or values (place 0, 1, 2) in the space of the heads.
std::string projected(const FittedCall& call, const char* argument, int place) {
  const std::string part = ".chunk(3)[" + std::to_string(place) + "]";
  const std::string weight = is_packed(call) ? "$in_proj_weight" + part : "$" + weight_of(argument);
  const std::string bias = call.boolean("bias") ? "$in_proj_bias" + part : "None";
  return "torch.nn.functional.linear(" + call.written(argument) + ", " + weight + ", " + bias + "), ";
}

std::string attention_text(const FittedCall& call) {
  return "$attention_of(" + projected(call, "query", 0) + projected(call, "key", 1) + projected(call, "value", 2) +
         fill_in(
             "$out_proj_weight, $out_proj_bias, $bias_k, $bias_v, {key_padding_mask}, {attn_mask}, {num_heads}, "
             "{batch_first}, {add_zero_attn}, {dropout}, $training)",
             call);
}

// --- shapes ---

/// (steps, batch, columns), with `batch_first` (batch, steps, columns), or one sequence (steps, columns).
struct Sequences {
  Size steps, batch, columns;
};

Sequences sequences_of(const FittedCall& call, const Shape& shape) {
  if (!shape.known) return {};
  if (shape.rank() == 2) return {shape.sizes[0], fixed_size(1), shape.sizes[1]};
  const int steps = call.boolean("batch_first") ? 1 : 0;
  return {shape.sizes[steps], shape.sizes[1 - steps], shape.sizes[2]};
}

std::string fault_of_columns(const FittedCall& call, const std::string& argument) {
  const Size columns = sequences_of(call, call.input(argument)).columns;
  const std::int64_t expected = columns_of(call, argument);
  if (!columns.known() || columns.n == expected) return "";
  return "takes " + std::to_string(expected) + " columns in '" + argument + "', not " + std::to_string(columns.n);
}

/// Has it as many dimensions as the queries, or the other tensors, and fitting ones? Keys and values share their steps.
std::string fault_of_pair(const FittedCall& call, const std::string& first, const std::string& second) {
  const Shape a = call.input(first), b = call.input(second);
  if (!a.known || !b.known) return "";
  const std::string both = "'" + first + "' and '" + second + "'";
  const std::string shapes = ", not shapes " + to_string(a) + " and " + to_string(b);
  if (a.rank() != b.rank()) return "takes as many dimensions in " + both + shapes;
  const Sequences rows = sequences_of(call, a), others = sequences_of(call, b);
  if (!may_equal(rows.batch, others.batch)) return "takes the same batch in " + both + shapes;
  const bool share_steps = first == "key";
  return share_steps && !may_equal(rows.steps, others.steps) ? "takes as many steps in " + both + shapes : "";
}

std::string fault_of_rank(const FittedCall& call, const std::string& argument) {
  const Shape shape = call.input(argument);
  if (!shape.known || shape.rank() == 2 || shape.rank() == 3) return "";
  return "takes tensors of two or three dimensions as '" + argument + "', not of shape " + to_string(shape);
}

std::string fault_of_sequences(const FittedCall& call) {
  for (const auto fault_of : {fault_of_rank, fault_of_columns}) {
    for (const char* argument : {"query", "key", "value"}) {
      const std::string fault = fault_of(call, argument);
      if (!fault.empty()) return fault;
    }
  }
  for (const auto& [first, second] :
       {std::pair("query", "key"), std::pair("query", "value"), std::pair("key", "value")}) {
    const std::string fault = fault_of_pair(call, first, second);
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string fault_of_mask(const FittedCall& call, const std::string& name, const std::vector<Shape>& fitting) {
  const Shape mask = call.input(name);
  std::string expected;
  for (const Shape& shape : fitting) {
    if (may_equal(mask, shape)) return "";
    expected += (expected.empty() ? "" : " or ") + to_string(shape);
  }
  return "takes a tensor of shape " + expected + " as '" + name + "', not " + to_string(mask);
}

/// What the three tensors say together, each as far as it is known.
struct AttentionShape {
  bool known = false;
  bool single = false;  ///< one sequence, no batch
  Size batch, steps, sources;
};

/// A number if one of them is, else a symbol.
Size known_one(const Size& a, const Size& b) { return a.known() || (!b.known() && !a.symbol.empty()) ? a : b; }

AttentionShape shape_of_attention(const FittedCall& call) {
  AttentionShape all;
  for (const char* argument : {"query", "key", "value"}) {
    const Shape shape = call.input(argument);
    if (!shape.known) continue;
    const Sequences rows = sequences_of(call, shape);
    all.known = true;
    all.single = shape.rank() == 2;
    all.batch = known_one(all.batch, rows.batch);
    Size& steps = argument == std::string("query") ? all.steps : all.sources;
    steps = known_one(steps, rows.steps);
  }
  return all;
}

Size times(const Size& size, std::int64_t n) { return size.known() ? fixed_size(product({size.n, n})) : Size{}; }
Size plus(const Size& size, std::int64_t n) { return n == 0 ? size : size.known() ? fixed_size(size.n + n) : Size{}; }

ShapeResult mask_faults(const FittedCall& call, const AttentionShape& all) {
  const Size heads = times(all.batch, call.integer("num_heads"));
  std::string fault = fault_of_mask(
      call, "attn_mask", {make_shape({all.steps, all.sources}), make_shape({heads, all.steps, all.sources})});
  const std::vector<Shape> of_one = {make_shape({all.sources})}, of_batch = {make_shape({all.batch, all.sources})};
  const std::vector<Shape> either = {of_one[0], make_shape({Size{}, all.sources})};
  if (fault.empty())
    fault = fault_of_mask(call, "key_padding_mask", !all.known ? either : all.single ? of_one : of_batch);
  if (!fault.empty()) return faulty(fault);
  if (call.holds_reals("attn_mask") && call.holds_reals("key_padding_mask"))
    return wrong_kind("takes true and false as 'key_padding_mask' beside an 'attn_mask' of real numbers");
  return {};
}

/// The rows of the queries, and how much each takes of which step, on average over the heads.
ShapeResult attention_shape(const FittedCall& call) {
  const std::string fault = fault_of_sequences(call);
  if (!fault.empty()) return faulty(fault);
  const AttentionShape all = shape_of_attention(call);
  ShapeResult result = mask_faults(call, all);
  if (!result.fault.empty() || !all.known) return result;
  const Size columns = fixed_size(call.integer("embed_dim"));
  const Size sources =
      plus(all.sources, (call.boolean("add_bias_kv") ? 1 : 0) + (call.boolean("add_zero_attn") ? 1 : 0));
  if (all.single) {
    result.shapes = {make_shape({all.steps, columns}), make_shape({all.steps, sources})};
  } else {
    const bool batch_first = call.boolean("batch_first");
    result.shapes = {make_shape({batch_first ? all.batch : all.steps, batch_first ? all.steps : all.batch, columns}),
                     make_shape({all.batch, all.steps, sources})};
  }
  return result;
}

}  // namespace

void add_attention(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature =
      "torch.nn.MultiheadAttention(int embed_dim, int num_heads, float dropout=0.0, bool bias=True, bool "
      "add_bias_kv=False, bool add_zero_attn=False, Optional[int] kdim=None, Optional[int] vdim=None, bool "
      "batch_first=False)";
  row.forward =
      "forward(Tensor query, Tensor key, Tensor value, Optional[Tensor] key_padding_mask=None, *Optional[Tensor] "
      "attn_mask=None) -> Tensor, Tensor";
  row.write = attention_text;
  row.shape = attention_shape;
  row.parameters = attention_parameters;
  row.random = true;  // dropout of what is taken
  rows.push_back(row);
}

}  // namespace kiln
