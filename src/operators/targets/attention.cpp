#include "operators/targets/attention_shapes.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

// --- weights ---

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

Attention attention_of(const FittedCall& call) {
  Attention attention;
  attention.embed_dim = call.integer("embed_dim");
  attention.num_heads = call.integer("num_heads");
  attention.batch_first = call.boolean("batch_first");
  for (const char* name : {"query", "key", "value"})
    attention.rows.push_back({name, call.input(name), columns_of(call, name)});
  attention.mask = "attn_mask";
  attention.padding_mask = "key_padding_mask";
  return attention;
}

/// The rows of the queries, and how much each takes of which step, on average over the heads.
ShapeResult attention_shape(const FittedCall& call) {
  const Attention attention = attention_of(call);
  ShapeResult result = attention_faults(call, attention);
  if (!result.fault.empty()) return result;
  const AttentionSizes all = sizes_of(attention);
  if (!all.known) return result;
  const std::int64_t n_added = (call.boolean("add_bias_kv") ? 1 : 0) + (call.boolean("add_zero_attn") ? 1 : 0);
  const Size sources = all.sources.known() ? fixed_size(all.sources.n + n_added) : n_added == 0 ? all.sources : Size{};
  const Shape taken = all.single ? make_shape({all.steps, sources}) : make_shape({all.batch, all.steps, sources});
  result.shapes = {attended_shape(attention), taken};
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
