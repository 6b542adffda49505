#pragma once

#include <costate/nn/detail/activation_kernels.hpp>
#include <costate/nn/detail/simd_lanes.hpp>

/// y = act(W x + b) on packs. Wide layers hold rows in lanes and add columns; layers of one or two outputs
/// are dot products.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// The narrowest pack used by layers with fewer outputs than half a register.
template <class T>
inline constexpr int narrow = 16 / int{sizeof(T)};

template <class Act, class T, int W>
COSTATE_INLINE void finish(Pack<T, W> z, T* y, T* d, Lanes<T, W> where) {
  Pack<T, W> slope;
  if (d) {
    where.store(y, Act::template eval<true>(z, slope));
    where.store(d, slope);
  } else {
    where.store(y, Act::template eval<false>(z, slope));
  }
}

template <class Act, class T, int W>
COSTATE_INLINE void finish(Pack<T, W> z, T* y, T* d) {
  Pack<T, W> slope;
  if (d) {
    Act::template eval<true>(z, slope).store(y);
    slope.store(d);
  } else {
    Act::template eval<false>(z, slope).store(y);
  }
}

template <class Act, class T>
void activate_all(const T* x, T* y, T* d, std::size_t n) {
  constexpr int W = lanes<T>;
  std::size_t i = 0;
  for (; i + W <= n; i += W) finish<Act>(Pack<T, W>::load(x + i), y + i, d ? d + i : d);
  if (i < n) {
    const Lanes<T, W> rest(n - i);
    finish<Act>(rest.load(x + i), y + i, d ? d + i : d, rest);
  }
}

template <class T>
void apply_activation(const T* x, T* y, T* d, std::size_t n, Activation act) {
  switch (act) {
    case Activation::identity:
      return activate_all<Identity>(x, y, d, n);
    case Activation::tanh:
      return activate_all<Tanh>(x, y, d, n);
    case Activation::sigmoid:
      return activate_all<Sigmoid>(x, y, d, n);
    case Activation::relu:
      return activate_all<Relu>(x, y, d, n);
    case Activation::softplus:
      return activate_all<Softplus>(x, y, d, n);
    case Activation::gelu:
      return activate_all<Gelu>(x, y, d, n);
    case Activation::swish:
      return activate_all<Swish>(x, y, d, n);
  }
}

/// R packs of rows, the last of which holds `last` rows. `stride` rows make a column.
///
/// Weights are read a whole pack at a time: behind a column comes the next one or the bias, and the rows that
/// are rounded up are fewer than `stride`, so this stays inside the layer. K sets of sums hide the latency of
/// the multiply-add where R is small.
template <class Act, int W, int R, class T>
COSTATE_INLINE void forward_rows(const T* w, const T* b, const T* x, T* y, T* d, std::size_t in,
                                 std::size_t stride, Lanes<T, W> last) {
  using P = Pack<T, W>;
  constexpr int K = R == 1 ? 8 : R == 2 ? 4 : R <= 4 ? 2 : 1;
  P z[R];
  unroll<R - 1>([&](auto r) COSTATE_INLINE_LAMBDA { z[r] = P::load(b + r * W); });
  z[R - 1] = last.load(b + (R - 1) * W);

  std::size_t j = 0;
  if constexpr (K > 1) {
    if (in >= K) {
      P s[K][R];
      unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
        s[0][r] = z[r];
        unroll<K - 1>([&](auto k) COSTATE_INLINE_LAMBDA { s[k + 1][r] = P(T(0)); });
      });
      for (; j + K <= in; j += K) {
        unroll<K>([&](auto k) COSTATE_INLINE_LAMBDA {
          const P xk(x[j + k]);
          const T* column = w + (j + k) * stride;
          unroll<R>([&](auto r)
                        COSTATE_INLINE_LAMBDA { s[k][r] = fma(P::load(column + r * W), xk, s[k][r]); });
        });
      }
      unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
        if constexpr (K >= 8)
          unroll<4>([&](auto k) COSTATE_INLINE_LAMBDA { s[k][r] = s[k][r] + s[k + 4][r]; });
        if constexpr (K >= 4)
          unroll<2>([&](auto k) COSTATE_INLINE_LAMBDA { s[k][r] = s[k][r] + s[k + 2][r]; });
        z[r] = s[0][r] + s[1][r];
      });
    }
  }
  for (; j < in; ++j) {
    const P xj(x[j]);
    const T* column = w + j * stride;
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { z[r] = fma(P::load(column + r * W), xj, z[r]); });
  }

  unroll<R - 1>([&](auto r) COSTATE_INLINE_LAMBDA { finish<Act>(z[r], y + r * W, d ? d + r * W : d); });
  finish<Act>(z[R - 1], y + (R - 1) * W, d ? d + (R - 1) * W : d, last);
}

/// Columns of `stride` rows, of which `out` count.
template <class Act, int W, class T>
void forward_wide(const T* w, const T* b, std::size_t stride, const T* x, T* y, T* d, std::size_t in,
                  std::size_t out) {
  std::size_t i = 0;
  const auto at = [d](std::size_t k) { return d ? d + k : d; };
  for (; out - i > 8 * W; i += 8 * W)
    forward_rows<Act, W, 8>(w + i, b + i, x, y + i, at(i), in, stride, Lanes<T, W>(W));
  const std::size_t packs = (out - i + W - 1) / W;
  const Lanes<T, W> last(out - i - (packs - 1) * W);
  switch (packs) {
    case 1:
      return forward_rows<Act, W, 1>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 2:
      return forward_rows<Act, W, 2>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 3:
      return forward_rows<Act, W, 3>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 4:
      return forward_rows<Act, W, 4>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 5:
      return forward_rows<Act, W, 5>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 6:
      return forward_rows<Act, W, 6>(w + i, b + i, x, y + i, at(i), in, stride, last);
    case 7:
      return forward_rows<Act, W, 7>(w + i, b + i, x, y + i, at(i), in, stride, last);
    default:
      return forward_rows<Act, W, 8>(w + i, b + i, x, y + i, at(i), in, stride, last);
  }
}

/// One output: a dot product along the only row.
template <class T>
COSTATE_INLINE T forward_one(const T* p, const T* x, std::size_t in) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  P s[4] = {P(T(0)), P(T(0)), P(T(0)), P(T(0))};
  std::size_t j = 0;
  for (; j + 4 * W <= in; j += 4 * W) {
    for (int k = 0; k < 4; ++k) s[k] = fma(P::load(p + j + k * W), P::load(x + j + k * W), s[k]);
  }
  for (int k = 0; k < 3 && j + W <= in; ++k, j += W) s[k] = fma(P::load(p + j), P::load(x + j), s[k]);
  in_pieces<W / 2>(in - j, [&]<int V>(std::integral_constant<int, V>, std::size_t k) COSTATE_INLINE_LAMBDA {
    s[3] = s[3] + widen<W>(Pack<T, V>::load(p + j + k) * Pack<T, V>::load(x + j + k));
  });
  return p[in] + sum((s[0] + s[1]) + (s[2] + s[3]));
}

/// Two outputs: columns lie interleaved, so x is doubled and even and odd lanes are summed.
template <class T>
COSTATE_INLINE Pack<T, 2> forward_two(const T* p, const T* x, std::size_t in) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  P s[4] = {P(T(0)), P(T(0)), P(T(0)), P(T(0))};
  const auto add = [&](P& lower, P& upper, std::size_t j) COSTATE_INLINE_LAMBDA {
    const P xj = P::load(x + j);
    lower = fma(P::load(p + 2 * j), shuffle<DuplicateLower>(xj, xj), lower);
    upper = fma(P::load(p + 2 * j + W), shuffle<DuplicateUpper>(xj, xj), upper);
  };
  std::size_t j = 0;
  for (; j + 2 * W <= in; j += 2 * W) {
    add(s[0], s[1], j);
    add(s[2], s[3], j + W);
  }
  if (j + W <= in) {
    add(s[0], s[1], j);
    j += W;
  }
  in_pieces<W / 2>(in - j, [&]<int V>(std::integral_constant<int, V>, std::size_t k) COSTATE_INLINE_LAMBDA {
    const Pack<T, 2 * V> w = Pack<T, 2 * V>::load(p + 2 * (j + k));
    s[2] = s[2] + widen<W>(w * duplicate(Pack<T, V>::load(x + j + k)));
  });
  return Pack<T, 2>::load(p + 2 * in) + sum_even_odd((s[0] + s[1]) + (s[2] + s[3]));
}

template <class Act, class T>
void forward_with(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out) {
  constexpr int W = lanes<T>;
  constexpr int N = narrow<T>;
  if (out == 1) return finish<Act>(Pack<T, N>(forward_one(p, x, in)), y, d, Lanes<T, N>(1));
  if (out == 2) return finish<Act>(widen<N>(forward_two(p, x, in)), y, d, Lanes<T, N>(2));
  if constexpr (W > 4) {
    if (out <= 4) return forward_rows<Act, 4, 1>(p, p + in * out, x, y, d, in, out, Lanes<T, 4>(out));
  }
  if constexpr (W > 8) {
    if (out <= 8) return forward_rows<Act, 8, 1>(p, p + in * out, x, y, d, in, out, Lanes<T, 8>(out));
  }
  forward_wide<Act, W>(p, p + in * out, out, x, y, d, in, out);
}

template <class T>
void forward_layer(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, Activation act) {
  // The activations of most networks are fused into the store; the others take a second pass over y.
  if (act == Activation::tanh) return forward_with<Tanh>(p, x, y, d, in, out);
  if (act == Activation::identity) return forward_with<Identity>(p, x, y, d, in, out);
  forward_with<Identity>(p, x, y, static_cast<T*>(nullptr), in, out);
  apply_activation(y, y, d, out, act);
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
