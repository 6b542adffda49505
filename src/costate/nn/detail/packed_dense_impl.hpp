#pragma once

#include <costate/nn/detail/dense_forward_impl.hpp>
#include <costate/nn/detail/packed_dense.hpp>

/// Runs of dense layers on packed parameters. Every array begins at a line of 64 bytes, but for the run's own
/// x, y, ybar and xbar.
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

/// y = W x + b of a layer that stands by rows.
template <class T>
COSTATE_INLINE void row_forward(const PackedDense& layer, const T* packed, const T* x, T* y) {
  with_count(layer.out, [&]<int C>(std::integral_constant<int, C>) COSTATE_INLINE_LAMBDA {
    const auto s = dot_products<C>(packed + layer.w, layer.stride, x, layer.length);
    store_sums<C>(s + decltype(s)::load(packed + layer.b), y);
  });
}

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
template <int J, int C, class T>
inline constexpr bool are_few = J <= int{Few<T>::most} && C <= int{Few<T>::most};

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

/// One layer: to = act(W x + b). `first`: x is the run's own; n: how many numbers are wanted.
template <class T>
[[gnu::noinline]] void layer_forward(const PackedDense& layer, bool first, std::size_t n, const T* packed,
                                     const T* x, T* to, T* kept) {
  T* const d = layer.slopes != PackedDense::none ? kept + layer.slopes : nullptr;
  if (layer.by_rows) {
    if (first) {
      T* const input = kept + layer.input;
      for (std::size_t i = 0; i < layer.stride; ++i) input[i] = i < layer.in ? x[i] : T(0);
      x = input;
    }
    row_forward(layer, packed, x, to);
    for (std::size_t i = layer.out; i < n; ++i) to[i] = T(0);
    if (layer.act != Activation::identity) apply_activation(to, to, d, layer.out, layer.act);
    return;
  }
  const T *w = packed + layer.w, *b = packed + layer.b;
  T* const none = nullptr;
  if (layer.act == Activation::tanh) {
    forward_wide<Tanh, lanes<T>>(w, b, layer.stride, x, to, none, layer.in, n);
  } else {
    forward_wide<Identity, lanes<T>>(w, b, layer.stride, x, to, none, layer.in, n);
    if (layer.act != Activation::identity) apply_activation(to, to, d, n, layer.act);
  }
}

template <class T>
void packed_run_forward(const PackedDense* layers, std::size_t count, const T* packed, const T* x, T* y,
                        T* kept) {
  for (std::size_t l = 0; l < count; ++l) {
    const PackedDense& layer = layers[l];
    const bool ends = l + 1 == count;
    T* const to = ends ? y : kept + layer.output;
    if (l + 2 == count)
      if (const auto pair = forward_of_pair<T>(layers + l)) return pair(layers + l, 2, packed, x, y, kept);
    // behind the numbers of an inner layer stand those of rows of zeros
    const std::size_t n = ends ? layer.out : layer.by_rows ? lane_multiple<T> : layer.length;
    layer_forward(layer, l == 0, n, packed, x, to, kept);
    if (ends && layer.output != PackedDense::none && to != kept + layer.output)
      for (std::size_t i = 0; i < layer.out; ++i) kept[layer.output + i] = to[i];
    x = to;
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

/// xbar = Wᵀ z of one layer. `whole_lines`: xbar takes whole lines, zeros behind its numbers.
template <class T>
[[gnu::noinline]] void layer_pullback(const PackedDense& layer, bool whole_lines, const T* packed, const T* z,
                                      T* xbar) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  const T* const w = packed + layer.w;
  const std::size_t in = layer.in, stride = layer.stride, length = layer.length;
  if (layer.by_rows) {
    with_count(layer.out, [&]<int C>(std::integral_constant<int, C>) COSTATE_INLINE_LAMBDA {
      P zc[C];
      unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA { zc[c] = P(z[c]); });
      const auto sum = [&](std::size_t i) COSTATE_INLINE_LAMBDA {
        P s = P::load(w + i) * zc[0];
        unroll<C - 1>(
            [&](auto c) COSTATE_INLINE_LAMBDA { s = fma(P::load(w + (c + 1) * stride + i), zc[c + 1], s); });
        return s;
      };
      if (whole_lines) {
        for (std::size_t i = 0; i < stride; i += W) sum(i).store(xbar + i);
      } else {
        std::size_t i = 0;
        for (; i + W <= in; i += W) sum(i).store(xbar + i);
        if (i < in) Lanes<T, W>(in - i).store(xbar + i, sum(i));
      }
    });
  } else {
    const auto columns = [&]<int C>(std::integral_constant<int, C>, std::size_t j) COSTATE_INLINE_LAMBDA {
      store_sums<C>(dot_products<C>(w + j * stride, stride, z, length), xbar + j);
    };
    std::size_t j = 0;
    for (; j + 4 <= in; j += 4) columns(std::integral_constant<int, 4>{}, j);
    if (j < in) with_count(in - j, [&](auto c) COSTATE_INLINE_LAMBDA { columns(c, j); });
  }
}

template <class T>
void packed_run_pullback(const PackedDense* layers, std::size_t count, const T* packed, const T* kept,
                         const T* ybar, T* xbar, T* cotangents) {
  for (std::size_t l = count; l-- > 0;) {
    if (l == 1)
      if (const auto pair = pullback_of_pair<T>(layers))
        return pair(layers, 2, packed, kept, ybar, xbar, cotangents);
    const PackedDense& layer = layers[l];
    T* const z = cotangents + layer.cotangent;
    if (layer.out <= PackedDense::most_rows) {
      // numbers by themselves: a register full would wait for the stores of its parts
      for (std::size_t i = 0; i < layer.out; ++i) z[i] = ybar[i];
      if (layer.act != Activation::identity)
        times_slopes(layer, kept, static_cast<const T*>(z), z, layer.out);
    } else {
      const bool ends = l + 1 == count;
      if (layer.act != Activation::identity)
        times_slopes(layer, kept, ybar, z, ends ? layer.out : layer.length);
      else if (ends)
        for (std::size_t i = 0; i < layer.out; ++i) z[i] = ybar[i];
    }
    T* const to = l > 0 ? cotangents + layers[l - 1].cotangent : xbar;
    if (to == nullptr) return;
    layer_pullback(layer, l > 0, packed, static_cast<const T*>(z), to);
    ybar = to;
  }
}

/// The kernels of a run.
template <class T>
PackedRun<T> packed_run(const PackedDense* layers, std::size_t count) {
  PackedRun<T> run{&packed_run_forward<T>, &packed_run_pullback<T>, nullptr, nullptr};
  if (count != 2) return run;
  if (const auto pullback = pullback_of_pair<T>(layers)) run.pullback = pullback;
  const auto forward = forward_of_pair<T>(layers);
  if (forward == nullptr) return run;
  run.forward = forward;
  with_sizes(layers, [&](auto in, auto out) {
    if constexpr (are_few<in, out, T>) {
      run.few_forward = &few_forward<in, out, Tanh, T>;
      run.few_pullback = &few_pullback<in, out, T>;
    }
  });
  return run;
}

/// gradient line r += Σ_k u_k[r] v_k over the evaluations k, R lines of `length` from `row`, `stride` apart.
template <int R, int K, class T>
COSTATE_INLINE void add_product_rows(T* gradient, std::size_t row, std::size_t stride, std::size_t length,
                                     const T* const (&u)[K], const T* const (&v)[K]) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  P uk[R][K];
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
    unroll<K>([&](auto k) COSTATE_INLINE_LAMBDA { uk[r][k] = P(u[k][row + r]); });
  });
  T* const g = gradient + row * stride;
  in_turns<W>(length, [&]<int V>(auto, std::size_t i, std::integral_constant<int, V>) COSTATE_INLINE_LAMBDA {
    using Q = Pack<T, V>;
    Q sum[R];
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { sum[r] = Q::load(g + r * stride + i); });
    unroll<K>([&](auto k) COSTATE_INLINE_LAMBDA {
      Q vk = Q::load(v[k] + i);
      stay_in_register(vk);
      unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { sum[r] = fma(vk, first_lanes<V>(uk[r][k]), sum[r]); });
    });
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { sum[r].store(g + r * stride + i); });
  });
}
template <int K, class T>
COSTATE_INLINE void add_products(T* gradient, std::size_t lines, std::size_t stride, std::size_t length,
                                 const T* const (&u)[K], const T* const (&v)[K]) {
  // two lines at a time, where there are registers for their factors
  constexpr int R = instruction_set == InstructionSet::avx512 ? 2 : 1;
  std::size_t r = 0;
  for (; r + R <= lines; r += R) add_product_rows<R>(gradient, r, stride, length, u, v);
  if (r < lines) add_product_rows<1>(gradient, r, stride, length, u, v);
}

template <int K, class T>
void add_run_gradient(const PackedDense* layers, std::size_t count, const PackedSlot<T>* slots, T* gradient) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  for (const PackedDense* layer = layers; layer != layers + count; ++layer) {
    const T *x[K], *z[K];
    for (int k = 0; k < K; ++k) {
      x[k] = layer->input != PackedDense::none ? slots[k].kept + layer->input : slots[k].x;
      z[k] = slots[k].cotangents + layer->cotangent;
    }
    T *const w = gradient + layer->w, *const b = gradient + layer->b;
    if (layer->by_rows)
      add_products(w, layer->out, layer->stride, layer->length, z, x);
    else
      add_products(w, layer->in, layer->stride, layer->length, x, z);
    for (std::size_t i = 0; i < in_lines<T>(layer->out); i += W) {
      P sum = P::load(b + i);
      unroll<K>([&](auto k) COSTATE_INLINE_LAMBDA { sum = sum + P::load(z[k] + i); });
      sum.store(b + i);
    }
  }
}

template <class T>
void add_packed_run_gradient(const PackedDense* layers, std::size_t count, const PackedSlot<T>* slots,
                             std::size_t slot_count, T* gradient) {
  static_assert(packed_slots == 8);
  if (slot_count & 8) return add_run_gradient<8>(layers, count, slots, gradient);
  if (slot_count & 4) add_run_gradient<4>(layers, count, slots, gradient), slots += 4;
  if (slot_count & 2) add_run_gradient<2>(layers, count, slots, gradient), slots += 2;
  if (slot_count & 1) add_run_gradient<1>(layers, count, slots, gradient);
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
