#pragma once

#include <costate/nn/detail/activation_kernels.hpp>
#include <costate/nn/detail/dense_forward_impl.hpp>
#include <costate/nn/detail/simd_shuffle.hpp>

/// A dense layer on many samples: samples in lanes, rows of the layer in registers.
///
/// A block of n samples is stored feature after feature, n numbers each; n is a multiple of 64 bytes, so no
/// pack has an end. Weights are broadcast, and one of them serves four packs of samples.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// Rows in registers at once, four packs of samples each: 24 of 32 registers, or 12 of 16.
inline constexpr int rows_at_once = instruction_set == InstructionSet::avx512 ? 6 : 3;
/// Rows and columns of the gradient in registers at once.
inline constexpr int gradient_columns = instruction_set == InstructionSet::avx512 ? 4 : 2;

/// p, loaded once: compilers would rather read it from memory again in every instruction that uses it, and
/// two reads in a cycle are what limits these loops.
template <class T, int W>
COSTATE_INLINE Pack<T, W> in_register(Pack<T, W> p) {
#if defined(__AVX512F__)
  asm("" : "+v"(p.v));
#elif defined(__SSE2__)
  asm("" : "+x"(p.v));
#elif defined(__aarch64__)
  asm("" : "+w"(p.v));
#endif
  return p;
}

/// y[r] = bias[r] + Σ_k w[r row_step + k term_step] x[k] for R rows and Q packs of samples.
template <int R, int Q, class T>
void product_tile(const T* w, std::size_t row_step, std::size_t term_step, const T* bias, const T* x, T* y,
                  std::size_t terms, std::size_t n) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  P s[R][Q];
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
    const P start(bias ? bias[r] : T(0));
    unroll<Q>([&](auto q) COSTATE_INLINE_LAMBDA { s[r][q] = start; });
  });
  for (std::size_t k = 0; k < terms; ++k) {
    P xk[Q];
    unroll<Q>([&](auto q) COSTATE_INLINE_LAMBDA { xk[q] = in_register(P::load(x + k * n + q * W)); });
    const T* wk = w + k * term_step;
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
      const P weight(wk[r * row_step]);
      unroll<Q>([&](auto q) COSTATE_INLINE_LAMBDA { s[r][q] = fma(weight, xk[q], s[r][q]); });
    });
  }
  unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA {
    unroll<Q>([&](auto q) COSTATE_INLINE_LAMBDA { s[r][q].store(y + r * n + q * W); });
  });
}

template <int Q, class T>
void product_rows(const T* w, std::size_t row_step, std::size_t term_step, const T* bias, const T* x, T* y,
                  std::size_t rows, std::size_t terms, std::size_t n) {
  constexpr int R = rows_at_once;
  std::size_t i = 0;
  for (; i + R <= rows; i += R)
    product_tile<R, Q>(w + i * row_step, row_step, term_step, bias ? bias + i : bias, x, y + i * n, terms, n);
  const T* rest = w + i * row_step;
  const T* bias_rest = bias ? bias + i : bias;
  switch (rows - i) {
    case 1:
      return product_tile<1, Q>(rest, row_step, term_step, bias_rest, x, y + i * n, terms, n);
    case 2:
      return product_tile<2, Q>(rest, row_step, term_step, bias_rest, x, y + i * n, terms, n);
    case 3:
      if constexpr (R > 3) product_tile<3, Q>(rest, row_step, term_step, bias_rest, x, y + i * n, terms, n);
      return;
    case 4:
      if constexpr (R > 4) product_tile<4, Q>(rest, row_step, term_step, bias_rest, x, y + i * n, terms, n);
      return;
    case 5:
      if constexpr (R > 5) product_tile<5, Q>(rest, row_step, term_step, bias_rest, x, y + i * n, terms, n);
      return;
  }
}

template <class T>
void lanes_product(const T* w, std::size_t row_step, std::size_t term_step, const T* bias, const T* x, T* y,
                   std::size_t rows, std::size_t terms, std::size_t n) {
  constexpr int W = lanes<T>;
  std::size_t s = 0;
  for (; s + 4 * W <= n; s += 4 * W)
    product_rows<4>(w, row_step, term_step, bias, x + s, y + s, rows, terms, n);
  if constexpr (W * sizeof(T) >= 32) {
    if ((n - s) / W >= 2) {
      product_rows<2>(w, row_step, term_step, bias, x + s, y + s, rows, terms, n);
      s += 2 * W;
    }
  }
  if constexpr (W * sizeof(T) >= 64) {
    if (s < n) product_rows<1>(w, row_step, term_step, bias, x + s, y + s, rows, terms, n);
  }
}

/// W x + b of some rows at a time is made beside y: y is kept, in memory that the caches have mostly lost,
/// and is better written once, and no faster than the activation goes.
template <class T>
void forward_lanes(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, std::size_t n,
                   Activation act) {
  if (n == 0) return;
  constexpr std::size_t room = 8192 / sizeof(T);
  const T* const bias = p + in * out;
  const std::size_t tiles = room / (rows_at_once * n), at_once = tiles * rows_at_once;
  if (act == Activation::identity || at_once == 0) {
    lanes_product(p, std::size_t{1}, out, bias, x, y, out, in, n);
    if (act != Activation::identity) apply_activation(y, y, d, out * n, act);
    return;
  }
  alignas(64) T sums[room];
  for (std::size_t i = 0; i < out; i += at_once) {
    const std::size_t rows = out - i < at_once ? out - i : at_once;
    lanes_product(p + i, std::size_t{1}, out, bias + i, x, sums, rows, in, n);
    apply_activation(sums, y + i * n, d ? d + i * n : d, rows * n, act);
  }
}

/// z ∘ act′, the slope made from the output y.
template <class T>
void times_slope_of_output(const T* y, T* z, std::size_t count, Activation act) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  if (act == Activation::tanh) {
    for (std::size_t i = 0; i < count; i += W) {
      const P yi = P::load(y + i);
      (P::load(z + i) * fnma(yi, yi, P(T(1)))).store(z + i);
    }
  } else {
    for (std::size_t i = 0; i < count; i += W) {
      const P yi = P::load(y + i);
      (P::load(z + i) * select(yi > P(T(0)), P(T(1)), yi)).store(z + i);
    }
  }
}

/// Asks for so many bytes more of what is ahead, in the second cache: the first one is full of this block.
COSTATE_INLINE void fetch(ReadAhead& ahead, std::size_t bytes) {
  constexpr std::size_t line = 64;
  const std::size_t now = bytes < ahead.bytes ? bytes / line * line : ahead.bytes;
  for (std::size_t i = 0; i < now; i += line) __builtin_prefetch(ahead.next + i, 0, 2);
  ahead.next += now;
  ahead.bytes -= now;
}

/// Sums over samples of R rows of z with C columns of x, and where Bias with a column of ones behind them,
/// added to R adjoints that stand side by side in each column.
template <int R, int C, bool Bias, class T>
void gradient_tile(const T* z, const T* x, std::size_t n, T* to, std::size_t stride, ReadAhead& ahead) {
  constexpr int W = lanes<T>;
  constexpr int columns = C + (Bias ? 1 : 0);
  using P = Pack<T, W>;
  // half of what this reads: what is kept between two layers is y of one and x of the other
  fetch(ahead, (R > C ? R : C) * n * sizeof(T) / 2);
  P s[columns][R];
  unroll<columns>([&](auto c) COSTATE_INLINE_LAMBDA {
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { s[c][r] = P(T(0)); });
  });
  for (std::size_t i = 0; i < n; i += W) {
    P zr[R];
    unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { zr[r] = in_register(P::load(z + r * n + i)); });
    unroll<C>([&](auto c) COSTATE_INLINE_LAMBDA {
      const P xc = in_register(P::load(x + c * n + i));
      unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { s[c][r] = fma(zr[r], xc, s[c][r]); });
    });
    if constexpr (Bias) unroll<R>([&](auto r) COSTATE_INLINE_LAMBDA { s[C][r] = s[C][r] + zr[r]; });
  }
  unroll<columns>([&](auto c) COSTATE_INLINE_LAMBDA { add_sums(s[c], to + c * stride); });
}

template <int C, bool Bias, class T>
void gradient_columns_of(const T* z, const T* x, std::size_t n, T* to, std::size_t out, ReadAhead& ahead) {
  std::size_t i = 0;
  for (; i + 4 <= out; i += 4) gradient_tile<4, C, Bias>(z + i * n, x, n, to + i, out, ahead);
  switch (out - i) {
    case 1:
      return gradient_tile<1, C, Bias>(z + i * n, x, n, to + i, out, ahead);
    case 2:
      return gradient_tile<2, C, Bias>(z + i * n, x, n, to + i, out, ahead);
    case 3:
      return gradient_tile<3, C, Bias>(z + i * n, x, n, to + i, out, ahead);
  }
}

template <class T>
void pull_lanes_back(const T* p, const T* x, const T* y, const T* d, T* z, T* xbar, T* pbar, std::size_t in,
                     std::size_t out, std::size_t n, Activation act, ReadAhead& ahead) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  if (d) {
    for (std::size_t i = 0; i < out * n; i += W) (P::load(z + i) * P::load(d + i)).store(z + i);
  } else if (act != Activation::identity) {
    times_slope_of_output(y, z, out * n, act);
  }
  if (xbar) lanes_product(p, out, std::size_t{1}, static_cast<const T*>(nullptr), z, xbar, in, out, n);
  if (!pbar) return;
  constexpr int C = gradient_columns;
  std::size_t k = 0;
  for (; in - k > C; k += C) gradient_columns_of<C, false>(z, x + k * n, n, pbar + k * out, out, ahead);
  // the bias is one column more, of ones
  switch (in - k) {
    case 1:
      return gradient_columns_of<1, true>(z, x + k * n, n, pbar + k * out, out, ahead);
    case 2:
      return gradient_columns_of<2, true>(z, x + k * n, n, pbar + k * out, out, ahead);
    case 3:
      if constexpr (C > 2) gradient_columns_of<3, true>(z, x + k * n, n, pbar + k * out, out, ahead);
      return;
    case 4:
      if constexpr (C > 3) gradient_columns_of<4, true>(z, x + k * n, n, pbar + k * out, out, ahead);
      return;
  }
}

/// Samples one after the other to features one after the other; the last sample is repeated up to n.
template <class T>
void to_lanes(const T* x, std::size_t features, std::size_t count, T* to, std::size_t n) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  std::size_t j = 0;
  if (features == 2) {
    for (; j + W <= count; j += W) {
      const P a = P::load(x + 2 * j), b = P::load(x + 2 * j + W);
      shuffle<Even>(a, b).store(to + j);
      shuffle<Odd>(a, b).store(to + n + j);
    }
  }
  for (; j < count; ++j)
    for (std::size_t i = 0; i < features; ++i) to[i * n + j] = x[j * features + i];
  for (; j < n; ++j)
    for (std::size_t i = 0; i < features; ++i) to[i * n + j] = to[i * n + count - 1];
}

/// The way back: x = from, or x += from where Add.
template <bool Add, class T>
void from_lanes(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  std::size_t j = 0;
  const auto put = [](T* at, P value) COSTATE_INLINE_LAMBDA {
    if constexpr (Add) value = P::load(at) + value;
    value.store(at);
  };
  if (features == 2) {
    for (; j + W <= count; j += W) {
      const P a = P::load(from + j), b = P::load(from + n + j);
      put(x + 2 * j, shuffle<InterleaveLower>(a, b));
      put(x + 2 * j + W, shuffle<InterleaveUpper>(a, b));
    }
  }
  for (; j < count; ++j)
    for (std::size_t i = 0; i < features; ++i) {
      if constexpr (Add)
        x[j * features + i] += from[i * n + j];
      else
        x[j * features + i] = from[i * n + j];
    }
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
