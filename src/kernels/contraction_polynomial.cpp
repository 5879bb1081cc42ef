#include "kernels/contraction_polynomial.h"

#include <algorithm>
#include <map>

namespace kiln::kernels {
namespace {

/// Products of two or more components that longer monomials start with; each is made once.
struct ProductTable {
  ContractionPolynomial* polynomial;
  std::map<std::vector<int>, int> nodes;

  /// The node of the product of these components (0 for none).
  int node_of(const std::vector<int>& components) {
    if (components.empty()) return 0;
    if (components.size() == 1) return 1 + components.front();
    const auto found = nodes.find(components);
    if (found != nodes.end()) return found->second;
    const std::vector<int> head(components.begin(), components.end() - 1);
    const int parent = node_of(head);
    polynomial->products.push_back({parent, 1 + components.back()});
    const int node = polynomial->n_components + static_cast<int>(polynomial->products.size());
    nodes[components] = node;
    return node;
  }
};

bool any_nonzero(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return value != 0.0; });
}

/// Terms of component `m` of one basis.
void add_terms(ProductTable& table, const SymmetricBasis& basis, int output, int m) {
  const int n_m = 2 * basis.l_out + 1;
  for (int t = 0; t < basis.n_monomials; ++t) {
    TermSource source{output, basis.degree, {}};
    for (int k = 0; k < basis.n_paths; ++k)
      source.path_coefficients.push_back(basis.coefficients[(k * n_m + m) * basis.n_monomials + t]);
    if (!any_nonzero(source.path_coefficients)) continue;
    const int* monomial = &basis.monomials[t * basis.degree];
    const std::vector<int> head(monomial, monomial + basis.degree - 1);
    table.polynomial->terms.push_back({table.node_of(head), 1 + monomial[basis.degree - 1]});
    table.polynomial->sources.push_back(std::move(source));
  }
}

}  // namespace

ContractionPolynomial contraction_polynomial(const std::vector<std::vector<SymmetricBasis>>& bases) {
  ContractionPolynomial polynomial;
  const int lmax = bases.front().front().lmax;
  polynomial.n_components = (lmax + 1) * (lmax + 1);
  ProductTable table{&polynomial, {}};
  for (int output = 0; output < static_cast<int>(bases.size()); ++output)
    for (int m = 0; m <= 2 * bases[output].front().l_out; ++m) {
      polynomial.first_term.push_back(static_cast<int>(polynomial.terms.size()));
      for (const SymmetricBasis& basis : bases[output]) add_terms(table, basis, output, m);
      ++polynomial.n_outputs;
    }
  polynomial.first_term.push_back(static_cast<int>(polynomial.terms.size()));
  return polynomial;
}

PolynomialView view(const ContractionPolynomial& polynomial) {
  PolynomialView v;
  v.n_components = polynomial.n_components;
  v.n_outputs = polynomial.n_outputs;
  v.n_products = static_cast<int>(polynomial.products.size());
  v.n_terms = static_cast<int>(polynomial.terms.size());
  v.products = polynomial.products.data();
  v.terms = polynomial.terms.data();
  v.first_term = polynomial.first_term.data();
  return v;
}

}  // namespace kiln::kernels
