#include <fmt/format.h>

#include <map>

#include "kernels/symmetric_basis.h"
#include "operators/operator_text.h"

namespace kiln {
namespace {

using Monomial = std::vector<int>;

/// Everything of one degree: the monomials that any output needs and the rows (one per output, path and component M)
/// that are sums over them.
struct Degree {
  std::map<Monomial, std::size_t> column;
  std::vector<std::map<std::size_t, double>> rows;  ///< column -> coefficient
};

/// The rows of all degrees one after another, and what belongs to each.
struct Contraction {
  std::vector<Degree> degrees;
  std::vector<std::int64_t> path_of_row;  ///< into the concatenated weights
  std::vector<int> out_row_of_row;        ///< into the outputs' components, one after another
  std::vector<std::string> weights;       ///< names, [n_attributes, n_paths, channels] each
  std::int64_t n_paths = 0;
  int n_out_rows = 0;
};

void add_rows(const SymmetricBasis& basis, int first_out_row, Degree& degree, Contraction& all) {
  const int dim = 2 * basis.l_out + 1;
  for (int path = 0; path < basis.n_paths; ++path) {
    for (int m = 0; m < dim; ++m) {
      degree.rows.emplace_back();
      for (int t = 0; t < basis.n_monomials; ++t) {
        const double value = basis.coefficients[(static_cast<std::size_t>(path) * dim + m) * basis.n_monomials + t];
        if (value == 0.0) continue;
        const auto first = basis.monomials.begin() + static_cast<std::ptrdiff_t>(t) * basis.degree;
        const Monomial monomial(first, first + basis.degree);
        degree.rows.back()[degree.column.emplace(monomial, degree.column.size()).first->second] = value;
      }
      all.path_of_row.push_back(all.n_paths + path);
      all.out_row_of_row.push_back(first_out_row + m);
    }
  }
  all.n_paths += basis.n_paths;
}

Contraction collect(const SymmetricContraction& op) {
  Contraction all;
  all.degrees.resize(op.correlation);
  for (int nu = 1; nu <= op.correlation; ++nu) {
    int out_row = 0;
    for (std::size_t k = 0; k < op.out.size(); ++k) {
      if (!op.weights[k][nu - 1].empty()) {
        add_rows(symmetric_basis(op.lmax, op.out[k].l, op.out[k].parity, nu), out_row, all.degrees[nu - 1], all);
        all.weights.push_back(op.weights[k][nu - 1]);
      }
      out_row += op.out[k].dim();
    }
    all.n_out_rows = out_row;
  }
  // a monomial is made from the one without its last factor
  for (int nu = op.correlation; nu >= 2; --nu) {
    for (const auto& entry : all.degrees[nu - 1].column) {
      auto& lower = all.degrees[nu - 2].column;
      lower.emplace(Monomial(entry.first.begin(), entry.first.end() - 1), lower.size());
    }
  }
  return all;
}

std::vector<double> row_table(const Degree& degree) {
  std::vector<double> table(degree.rows.size() * degree.column.size(), 0.0);
  for (std::size_t r = 0; r < degree.rows.size(); ++r) {
    for (const auto& [column, value] : degree.rows[r]) table[r * degree.column.size() + column] = value;
  }
  return table;
}

/// Monomials of one degree, [n_monomials, n_atoms * channels].
std::string write_monomials(int nu, const Contraction& all, const std::string& lower, const std::string& components,
                            TextCall& call) {
  const Degree& degree = all.degrees[nu - 1];
  std::vector<std::int64_t> first(degree.column.size()), last(degree.column.size());
  for (const auto& [monomial, column] : degree.column) {
    last[column] = monomial.back();
    if (nu > 1)
      first[column] =
          static_cast<std::int64_t>(all.degrees[nu - 2].column.at(Monomial(monomial.begin(), monomial.end() - 1)));
  }
  std::string factor =
      fmt::format("{}.index_select(0, {})", components, call.out.index_table(fmt::format("factor{}", nu), last));
  if (nu > 1)
    factor = fmt::format("{}.index_select(0, {}) * {}", lower, call.out.index_table(fmt::format("lower{}", nu), first),
                         factor);
  return call.out.assign(fmt::format("{}_degree{}", call.name, nu), factor);
}

/// The polynomials of every path, [n_rows, n_atoms * channels].
std::string write_polynomials(const Contraction& all, const std::string& components, TextCall& call) {
  std::vector<std::string> parts;
  std::string monomials;
  for (std::size_t k = 0; k < all.degrees.size(); ++k) {
    const Degree& degree = all.degrees[k];
    if (degree.column.empty()) break;
    monomials = write_monomials(static_cast<int>(k) + 1, all, monomials, components, call);
    if (degree.rows.empty()) continue;
    const std::string table = call.out.real_table(
        fmt::format("paths{}", k + 1),
        {static_cast<std::int64_t>(degree.rows.size()), static_cast<std::int64_t>(degree.column.size())},
        row_table(degree));
    parts.push_back(call.out.assign(fmt::format("{}_paths{}", call.name, k + 1),
                                    fmt::format("torch.matmul({}, {})", table, monomials)));
  }
  return parts.size() == 1 ? parts[0]
                           : call.out.assign(call.name + "_paths", "torch.cat([" + text_list(parts) + "], 0)");
}

/// Weights of every row for every atom, [n_rows, n_atoms * channels].
std::string write_weights(const Contraction& all, TextCall& call) {
  TextWriter& out = call.out;
  std::vector<std::string> parts;
  for (const std::string& name : all.weights) parts.push_back(out.weight(name));
  const std::string whole = parts.size() == 1 ? parts[0] : "torch.cat([" + text_list(parts) + "], 1)";
  const std::string rows = out.assign(
      call.name + "_weights",
      fmt::format("{}.index_select(1, {}).transpose(0, 1)", whole, out.index_table("path_of_row", all.path_of_row)));
  TextField& attributes = *call.inputs[1];
  const std::string by_atom =
      attributes.species.empty()
          ? fmt::format("torch.matmul({}, {})", cast_rows(attributes, out, call.name + "_attributes"), rows)
          : fmt::format("{}.index_select(1, {})", rows, attributes.species);
  return out.assign(call.name + "_weights", fmt::format("{}.flatten(1)", by_atom));
}

/// [n_out_rows, n_rows]: 1 where the row contributes to the output's component.
std::vector<double> sum_table(const Contraction& all) {
  const std::size_t n = all.out_row_of_row.size();
  std::vector<double> table(all.n_out_rows * n, 0.0);
  for (std::size_t r = 0; r < n; ++r) table[all.out_row_of_row[r] * n + r] = 1.0;
  return table;
}

void write_output_blocks(const SymmetricContraction& op, const std::string& sums, TextCall& call) {
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  for (const Irrep& irrep : op.out) {
    sizes.push_back(irrep.dim());
    names.push_back(fmt::format("{}_{}{}", call.name, irrep.l, irrep.parity > 0 ? "e" : "o"));
  }
  std::vector<std::string> blocks = {sums};
  if (op.out.size() > 1) blocks = call.out.assign(names, fmt::format("{}.split([{}], 1)", sums, text_list(sizes)));
  for (std::size_t k = 0; k < op.out.size(); ++k) {
    call.output.blocks.push_back(op.out[k].l > 0 ? blocks[k] : call.out.assign(names[k], blocks[k] + ".squeeze(1)"));
  }
}

}  // namespace

void write_text(const SymmetricContraction& op, TextCall& call) {
  TextWriter& out = call.out;
  const std::vector<std::string> blocks = cast_blocks(*call.inputs[0], out, call.name + "_in");
  std::vector<std::string> parts = {blocks[0] + ".unsqueeze(1)"};
  parts.insert(parts.end(), blocks.begin() + 1, blocks.end());
  const std::string stacked = parts.size() == 1 ? parts[0] : "torch.cat([" + text_list(parts) + "], 1)";
  const std::string components =
      out.assign(call.name + "_components", fmt::format("{}.transpose(0, 1).flatten(1)", stacked));
  const Contraction all = collect(op);
  const std::string polynomials = write_polynomials(all, components, call);
  const std::string weights = write_weights(all, call);
  const auto n_rows = static_cast<std::int64_t>(all.path_of_row.size());
  const std::string table = out.real_table("sum_of_paths", {all.n_out_rows, n_rows}, sum_table(all));
  const std::string sums =
      out.assign(call.name + "_sums", fmt::format("torch.matmul({}, {} * {}).view({}, -1, {}).transpose(0, 1)", table,
                                                  polynomials, weights, all.n_out_rows, op.channels));
  write_output_blocks(op, sums, call);
}

}  // namespace kiln
