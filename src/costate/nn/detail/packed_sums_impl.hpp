#pragma once

#include <costate/nn/detail/dense_forward_impl.hpp>
#include <costate/nn/detail/packed_dense.hpp>

/// What the kernels on packed layers are made of: loops over lines, sums over lanes, derivatives of
/// activations.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// add(constant 0 or 1 by turns, i, constant V) for packs of V = W numbers from i on that make up n, whole
/// halves of a line: the last may be half a pack. Two sets of sums hide the latency of an addition.
template <int W, class F>
COSTATE_INLINE void in_turns(std::size_t n, F add) {
  constexpr std::integral_constant<int, 0> first{};
  constexpr std::integral_constant<int, 1> second{};
  constexpr std::integral_constant<int, W> whole{};
  std::size_t i = 0;
  for (; i + 2 * W <= n; i += 2 * W) {
    add(first, i, whole);
    add(second, i + W, whole);
  }
  if (i + W <= n) {
    add(first, i, whole);
    i += W;
  }
  if constexpr (instruction_set == InstructionSet::avx512)
    if (i < n) add(second, i, std::integral_constant<int, W / 2>{});
}

/// sum + a b, where a and b may be half as wide.
template <class T, int W, int V>
COSTATE_INLINE Pack<T, W> add_product(Pack<T, V> a, Pack<T, V> b, Pack<T, W> sum) {
  if constexpr (V == W)
    return fma(a, b, sum);
  else
    return sum + widen<W>(a * b);
}

/// s[c] = Σ row_c ∘ x over `length` numbers, rows `stride` apart.
template <int C, class T>
COSTATE_INLINE auto dot_products(const T* rows, std::size_t stride, const T* x, std::size_t length) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  P s[2][C];
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[1][c] = P(T(0)); });
  const auto add = [&]<int V>(auto set, std::size_t i, std::integral_constant<int, V>) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    const Q xi = Q::load(x + i);
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
      s[set][c] = add_product(Q::load(rows + c * stride + i), xi, s[set][c]);
    });
  };
  in_turns<W>(length, add);
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[0][c] + s[1][c]; });
  return lane_sums(s[0]);
}

/// The number in the first lane, zeros behind.
template <int W, class T>
COSTATE_INLINE Pack<T, W> in_first_lane(T number) {
  return widen<W>(Pack<T, 1>(number));
}

/// Stores C sums in one piece where that can be: what is written as one number is read as one or as several
/// without waiting, but not the other way round.
template <int C, class T, int V>
COSTATE_INLINE void store_sums(Pack<T, V> s, T* to) {
  if constexpr (C == 1) {
    to[0] = s[0];
  } else if constexpr (C == 3) {
    lower_half(s).store(to);
    to[2] = s[2];
  } else {
    s.store(to);
  }
}

/// The first lanes of a few sums, zeros behind.
template <class T, int V>
COSTATE_INLINE typename Few<T>::type few_lanes(Pack<T, V> s) {
  constexpr int most = Few<T>::most;
  if constexpr (V <= most)
    return widen<most>(s).v;
  else
    return first_lanes<most>(s).v;
}

/// f(constant C) for C = 1 … 4.
template <class F>
COSTATE_INLINE auto with_count(std::size_t count, F f) {
  static_assert(PackedDense::most_rows == 4);
  switch (count) {
    case 1:
      return f(std::integral_constant<int, 1>{});
    case 2:
      return f(std::integral_constant<int, 2>{});
    case 3:
      return f(std::integral_constant<int, 3>{});
    default:
      return f(std::integral_constant<int, 4>{});
  }
}

/// act′ from what is kept for it: itself, or y.
enum class SlopeFrom { kept, tanh, relu, nothing };

COSTATE_INLINE SlopeFrom slope_from(const PackedDense& layer) {
  return layer.slopes != PackedDense::none ? SlopeFrom::kept
         : layer.act == Activation::tanh   ? SlopeFrom::tanh
         : layer.act == Activation::relu   ? SlopeFrom::relu
                                           : SlopeFrom::nothing;
}

template <class P>
COSTATE_INLINE P slope_of(SlopeFrom from, P v) {
  const P one(typename P::Scalar(1));
  if (from == SlopeFrom::kept) return v;
  if (from == SlopeFrom::tanh) return fnma(v, v, one);
  if (from == SlopeFrom::relu) return select(v > P(typename P::Scalar(0)), one, v);
  return one;
}

/// z = from ∘ act′ over n numbers and zeros to the end of the register; both may be the same.
template <class T>
COSTATE_INLINE void times_slopes(const PackedDense& layer, const T* kept, const T* from, T* z,
                                 std::size_t n) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  const T* const y = kept + (layer.slopes != PackedDense::none ? layer.slopes : layer.output);
  const SlopeFrom slope = slope_from(layer);
  std::size_t i = 0;
  for (; i + W <= n; i += W) (P::load(from + i) * slope_of(slope, P::load(y + i))).store(z + i);
  if (i < n) {
    const Lanes<T, W> rest(n - i);
    (rest.load(from + i) * slope_of(slope, rest.load(y + i))).store(z + i);
  }
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
