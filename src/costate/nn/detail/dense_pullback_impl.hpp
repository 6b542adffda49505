#pragma once

#include <costate/nn/detail/simd_lanes.hpp>

/// xbar += Wᵀ z and pbar += [z xᵀ; z] on packs, both in one pass over the columns.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// A layer's pullback for rows [0, rows) of each column; `stride` rows make a column. xbar, pbar may be null,
/// and so d.
template <class T>
struct PullbackBlock {
  const T* w;
  const T* x;
  const T* d;
  const T* ybar;
  T* xbar;
  T* pbar;
  T* bias;  // adjoint of the block's bias
  T* z;     // room for `rows` numbers
  std::size_t rows, stride;

  COSTATE_INLINE void advance(std::size_t columns) {
    w += columns * stride;
    if (xbar) xbar += columns;
    if (pbar) {
      pbar += columns * stride;
      x += columns;
    }
  }
};

/// C columns. Fresh: z is made here, kept in b.z for later columns, and added to the bias; else it is read
/// from b.z.
template <int W, int C, bool WithX, bool WithP, bool Fresh, class T>
COSTATE_INLINE void pullback_columns(const PullbackBlock<T>& b) {
  using P = Pack<T, W>;
  P s[2][C], xc[C];
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
    s[0][c] = s[1][c] = P(T(0));
    if constexpr (WithP) xc[c] = P(b.x[c]);
  });
  const auto rows = [&]<int V, int Set>(std::integral_constant<int, V>, std::integral_constant<int, Set>,
                                        std::size_t i) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    Q z;
    if constexpr (Fresh) {
      z = Q::load(b.ybar + i);
      if (b.d) z = z * Q::load(b.d + i);
      z.store(b.z + i);
      if constexpr (WithP) (Q::load(b.bias + i) + z).store(b.bias + i);
    } else {
      z = Q::load(b.z + i);
    }
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
      if constexpr (WithX && V == W) s[Set][c] = fma(Q::load(b.w + c * b.stride + i), z, s[Set][c]);
      if constexpr (WithX && V < W) s[Set][c] = s[Set][c] + widen<W>(Q::load(b.w + c * b.stride + i) * z);
      if constexpr (WithP) {
        T* g = b.pbar + c * b.stride + i;
        fma(z, first_lanes<V>(xc[c]), Q::load(g)).store(g);
      }
    });
  };
  constexpr std::integral_constant<int, W> whole{};
  constexpr std::integral_constant<int, 0> first{};
  constexpr std::integral_constant<int, 1> second{};
  std::size_t i = 0;
  for (; i + 2 * W <= b.rows; i += 2 * W) {
    rows(whole, first, i);
    rows(whole, second, i + W);
  }
  if (i + W <= b.rows) {
    rows(whole, first, i);
    i += W;
  }
  in_pieces<W / 2>(b.rows - i, [&](auto v, std::size_t k) COSTATE_INLINE_LAMBDA { rows(v, second, i + k); });
  if constexpr (WithX) {
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[0][c] + s[1][c]; });
    add_sums(s[0], b.xbar);
  }
}

template <int W, bool WithX, bool WithP, class T>
COSTATE_INLINE void pullback_block(PullbackBlock<T> b, std::size_t in) {
  switch (in % 4) {
    case 1:
      pullback_columns<W, 1, WithX, WithP, true>(b);
      break;
    case 2:
      pullback_columns<W, 2, WithX, WithP, true>(b);
      break;
    case 3:
      pullback_columns<W, 3, WithX, WithP, true>(b);
      break;
    default:
      pullback_columns<W, 4, WithX, WithP, true>(b);
      break;
  }
  const std::size_t first = in % 4 ? in % 4 : 4;
  b.advance(first);
  for (std::size_t j = first; j < in; j += 4) {
    pullback_columns<W, 4, WithX, WithP, false>(b);
    b.advance(4);
  }
}

template <int W, class T>
void pullback_wide(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in,
                   std::size_t out) {
  constexpr std::size_t block = 2048 / sizeof(T);
  T z[block];
  for (std::size_t i = 0; i < out; i += block) {
    const std::size_t rows = out - i < block ? out - i : block;
    const PullbackBlock<T> b{p + i,
                             x,
                             d ? d + i : d,
                             ybar + i,
                             xbar,
                             pbar ? pbar + i : pbar,
                             pbar ? pbar + in * out + i : pbar,
                             z,
                             rows,
                             out};
    if (xbar && pbar) {
      pullback_block<W, true, true>(b, in);
    } else if (xbar) {
      pullback_block<W, true, false>(b, in);
    } else if (pbar) {
      pullback_block<W, false, true>(b, in);
    }
  }
}

/// One output: both products run along the only row.
template <class T>
void pullback_one(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  const T z = d ? ybar[0] * d[0] : ybar[0];
  const auto add = [in](T* to, const T* from, T factor) COSTATE_INLINE_LAMBDA {
    std::size_t j = 0;
    for (; j + W <= in; j += W) fma(P::load(from + j), P(factor), P::load(to + j)).store(to + j);
    in_pieces<W / 2>(in - j, [&]<int V>(std::integral_constant<int, V>, std::size_t k) COSTATE_INLINE_LAMBDA {
      using Q = Pack<T, V>;
      fma(Q::load(from + j + k), Q(factor), Q::load(to + j + k)).store(to + j + k);
    });
  };
  if (xbar) add(xbar, p, z);
  if (pbar) {
    add(pbar, x, z);
    pbar[in] += z;
  }
}

/// Two outputs: columns lie interleaved, so z alternates over the lanes, x is doubled, and neighbours are
/// summed for xbar.
template <class T>
void pullback_two(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  const T z0 = d ? ybar[0] * d[0] : ybar[0];
  const T z1 = d ? ybar[1] * d[1] : ybar[1];
  const P z = shuffle<Alternate>(P(z0), P(z1));
  std::size_t j = 0;
  for (; j + W <= in; j += W) {
    if (xbar) {
      const P a = P::load(p + 2 * j) * z, b = P::load(p + 2 * j + W) * z;
      (P::load(xbar + j) + (shuffle<Even>(a, b) + shuffle<Odd>(a, b))).store(xbar + j);
    }
    if (pbar) {
      const P xj = P::load(x + j);
      T* g = pbar + 2 * j;
      fma(shuffle<DuplicateLower>(xj, xj), z, P::load(g)).store(g);
      fma(shuffle<DuplicateUpper>(xj, xj), z, P::load(g + W)).store(g + W);
    }
  }
  in_pieces<W / 2>(in - j, [&]<int V>(std::integral_constant<int, V>, std::size_t k) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    using Q2 = Pack<T, 2 * V>;
    const Q2 zk = shuffle<Alternate>(Q2(z0), Q2(z1));
    if (xbar) (Q::load(xbar + j + k) + sum_neighbors(Q2::load(p + 2 * (j + k)) * zk)).store(xbar + j + k);
    if (pbar) {
      T* g = pbar + 2 * (j + k);
      fma(duplicate(Q::load(x + j + k)), zk, Q2::load(g)).store(g);
    }
  });
  if (pbar) {
    pbar[2 * in] += z0;
    pbar[2 * in + 1] += z1;
  }
}

template <class T>
void pull_layer_back(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in,
                     std::size_t out) {
  constexpr int W = lanes<T>;
  if (out == 1) return pullback_one(p, x, d, ybar, xbar, pbar, in);
  if (out == 2) return pullback_two(p, x, d, ybar, xbar, pbar, in);
  if constexpr (W > 4) {
    if (out <= 4) return pullback_wide<4>(p, x, d, ybar, xbar, pbar, in, out);
  }
  if constexpr (W > 8) {
    if (out <= 8) return pullback_wide<8>(p, x, d, ybar, xbar, pbar, in, out);
  }
  pullback_wide<W>(p, x, d, ybar, xbar, pbar, in, out);
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
