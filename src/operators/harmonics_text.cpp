#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

#include "kernels/wigner_3j.h"
#include "operators/operator_text.h"

namespace kiln {
namespace {

using Exponents = std::array<int, 3>;              ///< of x, y, z
using Polynomial = std::map<Exponents, double>;    ///< homogeneous
using Components = std::vector<Polynomial>;        ///< m = -l .. l
using Columns = std::map<Exponents, std::size_t>;  ///< place of a monomial

/// Y_l from Y_{l-1}: coupled with (x, y, z) through the 3j tensor, then scaled to sum_m Y_m^2 = 2l + 1 on the sphere.
/// At the pole, which is y, only m = 0 is there, and positive.
Components raise(const Components& lower, int l) {
  Components raised(2 * l + 1);
  for (const CouplingTerm& term : wigner_3j(l - 1, 1, l)) {
    for (const auto& [exponents, coefficient] : lower[term.m1]) {
      Exponents e = exponents;
      ++e[term.m2];
      raised[term.m3][e] += term.value * coefficient;
    }
  }
  const double scale = std::sqrt(2.0 * l + 1.0) / raised[l].at({0, l, 0});
  for (Polynomial& p : raised) {
    for (auto& [exponents, coefficient] : p) coefficient *= scale;
  }
  return raised;
}

double normalization_factor(HarmonicsNormalization normalization, int l) {
  switch (normalization) {
    case HarmonicsNormalization::component:
      return 1.0;
    case HarmonicsNormalization::integral:
      return 1.0 / std::sqrt(4.0 * M_PI);
    case HarmonicsNormalization::norm:
      return 1.0 / std::sqrt(2.0 * l + 1.0);
  }
  return 1.0;
}

/// All monomials of one degree, each as (monomial of degree - 1) * (one of x, y, z).
struct Monomials {
  std::vector<Exponents> list;
  std::vector<std::int64_t> lower, axis;
};

Monomials next_monomials(const std::vector<Exponents>& lower) {
  Monomials next;
  Columns known;
  for (std::size_t k = 0; k < lower.size(); ++k) {
    for (int axis = 0; axis < 3; ++axis) {
      Exponents e = lower[k];
      ++e[axis];
      if (!known.emplace(e, known.size()).second) continue;
      next.list.push_back(e);
      next.lower.push_back(static_cast<std::int64_t>(k));
      next.axis.push_back(axis);
    }
  }
  return next;
}

/// Writes the monomials of degree 0 .. lmax as rows of one array [n_monomials, n_edges] and appends them to `all`.
std::string write_monomials(int lmax, const std::string& unit, const std::string& one, TextCall& call,
                            std::vector<Exponents>& all) {
  all = {{0, 0, 0}};
  std::vector<std::string> parts = {one};
  std::vector<Exponents> lower = all;
  std::string previous;
  for (int degree = 1; degree <= lmax; ++degree) {
    const Monomials next = next_monomials(lower);
    if (degree == 1) {
      previous = unit;
    } else {
      const std::string stem = "monomials" + std::to_string(degree);
      previous = call.out.assign(call.name + "_" + stem,
                                 fmt::format("{}.index_select(0, {}) * {}.index_select(0, {})", previous,
                                             call.out.index_table(stem + "_lower", next.lower), unit,
                                             call.out.index_table(stem + "_axis", next.axis)));
    }
    parts.push_back(previous);
    all.insert(all.end(), next.list.begin(), next.list.end());
    lower = next.list;
  }
  return "torch.cat([" + text_list(parts) + "], 0)";
}

/// [n_monomials, (lmax + 1)^2]: monomials -> harmonics.
std::vector<double> harmonics_table(const Harmonics& op, const std::vector<Exponents>& monomials) {
  Columns column;
  for (const Exponents& e : monomials) column.emplace(e, column.size());
  const int n = (op.lmax + 1) * (op.lmax + 1);
  std::vector<double> table(monomials.size() * n, 0.0);
  Components components = {{{{0, 0, 0}, 1.0}}};
  for (int l = 0; l <= op.lmax; ++l) {
    if (l > 0) components = raise(components, l);
    for (int m = 0; m <= 2 * l; ++m) {
      for (const auto& [exponents, coefficient] : components[m]) {
        table[column.at(exponents) * n + l * l + m] = coefficient * normalization_factor(op.normalization, l);
      }
    }
  }
  return table;
}

}  // namespace

void write_text(const Harmonics& op, TextCall& call) {
  TextWriter& out = call.out;
  const std::string vectors = cast_rows(*call.inputs[0], out, call.name);
  const std::string squares =
      out.share(call.name + "_squared", fmt::format("({0} * {0}).sum(1, keepdim=True)", vectors));
  std::string unit = vectors + " * " + squares + ".clamp(min=1e-24).rsqrt()";
  const bool padded = call.edges != nullptr && !call.edges->is_edge.empty();
  if (padded) unit += " * " + call.edges->is_edge;  // a slot without an edge has no harmonics
  unit = out.share(call.name + "_unit", "(" + unit + ").t().contiguous()");
  const std::string one =
      out.share(call.name + "_one",
                padded ? call.edges->is_edge + ".t()" : fmt::format("torch.ones_like({}.narrow(0, 0, 1))", unit));
  std::vector<Exponents> monomials;
  const std::string rows = write_monomials(op.lmax, unit, one, call, monomials);
  const std::string table =
      out.real_table("harmonics", {static_cast<std::int64_t>(monomials.size()), (op.lmax + 1) * (op.lmax + 1)},
                     harmonics_table(op, monomials));
  call.output.rows = out.assign(call.name, fmt::format("torch.matmul({}.t(), {})", rows, table));
}

}  // namespace kiln
