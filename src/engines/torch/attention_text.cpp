#include "engines/torch/method_text.h"

namespace kiln {
namespace {

/// What torch's functional.multi_head_attention_forward refuses, of queries, keys and values (steps, batch, columns).
constexpr const char* kChecks[] = {
    "assert query.dim() == 2 or query.dim() == 3, 'attention is for tensors of two or three dimensions'",
    "assert key.dim() == query.dim() and value.dim() == query.dim(), 'queries, keys and values need as many "
    "dimensions'",
    "single = query.dim() == 2",
    "if single:",
    "    query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)",
    "elif batch_first:",
    "    query, key, value = query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1)",
    "n_steps, n_batch, n_columns = query.size(0), query.size(1), query.size(2)",
    "assert key.size(0) == value.size(0), 'keys and values need as many steps'",
    "assert key.size(1) == n_batch and value.size(1) == n_batch, 'queries, keys and values need the same batch'",
};

/// One mask of truth values or of what is added, (batch x heads or 1, steps or 1, sources), from both.
constexpr const char* kMask[] = {
    "mask = attn_mask",
    "if mask is not None:",
    "    if mask.dtype == torch.uint8:",
    "        mask = mask.to(torch.bool)",
    "    assert mask.dtype == torch.bool or mask.is_floating_point(), 'attn_mask needs truth values or real numbers'",
    "    sizes = [n_batch * n_heads, n_steps, key.size(0)]",
    "    if mask.dim() == 2:",
    "        mask = mask.unsqueeze(0)",
    "        sizes[0] = 1",
    "    assert list(mask.size()) == sizes, "
    "'attn_mask needs a row per query and a column per key, once or for each head'",
    "if key_padding_mask is not None:",
    "    padding = key_padding_mask",
    "    assert padding.dtype == torch.bool or padding.is_floating_point(), "
    "'key_padding_mask needs truth values or real numbers'",
    "    if single:",
    "        padding = padding.unsqueeze(0)",
    "    assert list(padding.size()) == [n_batch, key.size(0)], 'key_padding_mask needs a number per key'",
    "    padding = padding.unsqueeze(1).repeat_interleave(n_heads, 0)",
    "    if mask is None:",
    "        mask = padding",
    "    elif mask.dtype == torch.bool:",
    "        mask = mask.logical_or(padding)",
    "    else:",
    "        mask = mask.masked_fill(padding, float('-inf'))",
};

constexpr const char* kAttention[] = {
    "n_sources = key.size(0)",
    "if bias_k is not None and bias_v is not None:",
    "    key, value = torch.cat([key, bias_k.repeat(1, n_batch, 1)]), torch.cat([value, bias_v.repeat(1, n_batch, 1)])",
    "if add_zeros:",
    "    zeros = key.new_zeros([1, n_batch, n_columns])",
    "    key, value = torch.cat([key, zeros]), torch.cat([value, zeros])",
    "width = n_columns // n_heads",
    "query = query.reshape([n_steps, n_batch * n_heads, width]).transpose(0, 1) / float(width) ** 0.5",
    "key = key.reshape([key.size(0), n_batch * n_heads, width]).permute([1, 2, 0])",
    "value = value.reshape([value.size(0), n_batch * n_heads, width]).transpose(0, 1)",
    "if mask is None:",
    "    taken = torch.bmm(query, key)",
    "else:",
    "    if mask.dtype == torch.bool:",
    "        mask = torch.zeros_like(mask, dtype=query.dtype).masked_fill(mask, float('-inf'))",
    "    mask = torch.constant_pad_nd(mask, [0, key.size(2) - n_sources], 0)",
    "    taken = torch.baddbmm(mask, query, key)",
    "taken = torch.softmax(taken, -1)",
    "if training and dropout > 0.0:",
    "    taken = torch.dropout(taken, dropout, True)",
    "rows = torch.bmm(taken, value).transpose(0, 1).reshape([n_steps, n_batch, n_columns])",
    "rows = torch.nn.functional.linear(rows, out_weight, out_bias)",
    "taken = taken.reshape([n_batch, n_heads, n_steps, key.size(2)]).sum([1]) / n_heads",
    "if single:",
    "    return rows.squeeze(1), taken.squeeze(0)",
    "if batch_first:",
    "    rows = rows.transpose(0, 1)",
    "return rows, taken",
};

}  // namespace

MethodText attention_method() {
  MethodText method;
  method.name = "attention_of";
  method.arguments = {"query: Tensor",
                      "key: Tensor",
                      "value: Tensor",
                      "out_weight: Tensor",
                      "out_bias: Optional[Tensor]",
                      "bias_k: Optional[Tensor]",
                      "bias_v: Optional[Tensor]",
                      "key_padding_mask: Optional[Tensor]",
                      "attn_mask: Optional[Tensor]",
                      "n_heads: int",
                      "batch_first: bool",
                      "add_zeros: bool",
                      "dropout: float",
                      "training: bool"};
  method.result = "Tuple[Tensor, Tensor]";
  method.lines.assign(std::begin(kChecks), std::end(kChecks));
  method.lines.insert(method.lines.end(), std::begin(kMask), std::end(kMask));
  method.lines.insert(method.lines.end(), std::begin(kAttention), std::end(kAttention));
  return method;
}

}  // namespace kiln
