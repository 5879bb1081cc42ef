#include <fmt/format.h>

#include <algorithm>

#include "operators/operator_text.h"

namespace kiln {
namespace {

std::int64_t weight_size(const Linear& op, const LinearPath& path) {
  return static_cast<std::int64_t>(op.in.blocks[path.in_block].mul) * std::max(op.n_attributes, 1) *
         op.out.blocks[path.out_block].mul;
}

/// The weight of each path, flat: one split of the whole where the paths fill it one after another.
std::vector<std::string> write_path_weights(const Linear& op, TextCall& call) {
  const std::string flat = call.out.weight(op.weight);
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  std::int64_t filled = 0;
  bool in_order = true;
  for (std::size_t p = 0; p < op.paths.size(); ++p) {
    in_order = in_order && op.paths[p].weight_offset == filled;
    sizes.push_back(weight_size(op, op.paths[p]));
    names.push_back(fmt::format("{}_weight{}", call.name, p));
    filled += sizes.back();
  }
  if (in_order && op.paths.size() == 1) return {flat};
  if (in_order && op.paths.size() > 1)
    return call.out.assign(names, fmt::format("{}.split([{}], 0)", flat, text_list(sizes)));
  for (std::size_t p = 0; p < op.paths.size(); ++p) {
    names[p] =
        call.out.assign(names[p], fmt::format("{}.narrow(0, {}, {})", flat, op.paths[p].weight_offset, sizes[p]));
  }
  return names;
}

/// How attributes enter: not at all, by looking up the species' weights, or as an outer product with the input.
enum class AttributeUse { none, look_up, outer };

AttributeUse attribute_use(const Linear& op, const TextCall& call) {
  if (op.n_attributes == 0) return AttributeUse::none;
  const bool one_hot = !call.inputs[1]->species.empty();
  if (one_hot && op.n_attributes == 1) return AttributeUse::none;  // the one attribute is 1
  return one_hot && op.n_attributes > 8 ? AttributeUse::look_up : AttributeUse::outer;
}

std::string write_path(const Linear& op, const LinearPath& path, const std::string& flat, AttributeUse use,
                       TextCall& call) {
  const IrrepBlock& in = op.in.blocks[path.in_block];
  const int n = std::max(op.n_attributes, 1), mul_out = op.out.blocks[path.out_block].mul;
  const bool is_vector = in.irrep.l > 0;
  const std::string& x = cast_blocks(*call.inputs[0], call.out, call.name + "_in")[path.in_block];
  if (use == AttributeUse::look_up) {
    const std::string weights =
        fmt::format("{}.view({}, {}, {}).index_select(1, {}).transpose(0, 1)",
                    text_scaled(flat, path.scale).insert(0, "(") + ")", in.mul, n, mul_out, call.inputs[1]->species);
    return is_vector ? fmt::format("torch.bmm({}, {})", x, weights)
                     : fmt::format("torch.bmm({}.unsqueeze(1), {}).squeeze(1)", x, weights);
  }
  const std::string matrix = text_scaled(fmt::format("{}.view({}, {})", flat, in.mul * n, mul_out), path.scale);
  if (use == AttributeUse::none) return fmt::format("torch.matmul({}, {})", x, matrix);
  const std::string attributes = cast_rows(*call.inputs[1], call.out, call.name + "_attributes");
  const std::string both = fmt::format("({}.unsqueeze({}) * {}{}).flatten({})", x, is_vector ? 3 : 2, attributes,
                                       is_vector ? ".unsqueeze(1).unsqueeze(1)" : ".unsqueeze(1)", is_vector ? 2 : 1);
  return fmt::format("torch.matmul({}, {})", both, matrix);
}

std::string zero_block(const IrrepBlock& block, const std::string& like) {
  if (block.irrep.l == 0) return fmt::format("{0}.new_zeros([{0}.size(0), {1}])", like, block.mul);
  return fmt::format("{0}.new_zeros([{0}.size(0), {1}, {2}])", like, block.irrep.dim(), block.mul);
}

}  // namespace

void write_text(const Linear& op, TextCall& call) {
  const std::vector<std::string> weights = write_path_weights(op, call);
  const AttributeUse use = attribute_use(op, call);
  const std::string like = cast_blocks(*call.inputs[0], call.out, call.name + "_in")[0];
  for (int b = 0; b < static_cast<int>(op.out.blocks.size()); ++b) {
    std::string sum;
    for (std::size_t p = 0; p < op.paths.size(); ++p) {
      if (op.paths[p].out_block != b) continue;
      sum += (sum.empty() ? "" : " + ") + write_path(op, op.paths[p], weights[p], use, call);
    }
    const IrrepBlock& block = op.out.blocks[b];
    const std::string name = fmt::format("{}_{}{}", call.name, block.irrep.l, block.irrep.parity > 0 ? "e" : "o");
    call.output.blocks.push_back(call.out.assign(name, sum.empty() ? zero_block(block, like) : sum));
  }
}

}  // namespace kiln
