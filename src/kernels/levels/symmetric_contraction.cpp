#include "kernels/levels/functions.h"

namespace kiln::kernels::KILN_LEVEL {
namespace {

/// Node values of `Rows` rows and one block of channels: [node][row].
template <class T, int Rows>
struct Nodes {
  Vector<T>* values;
  Vector<T>* at(int node) const { return values + node * Rows; }
};

template <class T, int Rows>
void read_components(const ContractionArguments<T>& c, const T* a, const int* rows, int block, Nodes<T, Rows> nodes) {
  for (int r = 0; r < Rows; ++r) nodes.at(0)[r] = zero<T>() + T(1);
  for (int r = 0; r < Rows; ++r) {
    const T* row = a + rows[r] * c.a_row_stride + block * kLanes<T>;
    for (int i = 0; i < c.polynomial.n_components; ++i) nodes.at(1 + i)[r] = load(row + i * c.a_component_stride);
  }
}

template <class T, int Rows>
void multiply_products(const PolynomialView& p, Nodes<T, Rows> nodes) {
  for (int n = 0; n < p.n_products; ++n) {
    const Vector<T>*left = nodes.at(p.products[n].parent), *right = nodes.at(p.products[n].last);
    Vector<T>* product = nodes.at(1 + p.n_components + n);
    for (int r = 0; r < Rows; ++r) product[r] = left[r] * right[r];
  }
}

template <class T, int Rows>
void forward_rows(const ContractionArguments<T>& c, const int* rows, int block) {
  const PolynomialView& p = c.polynomial;
  const Nodes<T, Rows> nodes{reinterpret_cast<Vector<T>*>(c.scratch)};
  read_components(c, c.a, rows, block, nodes);
  multiply_products(p, nodes);
  const T* coefficients = c.coefficients + static_cast<std::ptrdiff_t>(block) * p.n_terms * kLanes<T>;
  for (int o = 0; o < p.n_outputs; ++o) {
    Vector<T> sum[Rows];
    for (int r = 0; r < Rows; ++r) sum[r] = zero<T>();
    for (int t = p.first_term[o]; t < p.first_term[o + 1]; ++t) {
      const Vector<T> coefficient = load(coefficients + t * kLanes<T>);
      const Vector<T>*left = nodes.at(p.terms[t].parent), *right = nodes.at(p.terms[t].last);
      for (int r = 0; r < Rows; ++r) sum[r] += coefficient * (left[r] * right[r]);
    }
    for (int r = 0; r < Rows; ++r)
      store(c.b + rows[r] * c.b_row_stride + o * c.b_component_stride + block * kLanes<T>, sum[r]);
  }
}

/// Adjoint of left * right into both factors.
template <class T, int Rows>
inline void reverse_product(Nodes<T, Rows> nodes, Nodes<T, Rows> bars, ProductNode product, const Vector<T>* bar) {
  const Vector<T>*left = nodes.at(product.parent), *right = nodes.at(product.last);
  Vector<T>*left_bar = bars.at(product.parent), *right_bar = bars.at(product.last);
  for (int r = 0; r < Rows; ++r) {
    const Vector<T> b = bar[r];
    left_bar[r] += b * right[r];
    right_bar[r] += b * left[r];
  }
}

template <class T, int Rows>
void reverse_terms(const ContractionArguments<T>& c, const int* rows, int block, Nodes<T, Rows> nodes,
                   Nodes<T, Rows> bars) {
  const PolynomialView& p = c.polynomial;
  const T* coefficients = c.coefficients + static_cast<std::ptrdiff_t>(block) * p.n_terms * kLanes<T>;
  for (int o = 0; o < p.n_outputs; ++o) {
    Vector<T> b_bar[Rows], bar[Rows];
    for (int r = 0; r < Rows; ++r)
      b_bar[r] = load<T>(c.b + rows[r] * c.b_row_stride + o * c.b_component_stride + block * kLanes<T>);
    for (int t = p.first_term[o]; t < p.first_term[o + 1]; ++t) {
      const Vector<T> coefficient = load(coefficients + t * kLanes<T>);
      for (int r = 0; r < Rows; ++r) bar[r] = coefficient * b_bar[r];
      reverse_product<T, Rows>(nodes, bars, p.terms[t], bar);
    }
  }
}

template <class T, int Rows>
void reverse_rows(const ContractionArguments<T>& c, const int* rows, int block) {
  const PolynomialView& p = c.polynomial;
  const int n_nodes = 1 + p.n_components + p.n_products;
  const Nodes<T, Rows> nodes{reinterpret_cast<Vector<T>*>(c.scratch)};
  const Nodes<T, Rows> bars{nodes.at(n_nodes)};
  read_components(c, c.a, rows, block, nodes);
  multiply_products(p, nodes);
  for (int i = 0; i < n_nodes * Rows; ++i) bars.values[i] = zero<T>();
  reverse_terms(c, rows, block, nodes, bars);
  for (int n = p.n_products - 1; n >= 0; --n)
    reverse_product<T, Rows>(nodes, bars, p.products[n], bars.at(1 + p.n_components + n));
  for (int r = 0; r < Rows; ++r)
    for (int i = 0; i < p.n_components; ++i) {
      T* target = c.a_bar + rows[r] * c.a_row_stride + i * c.a_component_stride + block * kLanes<T>;
      store(target, load<T>(target) + bars.at(1 + i)[r]);
    }
}

}  // namespace

// Blocks are outermost, so that the coefficients of one stay in the first cache over all rows.
template <class T>
void contraction_forward(const ContractionArguments<T>& c) {
  for (int block = 0; block < c.n_blocks; ++block) {
    int r = 0;
    for (; r + kContractionRows <= c.n_rows; r += kContractionRows)
      forward_rows<T, kContractionRows>(c, c.rows + r, block);
    for (; r < c.n_rows; ++r) forward_rows<T, 1>(c, c.rows + r, block);
  }
}

template <class T>
void contraction_reverse(const ContractionArguments<T>& c) {
  for (int block = 0; block < c.n_blocks; ++block) {
    int r = 0;
    for (; r + kContractionRows <= c.n_rows; r += kContractionRows)
      reverse_rows<T, kContractionRows>(c, c.rows + r, block);
    for (; r < c.n_rows; ++r) reverse_rows<T, 1>(c, c.rows + r, block);
  }
}

template <class T>
void contraction_coefficients_reverse(const ContractionArguments<T>& c) {
  const PolynomialView& p = c.polynomial;
  const Nodes<T, 1> nodes{reinterpret_cast<Vector<T>*>(c.scratch)};
  for (int block = 0; block < c.n_blocks; ++block) {
    read_components(c, c.a, c.rows, block, nodes);
    multiply_products(p, nodes);
    T* coefficients_bar = c.coefficients_bar + static_cast<std::ptrdiff_t>(block) * p.n_terms * kLanes<T>;
    for (int o = 0; o < p.n_outputs; ++o) {
      const Vector<T> b_bar = load<T>(c.b + c.rows[0] * c.b_row_stride + o * c.b_component_stride + block * kLanes<T>);
      for (int t = p.first_term[o]; t < p.first_term[o + 1]; ++t)
        store(coefficients_bar + t * kLanes<T>, b_bar * *nodes.at(p.terms[t].parent) * *nodes.at(p.terms[t].last));
    }
  }
}

template void contraction_forward<double>(const ContractionArguments<double>&);
template void contraction_forward<float>(const ContractionArguments<float>&);
template void contraction_reverse<double>(const ContractionArguments<double>&);
template void contraction_reverse<float>(const ContractionArguments<float>&);
template void contraction_coefficients_reverse<double>(const ContractionArguments<double>&);
template void contraction_coefficients_reverse<float>(const ContractionArguments<float>&);

}  // namespace kiln::kernels::KILN_LEVEL
