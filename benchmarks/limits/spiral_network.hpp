#pragma once

#include <algorithm>
#include <span>

#include "simd.hpp"
#include "spiral.hpp"

namespace limits {

inline constexpr int hidden = 50;

/// Parameters padded to whole registers with zeros; padded units stay zero, since their gradients are.
template <class T>
struct alignas(64) Network {
  static constexpr int lanes = V<T>::L, registers = (hidden + lanes - 1) / lanes, padded = registers * lanes;
  T w1x[padded], w1y[padded], b1[padded], w2x[padded], w2y[padded], b2[lanes];
  static constexpr int size = 5 * padded + lanes;

  void unpack(std::span<const T, spiral_parameters> p) {
    *this = {};
    for (int i = 0; i < hidden; ++i) {
      w1x[i] = p[i];
      w1y[i] = p[hidden + i];
      b1[i] = p[2 * hidden + i];
      w2x[i] = p[3 * hidden + 2 * i];
      w2y[i] = p[3 * hidden + 2 * i + 1];
    }
    // the output bias is added to states, which repeat (x, y) over the lanes
    for (int i = 0; i < lanes; ++i) b2[i] = p[5 * hidden + i % 2];
  }
  void pack(std::span<T, spiral_parameters> p) const {
    for (int i = 0; i < hidden; ++i) {
      p[i] = w1x[i];
      p[hidden + i] = w1y[i];
      p[2 * hidden + i] = b1[i];
      p[3 * hidden + 2 * i] = w2x[i];
      p[3 * hidden + 2 * i + 1] = w2y[i];
    }
    p[5 * hidden] = b2[0];
    p[5 * hidden + 1] = b2[1];
  }
};

/// f(u); leaves the hidden values in h.
template <class T>
[[gnu::always_inline]] inline V<T> right_hand_side(const Network<T>& p, V<T> u, V<T>* h) {
  using W = V<T>;
  constexpr int N = Network<T>::registers, L = W::L;
  const W c = u * u * u, cx = even(c), cy = odd(c);
  for (int i = 0; i < N; ++i)
    h[i] = vtanh(fma(W::load(p.w1x + i * L), cx, fma(W::load(p.w1y + i * L), cy, W::load(p.b1 + i * L))));
  // two partial sums each: half the dependent chain
  W sx[2] = {W(T(0)), W(T(0))}, sy[2] = {W(T(0)), W(T(0))};
  for (int i = 0; i < N; ++i) {
    sx[i & 1] = fma(W::load(p.w2x + i * L), h[i], sx[i & 1]);
    sy[i & 1] = fma(W::load(p.w2y + i * L), h[i], sy[i & 1]);
  }
  return sum2(sx[0] + sx[1], sy[0] + sy[1]) + W::load(p.b2);
}

template <class T>
struct GradientSums {
  static constexpr int N = Network<T>::registers;
  V<T> w1x[N], w1y[N], b1[N], w2x[N], w2y[N], b2;

  GradientSums() {
    for (int i = 0; i < N; ++i) w1x[i] = w1y[i] = b1[i] = w2x[i] = w2y[i] = V<T>(T(0));
    b2 = V<T>(T(0));
  }
  void store(Network<T>& out) const {
    constexpr int L = V<T>::L;
    for (int i = 0; i < N; ++i) {
      w1x[i].store(out.w1x + i * L);
      w1y[i].store(out.w1y + i * L);
      b1[i].store(out.b1 + i * L);
      w2x[i].store(out.w2x + i * L);
      w2y[i].store(out.w2y + i * L);
    }
    b2.store(out.b2);
  }
};

/// (∂f/∂u)ᵀ k from the stored hidden values; (∂f/∂p)ᵀ k is added to g.
template <class T>
[[gnu::always_inline]] inline V<T> pullback(const Network<T>& p, V<T> u, const V<T>* h, V<T> k,
                                            GradientSums<T>& g) {
  using W = V<T>;
  constexpr int N = Network<T>::registers, L = W::L;
  const W u2 = u * u, c = u2 * u, kx = even(k), ky = odd(k), cx = even(c), cy = odd(c);
  W ax[2] = {W(T(0)), W(T(0))}, ay[2] = {W(T(0)), W(T(0))};
  for (int i = 0; i < N; ++i) {
    const W z = fma(W::load(p.w2x + i * L), kx, W::load(p.w2y + i * L) * ky) * fnma(h[i], h[i], W(T(1)));
    ax[i & 1] = fma(W::load(p.w1x + i * L), z, ax[i & 1]);
    ay[i & 1] = fma(W::load(p.w1y + i * L), z, ay[i & 1]);
    g.w1x[i] = fma(z, cx, g.w1x[i]);
    g.w1y[i] = fma(z, cy, g.w1y[i]);
    g.b1[i] = g.b1[i] + z;
    g.w2x[i] = fma(h[i], kx, g.w2x[i]);
    g.w2y[i] = fma(h[i], ky, g.w2y[i]);
  }
  g.b2 = g.b2 + k;
  return sum2(ax[0] + ax[1], ay[0] + ay[1]) * (u2 * W(T(3)));
}

}  // namespace limits
