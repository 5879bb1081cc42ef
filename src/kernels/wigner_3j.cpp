#include "kernels/wigner_3j.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>

namespace kiln {
namespace {

using Real = long double;  // alternating sums lose a few digits for large l
using Complex = std::complex<Real>;

Real factorial(int n) {
  Real product = 1;
  for (int k = 2; k <= n; ++k) product *= k;
  return product;
}

Real sign(int n) { return n % 2 == 0 ? 1 : -1; }

/// <l1 m1 l2 m2 | l3 m1+m2>, Condon-Shortley, by Racah's sum.
Real clebsch_gordan(int l1, int m1, int l2, int m2, int l3) {
  const int m3 = m1 + m2;
  if (std::abs(m3) > l3) return 0;
  const Real norm = (2 * l3 + 1) * factorial(l3 + l1 - l2) * factorial(l3 - l1 + l2) * factorial(l1 + l2 - l3) /
                    factorial(l1 + l2 + l3 + 1) * factorial(l3 + m3) * factorial(l3 - m3) * factorial(l1 - m1) *
                    factorial(l1 + m1) * factorial(l2 - m2) * factorial(l2 + m2);
  const int first = std::max({0, l2 - l3 - m1, l1 - l3 + m2});
  const int last = std::min({l1 + l2 - l3, l1 - m1, l2 + m2});
  Real sum = 0;
  for (int k = first; k <= last; ++k) {
    sum += sign(k) / (factorial(k) * factorial(l1 + l2 - l3 - k) * factorial(l1 - m1 - k) * factorial(l2 + m2 - k) *
                      factorial(l3 - l2 + m1 + k) * factorial(l3 - l1 - m2 + k));
  }
  return std::sqrt(norm) * sum;
}

/// Row of the change from complex to real components: the real components a complex m mixes, at most two.
struct BasisElement {
  int component;  ///< 0 .. 2l
  Complex factor;
};
struct BasisRow {
  BasisElement elements[2];
  int count;
};

BasisRow real_components(int l, int m) {
  const Real h = std::sqrt(Real(0.5));
  const Complex phases[] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};  // (-i)^l
  const Complex phase = phases[l % 4];
  if (m == 0) return {{{l, phase}, {}}, 1};
  const int a = std::abs(m);
  if (m < 0) return {{{l + a, phase * h}, {l - a, phase * Complex(0, -h)}}, 2};
  return {{{l + a, phase * sign(m) * h}, {l - a, phase * Complex(0, sign(m) * h)}}, 2};
}

struct Dense {
  int n2, n3;
  std::vector<Real> values;
  Real& at(int i, int j, int k) { return values[(static_cast<std::size_t>(i) * n2 + j) * n3 + k]; }
};

void add_complex_element(Dense& dense, Real cg, const BasisRow& row1, const BasisRow& row2, const BasisRow& row3) {
  for (int a = 0; a < row1.count; ++a)
    for (int b = 0; b < row2.count; ++b)
      for (int c = 0; c < row3.count; ++c) {
        const Complex term = row1.elements[a].factor * row2.elements[b].factor * std::conj(row3.elements[c].factor);
        dense.at(row1.elements[a].component, row2.elements[b].component, row3.elements[c].component) +=
            term.real() * cg;
      }
}

Dense real_coupling(int l1, int l2, int l3) {
  const int n1 = 2 * l1 + 1, n2 = 2 * l2 + 1, n3 = 2 * l3 + 1;
  Dense dense{n2, n3, std::vector<Real>(static_cast<std::size_t>(n1) * n2 * n3, 0)};
  for (int m1 = -l1; m1 <= l1; ++m1)
    for (int m2 = -l2; m2 <= l2; ++m2) {
      if (std::abs(m1 + m2) > l3) continue;
      add_complex_element(dense, clebsch_gordan(l1, m1, l2, m2, l3), real_components(l1, m1), real_components(l2, m2),
                          real_components(l3, m1 + m2));
    }
  return dense;
}

}  // namespace

std::vector<CouplingTerm> wigner_3j(int l1, int l2, int l3) {
  if (l3 < std::abs(l1 - l2) || l3 > l1 + l2) return {};
  Dense dense = real_coupling(l1, l2, l3);
  Real sum = 0;
  for (const Real value : dense.values) sum += value * value;
  const Real norm = std::sqrt(sum);
  std::vector<CouplingTerm> terms;
  for (int i = 0; i <= 2 * l1; ++i)
    for (int j = 0; j <= 2 * l2; ++j)
      for (int k = 0; k <= 2 * l3; ++k) {
        const Real value = dense.at(i, j, k) / norm;
        if (std::abs(value) > 1e-14L) terms.push_back({i, j, k, static_cast<double>(value)});
      }
  return terms;
}

}  // namespace kiln
