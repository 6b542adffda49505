#pragma once

#include <costate/nn/detail/packed_pair_impl.hpp>

/// Runs of dense layers on packed parameters. Every array begins at a line of 64 bytes, but for the run's own
/// x, y, ybar and xbar.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// y = W x + b of a layer that stands by rows.
template <class T>
COSTATE_INLINE void row_forward(const PackedDense& layer, const T* packed, const T* x, T* y) {
  with_count(layer.out, [&]<int C>(std::integral_constant<int, C>) COSTATE_INLINE_LAMBDA {
    const auto s = dot_products<C>(packed + layer.w, layer.stride, x, layer.length);
    store_sums<C>(s + decltype(s)::load(packed + layer.b), y);
  });
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
    if constexpr (are_few<T, in> && are_few<T, out>) {
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
