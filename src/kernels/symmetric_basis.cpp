#include "kernels/symmetric_basis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "kernels/wigner_3j.h"
#include "kiln/error.h"

namespace kiln {
namespace {

constexpr int kNaturalFrom = 4;  ///< degree from which on intermediate irreps have natural parity
constexpr double kRankTolerance = 1e-10;
constexpr double kZero = 1e-13;  ///< coefficients below it are rounding

using Monomial = std::vector<int>;              ///< ascending components
using Polynomial = std::map<Monomial, double>;  ///< in lexicographic order
/// An equivariant polynomial: a symmetrized coupling, which may be zero.
struct Coupling {
  int l = 0;
  int parity = 1;
  std::vector<Polynomial> components;  ///< [2l + 1]
};

int natural_parity(int l) { return l % 2 == 0 ? 1 : -1; }

std::vector<Coupling> identity_couplings(int lmax) {
  std::vector<Coupling> couplings;
  for (int l = 0; l <= lmax; ++l) {
    Coupling coupling{l, natural_parity(l), std::vector<Polynomial>(2 * l + 1)};
    for (int m = 0; m <= 2 * l; ++m) coupling.components[m][{l * l + m}] = 1.0;
    couplings.push_back(std::move(coupling));
  }
  return couplings;
}

void add_product(Polynomial& sum, const Polynomial& factor, int component, double coefficient) {
  for (const auto& [monomial, value] : factor) {
    Monomial product = monomial;
    product.insert(std::upper_bound(product.begin(), product.end(), component), component);
    sum[product] += coefficient * value;
  }
}

/// sqrt(2 l3 + 1) sum C^{l3 l1 l2}_{M m1 m2} P_{m1}(A) A_{l2 m2}: symmetrizing over the factors is what writing it as
/// a polynomial does.
Coupling add_factor(const Coupling& left, int l2, int l3) {
  Coupling result{l3, left.parity * natural_parity(l2), std::vector<Polynomial>(2 * l3 + 1)};
  const double scale = std::sqrt(2.0 * l3 + 1.0);
  for (const CouplingTerm& term : wigner_3j(l3, left.l, l2)) {
    add_product(result.components[term.m1], left.components[term.m2], l2 * l2 + term.m3, scale * term.value);
  }
  return result;
}

/// All couplings with one factor more, in MACE's order. Those that cannot reach `l_out` with `n_left` factors to go are
/// left out; this does not change the order of the others.
std::vector<Coupling> next_degree(const std::vector<Coupling>& couplings, int lmax, int l_out, int n_left,
                                  bool natural_only) {
  std::vector<Coupling> next;
  for (const Coupling& left : couplings)
    for (int l2 = 0; l2 <= lmax; ++l2)
      for (int l3 = std::abs(left.l - l2); l3 <= left.l + l2; ++l3) {
        const int parity = left.parity * natural_parity(l2);
        if (natural_only && parity != natural_parity(l3)) continue;
        if (std::abs(l3 - l_out) <= n_left * lmax) next.push_back(add_factor(left, l2, l3));
      }
  std::stable_sort(next.begin(), next.end(),
                   [](const Coupling& a, const Coupling& b) { return a.l != b.l ? a.l < b.l : a.parity < b.parity; });
  return next;
}

std::vector<Coupling> couplings_of(int lmax, int l_out, int parity, int degree) {
  std::vector<Coupling> couplings = identity_couplings(lmax);
  for (int d = 2; d <= degree; ++d) couplings = next_degree(couplings, lmax, l_out, degree - d, degree >= kNaturalFrom);
  std::vector<Coupling> wanted;
  for (Coupling& coupling : couplings)
    if (coupling.l == l_out && coupling.parity == parity) wanted.push_back(std::move(coupling));
  return wanted;
}

/// Distinct orderings of the factors.
double n_orderings(const Monomial& monomial) {
  double count = 1.0;
  int repeats = 0;
  for (std::size_t i = 0; i < monomial.size(); ++i) {
    repeats = i > 0 && monomial[i] == monomial[i - 1] ? repeats + 1 : 1;
    count *= static_cast<double>(i + 1) / repeats;
  }
  return count;
}

std::vector<Monomial> monomials_of(const std::vector<Coupling>& couplings) {
  std::map<Monomial, double> largest;
  for (const Coupling& coupling : couplings)
    for (const Polynomial& component : coupling.components)
      for (const auto& [monomial, value] : component) {
        double& old = largest[monomial];
        old = std::max(old, std::abs(value));
      }
  std::vector<Monomial> list;
  for (const auto& [monomial, value] : largest)
    if (value > kZero) list.push_back(monomial);
  return list;
}

/// The coupling as a vector [2l + 1, n_monomials].
std::vector<double> dense_coupling(const Coupling& coupling, const std::vector<Monomial>& monomials) {
  std::vector<double> dense;
  for (const Polynomial& component : coupling.components)
    for (const Monomial& monomial : monomials) {
      const auto found = component.find(monomial);
      const double value = found == component.end() ? 0.0 : found->second;
      dense.push_back(std::abs(value) > kZero ? value : 0.0);
    }
  return dense;
}

struct GramSchmidt {
  std::vector<double>
      metric;  ///< [2l + 1, n_monomials]: 1 / (orderings (2l + 1)), a coefficient being a sum of entries
  std::vector<std::vector<double>> basis;

  double inner(const std::vector<double>& a, const std::vector<double>& b) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += metric[i] * a[i] * b[i];
    return sum;
  }

  /// Twice, since once is not enough for vectors that nearly depend on the earlier ones.
  void add(std::vector<double> vector) {
    for (int pass = 0; pass < 2; ++pass)
      for (const std::vector<double>& other : basis) {
        const double overlap = inner(vector, other);
        for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= overlap * other[i];
      }
    const double norm = std::sqrt(inner(vector, vector));
    if (!(norm > kRankTolerance)) return;
    const auto lead = std::find_if(vector.begin(), vector.end(),
                                   [norm](double value) { return std::abs(value) > kRankTolerance * norm; });
    const double scale = (*lead > 0.0 ? 1.0 : -1.0) / norm;
    for (double& value : vector) value *= scale;
    basis.push_back(std::move(vector));
  }
};

}  // namespace

SymmetricBasis symmetric_basis(int lmax, int l_out, int parity, int degree) {
  const std::vector<Coupling> couplings = couplings_of(lmax, l_out, parity, degree);
  const std::vector<Monomial> monomials = monomials_of(couplings);
  GramSchmidt orthogonal;
  for (int m = 0; m <= 2 * l_out; ++m)
    for (const Monomial& monomial : monomials)
      orthogonal.metric.push_back(1.0 / (n_orderings(monomial) * (2 * l_out + 1)));
  std::vector<std::vector<double>> dense;
  for (const Coupling& coupling : couplings) dense.push_back(dense_coupling(coupling, monomials));
  for (const std::vector<double>& vector : dense) orthogonal.add(vector);

  SymmetricBasis result;
  result.lmax = lmax;
  result.l_out = l_out;
  result.parity = parity;
  result.degree = degree;
  result.n_paths = static_cast<int>(orthogonal.basis.size());
  if (result.n_paths != n_symmetric_paths(lmax, l_out, parity, degree))
    throw Error(ErrorKind::internal, "symmetric-basis", "the symmetric basis has another rank than its irrep");
  result.n_unsymmetrized = static_cast<int>(couplings.size());
  result.n_monomials = static_cast<int>(monomials.size());
  for (const Monomial& monomial : monomials)
    result.monomials.insert(result.monomials.end(), monomial.begin(), monomial.end());
  for (const std::vector<double>& path : orthogonal.basis)
    result.coefficients.insert(result.coefficients.end(), path.begin(), path.end());
  for (double& value : result.coefficients)
    if (std::abs(value) < kZero) value = 0.0;
  for (const std::vector<double>& coupling : dense)
    for (const std::vector<double>& path : orthogonal.basis)
      result.projection.push_back(orthogonal.inner(coupling, path));
  return result;
}

int n_symmetric_paths(int lmax, int l_out, int parity, int degree) {
  const int highest = degree * lmax;
  if (l_out > highest || (degree >= kNaturalFrom && parity != natural_parity(l_out))) return 0;
  using Counts = std::vector<std::array<std::int64_t, 2>>;  // of products by m + highest and parity: even, odd
  std::vector<Counts> counts(degree + 1, Counts(2 * highest + 2));
  counts[0][highest][0] = 1;
  for (int l = 0; l <= lmax; ++l)
    for (int m = -l; m <= l; ++m)
      for (int d = 1; d <= degree; ++d)
        for (int sum = std::max(0, m); sum <= 2 * highest + std::min(0, m); ++sum)
          for (const int odd : {0, 1}) counts[d][sum][odd] += counts[d - 1][sum - m][odd ^ (l % 2)];
  const Counts& all = counts[degree];
  const int odd = parity > 0 ? 0 : 1;
  return static_cast<int>(all[highest + l_out][odd] - all[highest + l_out + 1][odd]);
}

std::vector<double> flatten(const SymmetricBasis& basis) { return basis.coefficients; }

}  // namespace kiln
