#pragma once

#include <utility>

#include "kernels/coupling_pattern.h"
#include "kernels/levels/path_at_receiver.h"

// Straight-line code for a path whose degrees are known when compiled: only couplings that can differ from zero, sums
// in registers.

namespace kiln::kernels::KILN_LEVEL {

template <int L1, int L2, int L3>
struct StraightPath {
  static constexpr int n_in = 2 * L1 + 1, n_edge = 2 * L2 + 1, n_out = 2 * L3 + 1;
  static constexpr CouplingPattern<L1, L2, L3> elements{};
  static constexpr PairPattern<L1, L2, L3> pairs{};
  using Elements = std::make_integer_sequence<int, elements.n>;
  using Pairs = std::make_integer_sequence<int, pairs.n>;

  /// out_M += G_{M, m1} message_{m1}
  template <class T, int... K>
  static inline void couple(const T* g, const Vector<T>* message, Vector<T>* out, std::integer_sequence<int, K...>) {
    ((out[pairs.m3[K]] += g[pairs.m3[K] * n_in + pairs.m1[K]] * message[pairs.m1[K]]), ...);
  }
  /// message_bar_{m1} += G_{M, m1} out_bar_M
  template <class T, int... K>
  static inline void couple_back(const T* g, const Vector<T>* out_bar, Vector<T>* message_bar,
                                 std::integer_sequence<int, K...>) {
    ((message_bar[pairs.m1[K]] += g[pairs.m3[K] * n_in + pairs.m1[K]] * out_bar[pairs.m3[K]]), ...);
  }
  /// harmonics_bar_{m2} += C_{m1 m2 M} out_bar_M message_{m1}
  template <class T, int... K>
  static inline void couple_harmonics(const T* values, const Vector<T>* out_bar, const Vector<T>* message,
                                      Vector<T>* harmonics_bar, std::integer_sequence<int, K...>) {
    ((harmonics_bar[elements.m2[K]] += values[K] * (out_bar[elements.m3[K]] * message[elements.m1[K]])), ...);
  }
};

template <class T, int L1, int L2, int L3>
void forward_straight(const PathAtReceiver<T>& path) {
  using S = StraightPath<L1, L2, L3>;
  const PathAtReceiver<T> p = path;  // nothing written below can change it
  Vector<T> sum[S::n_out];
  for (int m = 0; m < S::n_out; ++m) sum[m] = zero<T>();
  for (int e = p.begin; e < p.end; ++e) {
    const Vector<T> radial = table_value(p, e);
    const T* x = p.sender_features(p.features, e, S::n_in);
    Vector<T> message[S::n_in];
    for (int a = 0; a < S::n_in; ++a) message[a] = radial * load(x + a * kLanes<T>);
    S::template couple<T>(p.couplings + e * p.n_couplings, message, sum, typename S::Pairs{});
  }
  for (int m = 0; m < S::n_out; ++m) store<T>(p.out + m * p.out_stride, sum[m]);
}

template <class T, int L1, int L2, int L3>
void reverse_straight(const PathAtReceiver<T>& path) {
  using S = StraightPath<L1, L2, L3>;
  const PathAtReceiver<T> p = path;
  Vector<T> out_bar[S::n_out];
  for (int m = 0; m < S::n_out; ++m) out_bar[m] = load<T>(p.out + m * p.out_stride);
  for (int e = p.begin; e < p.end; ++e) {
    const RadialVectors<T> radial = table_value_and_slope(p, e);
    Vector<T> message_bar[S::n_in], message[S::n_in], radial_bar = zero<T>();
    for (int a = 0; a < S::n_in; ++a) message_bar[a] = zero<T>();
    S::template couple_back<T>(p.couplings + e * p.n_couplings, out_bar, message_bar, typename S::Pairs{});
    const T* x = p.sender_features(p.features, e, S::n_in);
    for (int a = 0; a < S::n_in; ++a) {
      const Vector<T> xa = load(x + a * kLanes<T>);
      radial_bar += message_bar[a] * xa;
      message[a] = radial.value * xa;
    }
    if (p.features_bar) {
      T* x_bar = p.sender_features(p.features_bar, e, S::n_in);
      for (int a = 0; a < S::n_in; ++a)
        store<T>(x_bar + a * kLanes<T>, load<T>(x_bar + a * kLanes<T>) + radial.value * message_bar[a]);
    }
    Vector<T>* sums = p.sums + static_cast<std::ptrdiff_t>(e - p.begin) * (p.n_harmonics + 1);
    sums[p.n_harmonics] += radial_bar * radial.slope;
    Vector<T> harmonics_bar[S::n_edge];
    for (int m = 0; m < S::n_edge; ++m) harmonics_bar[m] = sums[L2 * L2 + m];
    S::template couple_harmonics<T>(p.values, out_bar, message, harmonics_bar, typename S::Elements{});
    for (int m = 0; m < S::n_edge; ++m) sums[L2 * L2 + m] = harmonics_bar[m];
  }
}

template <class T>
using PathFunction = void (*)(const PathAtReceiver<T>&);

/// [l_sender][l_edge][l_out]; null where the degrees do not couple.
template <class T>
struct StraightTable {
  PathFunction<T> forward[kStraightSender + 1][kStraightEdge + 1][kStraightOut + 1] = {};
  PathFunction<T> reverse[kStraightSender + 1][kStraightEdge + 1][kStraightOut + 1] = {};

  constexpr StraightTable() { add_senders(std::make_integer_sequence<int, kStraightSender + 1>{}); }

 private:
  template <int... L1>
  constexpr void add_senders(std::integer_sequence<int, L1...>) {
    (add_edges<L1>(std::make_integer_sequence<int, kStraightEdge + 1>{}), ...);
  }
  template <int L1, int... L2>
  constexpr void add_edges(std::integer_sequence<int, L2...>) {
    (add_outs<L1, L2>(std::make_integer_sequence<int, kStraightOut + 1>{}), ...);
  }
  template <int L1, int L2, int... L3>
  constexpr void add_outs(std::integer_sequence<int, L3...>) {
    (add<L1, L2, L3>(), ...);
  }
  template <int L1, int L2, int L3>
  constexpr void add() {
    if constexpr (L3 <= L1 + L2 && L1 <= L2 + L3 && L2 <= L1 + L3) {
      forward[L1][L2][L3] = forward_straight<T, L1, L2, L3>;
      reverse[L1][L2][L3] = reverse_straight<T, L1, L2, L3>;
    }
  }
};

}  // namespace kiln::kernels::KILN_LEVEL
