#include "engines/torch/method_text.h"

namespace kiln {

MethodText attended_method() {
  MethodText method;
  method.name = "attended_of";
  method.arguments = {"rows: Tensor",           "memory: Optional[Tensor]",
                      "in_weight: Tensor",      "in_bias: Tensor",
                      "out_weight: Tensor",     "out_bias: Tensor",
                      "norm_weight: Tensor",    "norm_bias: Tensor",
                      "mask: Optional[Tensor]", "padding_mask: Optional[Tensor]",
                      "n_heads: int",           "batch_first: bool",
                      "norm_first: bool",       "eps: float",
                      "dropout: float",         "training: bool"};
  method.result = "Tensor";
  method.lines = {
      "queries = rows",
      "if norm_first:",
      "    queries = torch.layer_norm(rows, norm_weight.size(), norm_weight, norm_bias, eps)",
      "sources = queries",
      "if memory is not None:",
      "    sources = memory",
      "weights, biases = in_weight.chunk(3), in_bias.chunk(3)",
      "query = torch.nn.functional.linear(queries, weights[0], biases[0])",
      "key = torch.nn.functional.linear(sources, weights[1], biases[1])",
      "value = torch.nn.functional.linear(sources, weights[2], biases[2])",
      "attended = self.attention_of(query, key, value, out_weight, out_bias, None, None, padding_mask, mask, n_heads, "
      "batch_first, False, dropout, training)[0]",
      "attended = rows + torch.dropout(attended, dropout, training)",
      "if norm_first:",
      "    return attended",
      "return torch.layer_norm(attended, norm_weight.size(), norm_weight, norm_bias, eps)",
  };
  return method;
}

MethodText fed_forward_method() {
  MethodText method;
  method.name = "fed_forward_of";
  method.arguments = {"rows: Tensor",     "weight1: Tensor",     "bias1: Tensor",     "weight2: Tensor",
                      "bias2: Tensor",    "norm_weight: Tensor", "norm_bias: Tensor", "activation: int",
                      "norm_first: bool", "eps: float",          "dropout: float",    "training: bool"};
  method.result = "Tensor";
  method.lines = {
      "hidden = rows",
      "if norm_first:",
      "    hidden = torch.layer_norm(rows, norm_weight.size(), norm_weight, norm_bias, eps)",
      "hidden = torch.nn.functional.linear(hidden, weight1, bias1)",
      "if activation == 0:",
      "    hidden = torch.relu(hidden)",
      "else:",
      "    hidden = torch.nn.functional.gelu(hidden)",
      "hidden = torch.nn.functional.linear(torch.dropout(hidden, dropout, training), weight2, bias2)",
      "rows = rows + torch.dropout(hidden, dropout, training)",
      "if norm_first:",
      "    return rows",
      "return torch.layer_norm(rows, norm_weight.size(), norm_weight, norm_bias, eps)",
  };
  return method;
}

}  // namespace kiln
