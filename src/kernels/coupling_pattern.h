#pragma once

namespace kiln::kernels {

/// Whether the real 3j element C^{l1 l2 l3}_{m1 m2 m3} (components from 0) can differ from zero: the azimuthal orders
/// add up, and the number of sines fits the parity of l1 + l2 + l3. For compile time; a few allowed elements vanish.
constexpr bool coupling_allowed(int l1, int m1, int l2, int m2, int l3, int m3) {
  const int o1 = m1 - l1, o2 = m2 - l2, o3 = m3 - l3;
  const int a1 = o1 < 0 ? -o1 : o1, a2 = o2 < 0 ? -o2 : o2, a3 = o3 < 0 ? -o3 : o3;
  const int difference = a1 < a2 ? a2 - a1 : a1 - a2;
  const int n_sines = (o1 < 0) + (o2 < 0) + (o3 < 0);
  return (a3 == a1 + a2 || a3 == difference) && n_sines % 2 == (l1 + l2 + l3) % 2;
}

/// Paths with straight-line code; all others run the table-driven kernel.
constexpr int kStraightSender = 2;
constexpr int kStraightEdge = 3;
constexpr int kStraightOut = 3;

/// Allowed elements of a path in the order (m3, m1, m2): the order of ConvolutionPathView::values.
template <int L1, int L2, int L3>
struct CouplingPattern {
  static constexpr int kMax = (2 * L1 + 1) * (2 * L2 + 1) * (2 * L3 + 1);
  int n = 0;
  int m1[kMax] = {}, m2[kMax] = {}, m3[kMax] = {};

  constexpr CouplingPattern() {
    for (int c = 0; c <= 2 * L3; ++c)
      for (int a = 0; a <= 2 * L1; ++a)
        for (int b = 0; b <= 2 * L2; ++b)
          if (coupling_allowed(L1, a, L2, b, L3, c)) {
            m1[n] = a;
            m2[n] = b;
            m3[n] = c;
            ++n;
          }
  }
};

/// Pairs (m1, m3) that some m2 couples: the elements of G that can differ from zero.
template <int L1, int L2, int L3>
struct PairPattern {
  static constexpr int kMax = (2 * L1 + 1) * (2 * L3 + 1);
  int n = 0;
  int m1[kMax] = {}, m3[kMax] = {};

  constexpr PairPattern() {
    for (int c = 0; c <= 2 * L3; ++c)
      for (int a = 0; a <= 2 * L1; ++a) {
        bool any = false;
        for (int b = 0; b <= 2 * L2; ++b) any = any || coupling_allowed(L1, a, L2, b, L3, c);
        if (!any) continue;
        m1[n] = a;
        m3[n] = c;
        ++n;
      }
  }
};

}  // namespace kiln::kernels
