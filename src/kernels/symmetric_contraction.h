#pragma once

#include <cstddef>

namespace kiln::kernels {

/// Product of an earlier node and a component: every monomial is a chain of these. Node 0 is the constant 1, nodes
/// 1 .. n_components are the components.
struct ProductNode {
  int parent;
  int last;  ///< node of the component
};

/// The polynomials of a contraction as lists: products first, then per output component its terms
/// coefficient * node(parent) * node(last). Made by contraction_polynomial.h.
struct PolynomialView {
  int n_components = 0;  ///< of A
  int n_outputs = 0;     ///< components of B, all irreps
  int n_products = 0;    ///< nodes n_components + 1, …
  int n_terms = 0;
  const ProductNode* products = nullptr;
  const ProductNode* terms = nullptr;
  const int* first_term = nullptr;  ///< [n_outputs + 1]
};

constexpr int kContractionRows = 4;  ///< rows that share the reading of coefficients and lists

/// B = polynomial(A) for rows with the same coefficients: those of one species, or one row with its own.
template <class T>
struct ContractionArguments {
  PolynomialView polynomial;
  const T* coefficients = nullptr;  ///< [block][term][lane]
  int n_blocks = 0;                 ///< of channels
  const int* rows = nullptr;        ///< [n_rows]
  int n_rows = 0;
  const T* a = nullptr;  ///< [row][component][padded channel]
  T* a_bar = nullptr;    ///< reverse: added to
  std::ptrdiff_t a_row_stride = 0;
  std::ptrdiff_t a_component_stride = 0;
  T* b = nullptr;  ///< forward: overwritten; reverse: the adjoint (read)
  std::ptrdiff_t b_row_stride = 0;
  std::ptrdiff_t b_component_stride = 0;  ///< outputs are components one after another
  T* coefficients_bar = nullptr;          ///< coefficient adjoint: [block][term][lane], overwritten; one row
  T* scratch = nullptr;                   ///< [2][1 + n_components + n_products][kContractionRows][lane]
};

}  // namespace kiln::kernels
