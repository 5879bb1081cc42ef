#pragma once

#include <vector>

#include "kernels/symmetric_basis.h"
#include "kernels/symmetric_contraction.h"

namespace kiln::kernels {

/// Where the coefficient of a term comes from: the sum over the paths k of a basis of weight[k] path_coefficients[k].
struct TermSource {
  int output = 0;                         ///< which irrep
  int degree = 1;                         ///< nu
  std::vector<double> path_coefficients;  ///< [n_paths] of that basis
};

/// All output components of a symmetric contraction as one polynomial; terms in the order of the outputs.
struct ContractionPolynomial {
  int n_components = 0;  ///< of A
  int n_outputs = 0;
  std::vector<ProductNode> products;
  std::vector<ProductNode> terms;
  std::vector<int> first_term;      ///< [n_outputs + 1]
  std::vector<TermSource> sources;  ///< [n_terms]
};

/// bases[k][nu - 1] of the output irreps k in order; bases without a path are allowed.
ContractionPolynomial contraction_polynomial(const std::vector<std::vector<SymmetricBasis>>& bases);

PolynomialView view(const ContractionPolynomial& polynomial);

}  // namespace kiln::kernels
