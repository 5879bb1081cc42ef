#pragma once

#include <vector>

namespace kiln {

/// Independent equivariant polynomials of one degree nu in the components A_{lm}, l = 0 .. lmax (natural parity,
/// index l^2 + m with m = 0 .. 2l), with values in one irrep:
///   B_M = sum_k w_k P_{k,M}(A),   P_{k,M}(A) = sum_t coefficients[k, M, t] prod_s A[monomials[t, s]]
/// Built from the couplings U of MACE in the order of docs/layers.md (intermediate irreps of natural parity from
/// degree 4 on), symmetrized over the factors, then Gram-Schmidt in float64 in that order: a coupling whose remainder
/// has a norm below 1e-10 adds no path. Inner product of two paths: sum over the ordered index tuples of one component
/// M (the same for every M), so every path has norm 1, like every unsymmetrized U, and degree 1 is the identity. Sign:
/// the first non-zero coefficient (M first, then the monomial) is positive.
struct SymmetricBasis {
  int lmax = 0;
  int l_out = 0;
  int parity = 1;  ///< of the output, +1 or -1
  int degree = 1;  ///< nu
  int n_paths = 0;
  int n_unsymmetrized = 0;  ///< couplings U before symmetrizing: MACE's number of paths
  int n_monomials = 0;
  std::vector<int> monomials;        ///< [n_monomials, degree], each ascending, all in lexicographic order
  std::vector<double> coefficients;  ///< [n_paths, 2 l_out + 1, n_monomials]
  std::vector<double> projection;  ///< [n_unsymmetrized, n_paths]; w = projection^T w_unsymmetrized leaves B unchanged
};

/// degree >= 1, lmax >= 0. No path (n_paths 0) where the irrep cannot be reached.
SymmetricBasis symmetric_basis(int lmax, int l_out, int parity, int degree);

/// SymmetricBasis::n_paths, counted instead of built: how often the irrep is in the symmetric power of degree nu. There
/// are as many as products of components with total m = l, less those with m = l + 1. None of unnatural parity from
/// degree 4 on.
int n_symmetric_paths(int lmax, int l_out, int parity, int degree);

/// What a model file stores and compares: the coefficients, path by path, component by component, in the order of the
/// monomials.
std::vector<double> flatten(const SymmetricBasis& basis);

}  // namespace kiln
