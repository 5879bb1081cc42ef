#include <fmt/format.h>

#include <algorithm>

#include "kernels/wigner_3j.h"
#include "operators/operator_text.h"

namespace kiln {
namespace {

/// Paths that read one block of the sender. Their messages are one product: for each receiver,
///   coupling^T [sum of M, slots * m1]  x  messages [slots * m1, paths * channels],
/// of which each path keeps its own rows and columns (the mask). No array of size edges x paths x channels x M is made.
struct PathGroup {
  int in_block = 0;
  std::vector<const ConvolutionPath*> paths;  ///< by radial offset
  int mul = 0, m1 = 1;
  std::int64_t n_rows = 0;  ///< sum over the paths of 2 l_out + 1

  std::int64_t n_radial() const { return static_cast<std::int64_t>(paths.size()) * mul; }
};

std::vector<PathGroup> group_paths(const EdgeConvolution& op) {
  std::vector<PathGroup> groups;
  for (int block = 0; block < static_cast<int>(op.sender.blocks.size()); ++block) {
    PathGroup group{block, {}, op.sender.blocks[block].mul, op.sender.blocks[block].irrep.dim(), 0};
    for (const ConvolutionPath& path : op.paths) {
      if (path.in_block != block) continue;
      group.paths.push_back(&path);
      group.n_rows += path.irrep.dim();
    }
    const auto by_offset = [](const auto* a, const auto* b) { return a->radial_offset < b->radial_offset; };
    std::stable_sort(group.paths.begin(), group.paths.end(), by_offset);
    if (!group.paths.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

bool is_contiguous(const PathGroup& group) {
  for (std::size_t p = 0; p < group.paths.size(); ++p) {
    if (group.paths[p]->radial_offset != group.paths[0]->radial_offset + static_cast<int>(p) * group.mul) return false;
  }
  return true;
}

std::string radial_slice(const std::string& radial, int offset, std::int64_t size) {
  return fmt::format("{}.narrow(1, {}, {})", radial, offset, size);
}

/// The radial functions of each group, [n_slots, paths * channels].
std::vector<std::string> write_group_radials(const EdgeConvolution& op, const std::vector<PathGroup>& groups,
                                             const std::string& radial, TextCall& call) {
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  std::int64_t filled = 0;
  bool in_order = true;
  for (const PathGroup& group : groups) {
    in_order = in_order && is_contiguous(group) && group.paths[0]->radial_offset == filled;
    sizes.push_back(group.n_radial());
    names.push_back(fmt::format("{}_radial{}", call.name, group.in_block));
    filled += group.n_radial();
  }
  in_order = in_order && filled == op.n_radial;
  if (in_order && groups.size() == 1) return {radial};
  if (in_order) return call.out.assign(names, fmt::format("{}.split([{}], 1)", radial, text_list(sizes)));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<std::string> parts;
    for (const ConvolutionPath* path : groups[g].paths)
      parts.push_back(radial_slice(radial, path->radial_offset, path->mul));
    names[g] = call.out.assign(names[g], is_contiguous(groups[g])
                                             ? radial_slice(radial, groups[g].paths[0]->radial_offset, sizes[g])
                                             : "torch.cat([" + text_list(parts) + "], 1)");
  }
  return names;
}

/// [(lmax + 1)^2, m1 * sum of M]: harmonics -> coefficient * C^{l1 l2 l3}_{m1 m2 M} summed over m2.
std::vector<double> coupling_table(const EdgeConvolution& op, const PathGroup& group) {
  const std::size_t n_columns = static_cast<std::size_t>(group.m1) * group.n_rows;
  std::vector<double> table((op.lmax + 1) * (op.lmax + 1) * n_columns, 0.0);
  std::int64_t first = 0;
  for (const ConvolutionPath* path : group.paths) {
    const int l1 = op.sender.blocks[group.in_block].irrep.l, l2 = path->l_edge;
    for (const CouplingTerm& term : wigner_3j(l1, l2, path->irrep.l)) {
      table[(l2 * l2 + term.m2) * n_columns + term.m1 * group.n_rows + first + term.m3] +=
          path->coefficient * term.value;
    }
    first += path->irrep.dim();
  }
  return table;
}

/// [sum of M, paths, 1]: 1 where the row belongs to the path.
std::vector<double> path_mask(const PathGroup& group) {
  std::vector<double> mask;
  for (std::size_t p = 0; p < group.paths.size(); ++p) {
    for (int m = 0; m < group.paths[p]->irrep.dim(); ++m) {
      for (std::size_t q = 0; q < group.paths.size(); ++q) mask.push_back(p == q ? 1.0 : 0.0);
    }
  }
  return mask;
}

/// Messages summed at their receivers: one variable [n_atoms, 2 l_out + 1, mul] per path of the group.
std::vector<std::string> write_group(const EdgeConvolution& op, const PathGroup& group, const std::string& radial,
                                     const std::string& harmonics, TextCall& call) {
  TextWriter& out = call.out;
  const TextEdges& edges = *call.edges;
  const auto n_paths = static_cast<std::int64_t>(group.paths.size());
  const std::string stem = fmt::format("{}_{}", call.name, group.in_block);
  const std::string& sender = cast_blocks(*call.inputs[0], out, call.name + "_in")[group.in_block];
  const std::string rows =
      fmt::format("{}.size(0), {}{}", edges.centers, edges.width, group.m1 > 1 ? fmt::format(" * {}", group.m1) : "");

  const std::string gathered =
      out.assign(stem + "_sender", fmt::format("{}.index_select(0, {})", sender, edges.sender));
  const std::string product =
      group.m1 > 1 ? fmt::format("{}.unsqueeze(2) * {}.reshape(-1, 1, {}, {})", gathered, radial, n_paths, group.mul)
                   : fmt::format("{}.unsqueeze(1) * {}.reshape(-1, {}, {})", gathered, radial, n_paths, group.mul);
  const std::string messages =
      out.assign(stem + "_messages", fmt::format("({}).view({}, {})", product, rows, group.n_radial()));
  const std::string table =
      out.real_table("coupling", {(op.lmax + 1) * (op.lmax + 1), group.m1 * group.n_rows}, coupling_table(op, group));
  const std::string coupling = out.share(
      stem + "_coupling", fmt::format("torch.matmul({}, {}).view({}, {})", harmonics, table, rows, group.n_rows));
  std::string sum = out.assign(stem + "_sum", fmt::format("torch.bmm({}.transpose(1, 2), {})", coupling, messages));
  if (n_paths > 1) {
    const std::string mask = out.real_table("own_path", {group.n_rows, n_paths, 1}, path_mask(group));
    sum = out.assign(stem + "_own",
                     fmt::format("({}.view(-1, {}, {}, {}) * {}).sum(2)", sum, group.n_rows, n_paths, group.mul, mask));
  }
  sum = out.assign(stem + "_atoms", fmt::format("{0}.new_zeros([n_atoms, {1}, {2}]).index_add(0, {3}, {0})", sum,
                                                group.n_rows, group.mul, edges.centers));
  if (n_paths == 1) return {sum};
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  for (std::size_t p = 0; p < group.paths.size(); ++p) {
    sizes.push_back(group.paths[p]->irrep.dim());
    names.push_back(fmt::format("{}_path{}", stem, p));
  }
  return out.assign(names, fmt::format("{}.split([{}], 1)", sum, text_list(sizes)));
}

/// One block of the output from the paths that lead to it, in the order of their channels; zeros where none does.
std::string write_block(const IrrepBlock& block, std::vector<std::pair<const ConvolutionPath*, std::string>> slots,
                        const std::string& like, const std::string& name, TextCall& call) {
  std::sort(slots.begin(), slots.end(),
            [](const auto& a, const auto& b) { return a.first->out_channel < b.first->out_channel; });
  const auto zeros = [&](int mul) {
    return fmt::format("{}.new_zeros([n_atoms, {}, {}])", like, block.irrep.dim(), mul);
  };
  std::vector<std::string> parts;
  int filled = 0;
  for (const auto& [path, variable] : slots) {
    if (path->out_channel > filled) parts.push_back(zeros(path->out_channel - filled));
    parts.push_back(variable);
    filled = path->out_channel + path->mul;
  }
  if (filled < block.mul) parts.push_back(zeros(block.mul - filled));
  std::string whole = parts.size() == 1 ? parts[0] : "torch.cat([" + text_list(parts) + "], 2)";
  if (block.irrep.l == 0) whole += ".squeeze(1)";
  return call.out.assign(name, whole);
}

}  // namespace

void write_text(const EdgeConvolution& op, TextCall& call) {
  const std::string harmonics = cast_rows(*call.inputs[1], call.out, call.name);
  const std::string radial = cast_rows(*call.inputs[2], call.out, call.name);
  const std::vector<PathGroup> groups = group_paths(op);
  const std::vector<std::string> radials = write_group_radials(op, groups, radial, call);
  std::vector<std::vector<std::pair<const ConvolutionPath*, std::string>>> slots(op.out.blocks.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::vector<std::string> sums = write_group(op, groups[g], radials[g], harmonics, call);
    for (std::size_t p = 0; p < sums.size(); ++p)
      slots[groups[g].paths[p]->out_block].emplace_back(groups[g].paths[p], sums[p]);
  }
  for (std::size_t b = 0; b < op.out.blocks.size(); ++b) {
    const IrrepBlock& block = op.out.blocks[b];
    const std::string name = fmt::format("{}_{}{}", call.name, block.irrep.l, block.irrep.parity > 0 ? "e" : "o");
    call.output.blocks.push_back(write_block(block, slots[b], radial, name, call));
  }
}

}  // namespace kiln
