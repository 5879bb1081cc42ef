#include "kernels/levels/functions.h"

// Textbook real harmonics without the Condon-Shortley phase at x_t = z, y_t = x, z_t = y (the polar axis is y):
//   Y_{l, m} = N_{lm} Q_l^m(z_t) A_m,  Y_{l, -m} = N_{lm} Q_l^m(z_t) B_m,  A_m + i B_m = (x_t + i y_t)^m,
// with Q_l^m the m-th derivative of the Legendre polynomial P_l, so that dQ_l^m / dz = Q_l^{m+1}. A vector holds as
// many edges as it has lanes.

namespace kiln::kernels::KILN_LEVEL {
namespace {

using V = Vector<double>;
constexpr int kMaxL = 11;
constexpr int kEdges = kLanes<double>;

struct UnitVectors {
  V x, y, z;         ///< textbook axes
  V inverse_length;  ///< 0 for the zero vector
  V not_zero;        ///< 1, or 0 for the zero vector
};

UnitVectors read_vectors(const double* vectors, int n) {
  double lanes[5][kEdges] __attribute__((aligned(64)));
  for (int e = 0; e < kEdges; ++e) {
    const double* v = vectors + 3 * (e < n ? e : n - 1);
    const double length = __builtin_sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    const double inverse = 1.0 / (length > 1e-12 ? length : 1e-12);
    lanes[0][e] = v[2] * inverse;
    lanes[1][e] = v[0] * inverse;
    lanes[2][e] = v[1] * inverse;
    lanes[3][e] = length > 0.0 ? inverse : 0.0;
    lanes[4][e] = length > 0.0 ? 1.0 : 0.0;
  }
  return {load(lanes[0]), load(lanes[1]), load(lanes[2]), load(lanes[3]), load(lanes[4])};
}

struct Powers {
  V a[kMaxL + 1], b[kMaxL + 1];
};

void compute_powers(const UnitVectors& u, int lmax, Powers& p) {
  p.a[0] = zero<double>() + 1.0;
  p.b[0] = zero<double>();
  for (int m = 1; m <= lmax; ++m) {
    p.a[m] = u.x * p.a[m - 1] - u.y * p.b[m - 1];
    p.b[m] = u.x * p.b[m - 1] + u.y * p.a[m - 1];
  }
}

/// q[l][m], zero for m > l.
struct LegendreTable {
  V q[kMaxL + 1][kMaxL + 2];
};

void compute_legendre(V z, int lmax, LegendreTable& t) {
  double odd_factorial = 1.0;  // (2m - 1)!!
  for (int m = 0; m <= lmax; ++m) {
    t.q[m][m] = zero<double>() + odd_factorial;
    t.q[m][m + 1] = zero<double>();
    if (m < lmax) t.q[m + 1][m] = (2.0 * m + 1.0) * z * t.q[m][m];
    for (int l = m + 2; l <= lmax; ++l)
      t.q[l][m] = ((2.0 * l - 1.0) * z * t.q[l - 1][m] - (l + m - 1.0) * t.q[l - 2][m]) * (1.0 / (l - m));
    odd_factorial *= 2.0 * m + 1.0;
  }
}

/// The m > 0 part vanishes for the zero vector by itself (A and B do); m = 0 must be told.
void compute_values(const HarmonicsArguments& h, const UnitVectors& u, V* values) {
  Powers p;
  LegendreTable t;
  compute_powers(u, h.lmax, p);
  compute_legendre(u.z, h.lmax, t);
  values[0] = zero<double>() + h.factors[0];
  for (int l = 1; l <= h.lmax; ++l) {
    const int center = l * l + l;
    values[center] = h.factors[center] * t.q[l][0] * u.not_zero;
    for (int m = 1; m <= l; ++m) {
      const V scaled = h.factors[center + m] * t.q[l][m];
      values[center + m] = scaled * p.a[m];
      values[center - m] = scaled * p.b[m];
    }
  }
}

struct Gradient {
  V x, y, z;
};

/// sum over all harmonics of bar times the derivative of the polynomial by the unit vector.
Gradient polynomial_gradient(const HarmonicsArguments& h, const UnitVectors& u, const V* bar) {
  Powers p;
  LegendreTable t;
  compute_powers(u, h.lmax, p);
  compute_legendre(u.z, h.lmax, t);
  Gradient g{zero<double>(), zero<double>(), zero<double>()};
  for (int l = 1; l <= h.lmax; ++l) {
    const int center = l * l + l;
    g.z += h.factors[center] * bar[center] * t.q[l][1];
    for (int m = 1; m <= l; ++m) {
      const V cosine = h.factors[center + m] * bar[center + m], sine = h.factors[center + m] * bar[center - m];
      const V slope = static_cast<double>(m) * t.q[l][m];
      g.x += slope * (cosine * p.a[m - 1] + sine * p.b[m - 1]);
      g.y += slope * (sine * p.a[m - 1] - cosine * p.b[m - 1]);
      if (m < l) g.z += t.q[l][m + 1] * (cosine * p.a[m] + sine * p.b[m]);
    }
  }
  return g;
}

}  // namespace

void harmonics_forward(const HarmonicsArguments& h) {
  const int n = (h.lmax + 1) * (h.lmax + 1);
  V values[(kMaxL + 1) * (kMaxL + 1)];
  for (int begin = 0; begin < h.n_edges; begin += kEdges) {
    const int n_here = h.n_edges - begin < kEdges ? h.n_edges - begin : kEdges;
    compute_values(h, read_vectors(h.vectors + 3 * begin, n_here), values);
    for (int e = 0; e < n_here; ++e)
      for (int k = 0; k < n; ++k) h.values[(begin + e) * n + k] = reinterpret_cast<const double*>(values + k)[e];
  }
}

void harmonics_reverse(const HarmonicsArguments& h) {
  const int n = (h.lmax + 1) * (h.lmax + 1);
  V bar[(kMaxL + 1) * (kMaxL + 1)];
  for (int begin = 0; begin < h.n_edges; begin += kEdges) {
    const int n_here = h.n_edges - begin < kEdges ? h.n_edges - begin : kEdges;
    const UnitVectors u = read_vectors(h.vectors + 3 * begin, n_here);
    for (int e = 0; e < kEdges; ++e)
      for (int k = 0; k < n; ++k)
        reinterpret_cast<double*>(bar + k)[e] = h.values_bar[(begin + (e < n_here ? e : 0)) * n + k];
    const Gradient g = polynomial_gradient(h, u, bar);
    const V radial = g.x * u.x + g.y * u.y + g.z * u.z;  // the direction has no part along itself
    const V x = (g.x - radial * u.x) * u.inverse_length, y = (g.y - radial * u.y) * u.inverse_length,
            z = (g.z - radial * u.z) * u.inverse_length;
    for (int e = 0; e < n_here; ++e) {
      double* target = h.vectors_bar + 3 * (begin + e);
      target[0] += reinterpret_cast<const double*>(&y)[e];
      target[1] += reinterpret_cast<const double*>(&z)[e];
      target[2] += reinterpret_cast<const double*>(&x)[e];
    }
  }
}

}  // namespace kiln::kernels::KILN_LEVEL
