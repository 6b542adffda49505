#pragma once

#include <costate/nn/detail/packed_sums_impl.hpp>

/// A layer of few inputs and the one of few outputs behind it, forth and back in one pass over the numbers
/// between them.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// A layer of J inputs that stands by columns and the one of C outputs by rows behind it in one pass: hidden
/// values go from registers into the sums. What it returns are the first C lanes.
template <int J, int C, class Act, class T>
COSTATE_INLINE auto columns_then_rows(const PackedDense* layers, const T* packed, T* kept, const T (&x)[J]) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  // what is stored to `hidden` might change the layers, for all that a compiler knows
  const std::size_t length = layers[0].length, stride = layers[0].stride, next_stride = layers[1].stride;
  const T *const columns = packed + layers[0].w, *const b = packed + layers[0].b;
  const T *const rows = packed + layers[1].w, *const b_next = packed + layers[1].b;
  T* const hidden = kept + layers[0].output;
  P xj[J], s[2][C];
  unroll<J>([&](auto j) COSTATE_INLINE_LAMBDA { xj[j] = P(x[j]); });
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
    s[0][c] = in_first_lane<W>(b_next[c]);
    s[1][c] = P(T(0));
  });
  const auto add = [&]<int V>(auto set, std::size_t i, std::integral_constant<int, V>) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    Q z = Q::load(b + i), unused;
    unroll<J>([&](auto j) COSTATE_INLINE_LAMBDA {
      z = fma(Q::load(columns + j * stride + i), first_lanes<V>(xj[j]), z);
    });
    const Q h = Act::template eval<false>(z, unused);
    h.store(hidden + i);
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
      s[set][c] = add_product(Q::load(rows + c * next_stride + i), h, s[set][c]);
    });
  };
  in_turns<W>(length, add);
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[0][c] + s[1][c]; });
  return lane_sums(s[0]);
}

/// The two forms of a kernel of J inputs and C outputs: numbers in memory, and few numbers by value.
template <int J, int C, class Act, class T>
void pair_forward(const PackedDense* layers, std::size_t /*2*/, const T* packed, const T* x, T* y, T* kept) {
  // on the stack: g++ 12 would keep it in a vector register above the 15th, and vzeroupper then takes 40
  // cycles
  T* volatile const to = y;
  T numbers[J];
  unroll<J>([&](auto j) COSTATE_INLINE_LAMBDA { numbers[j] = x[j]; });
  store_sums<C>(columns_then_rows<J, C, Act>(layers, packed, kept, numbers), to);
}
template <int J, int C, class Act, class T, class... Numbers>
typename Few<T>::type few_forward(const PackedDense* layers, const T* packed, T* kept, Numbers... x) {
  const T all[] = {x...};
  T numbers[J];
  unroll<J>([&](auto j) COSTATE_INLINE_LAMBDA { numbers[j] = all[j]; });
  return few_lanes(columns_then_rows<J, C, Act>(layers, packed, kept, numbers));
}

/// Whether two layers are a pair that goes in one pass.
COSTATE_INLINE bool is_pair(const PackedDense& layer, const PackedDense& next) {
  return !layer.by_rows && next.by_rows && layer.in <= PackedDense::most_rows;
}
/// f(constants inputs and outputs) of a pair.
template <class F>
COSTATE_INLINE auto with_sizes(const PackedDense* layers, F f) {
  return with_count(layers[0].in, [&](auto in) COSTATE_INLINE_LAMBDA {
    return with_count(layers[1].out, [&](auto out) COSTATE_INLINE_LAMBDA { return f(in, out); });
  });
}

/// The way forward through a pair in one pass, or null.
template <class T>
ForwardOfRun<T> forward_of_pair(const PackedDense* layers) {
  if (!is_pair(layers[0], layers[1]) || layers[0].act != Activation::tanh ||
      layers[1].act != Activation::identity)
    return nullptr;
  return with_sizes(layers,
                    [](auto in, auto out) -> ForwardOfRun<T> { return &pair_forward<in, out, Tanh, T>; });
}

/// The way back through a pair of C inputs and R outputs in one pass.
template <int C, int R, class T>
COSTATE_INLINE auto rows_then_columns(const PackedDense* layers, const T* packed, const T* kept,
                                      T* cotangents, const T (&ybar)[R]) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  const PackedDense& next = layers[1];
  const T *const rows = packed + next.w, *const columns = packed + layers[0].w;
  const std::size_t length = layers[0].length, stride = layers[0].stride, next_stride = next.stride;
  const T* const y = kept + (layers[0].slopes != PackedDense::none ? layers[0].slopes : layers[0].output);
  T *const z = cotangents + layers[0].cotangent, *const z_next = cotangents + next.cotangent;
  const SlopeFrom slope = slope_from(layers[0]);
  P zr[R], s[2][C];
  // numbers by themselves: a register full would wait for the stores of its parts
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { z_next[r] = ybar[r]; });
  if (next.act == Activation::identity) {
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { zr[r] = P(ybar[r]); });
  } else {
    times_slopes(next, kept, static_cast<const T*>(z_next), z_next, R);
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { zr[r] = P(z_next[r]); });
  }
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[1][c] = P(T(0)); });
  const auto add = [&]<int V>(auto set, std::size_t i, std::integral_constant<int, V>) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    Q g = Q::load(rows + i) * first_lanes<V>(zr[0]);
    unroll<R - 1>([&](auto r) COSTATE_INLINE_LAMBDA {
      g = fma(Q::load(rows + (r + 1) * next_stride + i), first_lanes<V>(zr[r + 1]), g);
    });
    g = g * slope_of(slope, Q::load(y + i));
    g.store(z + i);
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
      s[set][c] = add_product(Q::load(columns + c * stride + i), g, s[set][c]);
    });
  };
  in_turns<W>(length, add);
  unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { s[0][c] = s[0][c] + s[1][c]; });
  return lane_sums(s[0]);
}

template <int C, int R, class T>
void pair_pullback(const PackedDense* layers, std::size_t /*2*/, const T* packed, const T* kept,
                   const T* ybar, T* xbar, T* cotangents) {
  T* volatile const to = xbar;
  T numbers[R];
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { numbers[r] = ybar[r]; });
  const auto sums = rows_then_columns<C>(layers, packed, kept, cotangents, numbers);
  if (T* const place = to) store_sums<C>(sums, place);
}
template <int C, int R, class T, class... Numbers>
typename Few<T>::type few_pullback(const PackedDense* layers, const T* packed, const T* kept, T* cotangents,
                                   Numbers... ybar) {
  const T all[] = {ybar...};
  T numbers[R];
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { numbers[r] = all[r]; });
  return few_lanes(rows_then_columns<C>(layers, packed, kept, cotangents, numbers));
}

template <class T>
PullbackOfRun<T> pullback_of_pair(const PackedDense* layers) {
  if (!is_pair(layers[0], layers[1])) return nullptr;
  return with_sizes(layers, [](auto in, auto out) -> PullbackOfRun<T> { return &pair_pullback<in, out, T>; });
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
