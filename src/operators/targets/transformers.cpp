#include "operators/targets/attention_shapes.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

// Layers of Vaswani et al., Attention is all you need (2017), as torch.nn.TransformerEncoderLayer and
// TransformerDecoderLayer compute them: attention and a feed-forward network, each added to what it reads, with a
// LayerNorm before or behind.

// --- weights ---

/// torch draws the biases of a MultiheadAttention's output, too, and then sets them to zero, as the bound does here.
void add_attention_parameters(const std::string& module, std::int64_t n, std::vector<CallParameter>& parameters) {
  const std::int64_t all = product({3, n});
  parameters.push_back(uniform_parameter(module + ".out_proj.weight", {n, n}, kaiming_bound(n)));
  parameters.push_back(uniform_parameter(module + ".out_proj.bias", {n}, 0.0));
  parameters.push_back(xavier_parameter(module + ".in_proj_weight", all, n));
  parameters.push_back(constant_parameter(module + ".in_proj_bias", {all}, 0.0));
}

void add_linear_parameters(const std::string& module, std::int64_t out, std::int64_t in,
                           std::vector<CallParameter>& parameters) {
  parameters.push_back(uniform_parameter(module + ".weight", {out, in}, kaiming_bound(in)));
  parameters.push_back(uniform_parameter(module + ".bias", {out}, inverse_root(in)));
}

/// In the order of torch's draws.
std::vector<CallParameter> parameters_of(const FittedCall& call, const std::vector<std::string>& attentions) {
  const std::int64_t n = call.integer("d_model"), hidden = call.integer("dim_feedforward");
  std::vector<CallParameter> parameters;
  for (const std::string& module : attentions) add_attention_parameters(module, n, parameters);
  add_linear_parameters("linear1", hidden, n, parameters);
  add_linear_parameters("linear2", n, hidden, parameters);
  for (std::size_t k = 0; k <= attentions.size(); ++k) {
    const std::string norm = "norm" + std::to_string(k + 1);
    parameters.push_back(constant_parameter(norm + ".weight", {n}, 1.0));
    parameters.push_back(constant_parameter(norm + ".bias", {n}, 0.0));
  }
  return parameters;
}

std::vector<CallParameter> encoder_parameters(const FittedCall& call) { return parameters_of(call, {"self_attn"}); }

std::vector<CallParameter> decoder_parameters(const FittedCall& call) {
  return parameters_of(call, {"self_attn", "multihead_attn"});
}

// --- text ---

/// Attention of `rows` to themselves, or to a memory. `masks`: templates of the mask and the padding mask.
std::string attended(const std::string& rows, const std::string& memory, const std::string& module,
                     const std::string& norm, const std::string& masks) {
  std::string text = "$attended_of(" + rows + ", " + memory;
  for (const char* weight : {"_in_proj_weight", "_in_proj_bias", "_out_proj_weight", "_out_proj_bias"})
    text += ", $" + module + weight;
  return text + ", $" + norm + "_weight, $" + norm + "_bias, " + masks +
         ", {nhead}, {batch_first}, {norm_first}, {layer_norm_eps}, {dropout}, $training)";
}

std::string fed_forward(const std::string& rows, const std::string& norm) {
  return "$fed_forward_of(" + rows + ", $linear1_weight, $linear1_bias, $linear2_weight, $linear2_bias, $" + norm +
         "_weight, $" + norm + "_bias, {activation|index}, {norm_first}, {layer_norm_eps}, {dropout}, $training)";
}

std::string encoder_text() {
  return fed_forward(attended("{src}", "None", "self_attn", "norm1", "{src_mask}, {src_key_padding_mask}"), "norm2");
}

std::string decoder_text() {
  const std::string rows = attended("{tgt}", "None", "self_attn", "norm1", "{tgt_mask}, {tgt_key_padding_mask}");
  return fed_forward(attended(rows, "{memory}", "multihead_attn", "norm2", "{memory_mask}, {memory_key_padding_mask}"),
                     "norm3");
}

// --- shapes ---

Attention attention_of(const FittedCall& call, const std::string& queries, const std::string& sources) {
  Attention attention;
  attention.embed_dim = call.integer("d_model");
  attention.num_heads = call.integer("nhead");
  attention.batch_first = call.boolean("batch_first");
  for (const std::string& name : {queries, sources, sources})
    attention.rows.push_back({name, call.input(name), attention.embed_dim});
  attention.mask = sources + "_mask";
  attention.padding_mask = sources + "_key_padding_mask";
  return attention;
}

ShapeResult encoder_shape(const FittedCall& call) {
  const Attention attention = attention_of(call, "src", "src");
  ShapeResult result = attention_faults(call, attention);
  if (result.fault.empty()) result.shapes = {attended_shape(attention)};
  return result;
}

ShapeResult decoder_shape(const FittedCall& call) {
  const Attention own = attention_of(call, "tgt", "tgt"), other = attention_of(call, "tgt", "memory");
  ShapeResult result = attention_faults(call, own);
  if (result.fault.empty()) result = attention_faults(call, other);
  if (result.fault.empty()) result.shapes = {attended_shape(other)};
  return result;
}

/// A constructor with the arguments of both.
std::string constructor(const std::string& name) {
  return "torch.nn." + name +
         "(int d_model, int nhead, int dim_feedforward=2048, float dropout=0.1, Literal['relu','gelu'] "
         "activation='relu', float layer_norm_eps=1e-05, bool batch_first=False, bool norm_first=False)";
}

}  // namespace

void add_transformers(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.random = true;  // dropout
  row.signature = constructor("TransformerEncoderLayer");
  row.forward =
      "forward(Tensor src, Optional[Tensor] src_mask=None, Optional[Tensor] src_key_padding_mask=None) -> Tensor";
  row.expression = encoder_text();
  row.shape = encoder_shape;
  row.parameters = encoder_parameters;
  rows.push_back(row);
  row.signature = constructor("TransformerDecoderLayer");
  row.forward =
      "forward(Tensor tgt, Tensor memory, Optional[Tensor] tgt_mask=None, Optional[Tensor] memory_mask=None, "
      "Optional[Tensor] tgt_key_padding_mask=None, Optional[Tensor] memory_key_padding_mask=None) -> Tensor";
  row.expression = decoder_text();
  row.shape = decoder_shape;
  row.parameters = decoder_parameters;
  rows.push_back(row);
}

}  // namespace kiln
