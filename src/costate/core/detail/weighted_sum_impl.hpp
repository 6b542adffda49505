#pragma once

#include <costate/core/detail/simd.hpp>
#include <costate/core/detail/weighted_sum_table.hpp>

#include <cstddef>
#include <utility>

/// Everything that one instruction set's source compiles for weighted sums.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

// With the weights they leave a register for the sum, also where there are sixteen.
inline constexpr std::size_t terms_at_once = 8;
// Of a block that sums of more terms pass again: it and the terms' blocks stay in the first-level cache.
inline constexpr std::size_t sum_block = 256;

template <class T, int W>
COSTATE_INLINE Pack<T, W> magnitude(Pack<T, W> x) {
  if constexpr (W > 1)
    return abs(x);
  else
    return x.v < 0 ? -x.v : x.v;
}
/// a where b is NaN.
template <class T, int W>
COSTATE_INLINE Pack<T, W> larger(Pack<T, W> a, Pack<T, W> b) {
  return a.v < b.v ? b.v : a.v;
}

template <class T, int W, std::size_t K>
COSTATE_INLINE void add_at(T* out, const T* base, const T* const (&k)[K], const Pack<T, W> (&w)[K],
                           std::size_t m) {
  Pack<T, W> sum = base != nullptr ? Pack<T, W>::load(base + m) : Pack<T, W>(T(0));
  unroll<int(K)>([&](auto J) COSTATE_INLINE_LAMBDA { sum = fma(w[J], Pack<T, W>::load(k[J] + m), sum); });
  sum.store(out + m);
}

/// The compiler sees K, so that the sum stays in a register over all terms and the weights in theirs.
template <class T, std::size_t... J>
void add_terms(T* out, const T* base, const T* const* terms, const T* weights, std::size_t from,
               std::size_t to, std::index_sequence<J...>) {
  constexpr int W = lanes<T>;
  constexpr std::size_t K = sizeof...(J);
  const T* const k[K] = {terms[J]...};
  const Pack<T, W> w[K] = {Pack<T, W>(weights[J])...};
  std::size_t m = from;
  for (; m + W <= to; m += W) add_at<T, W, K>(out, base, k, w, m);
  const Pack<T, 1> w1[K] = {Pack<T, 1>(weights[J])...};
  for (; m < to; ++m) add_at<T, 1, K>(out, base, k, w1, m);
}

template <class T>
void add_some(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
              std::size_t from, std::size_t to) {
  static_assert(terms_at_once == 8);
  switch (count) {
    case 1:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<1>{});
    case 2:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<2>{});
    case 3:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<3>{});
    case 4:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<4>{});
    case 5:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<5>{});
    case 6:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<6>{});
    case 7:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<7>{});
    case 8:
      return add_terms(out, base, terms, weights, from, to, std::make_index_sequence<8>{});
    default:
      break;
  }
  for (std::size_t m = from; m < to; ++m) out[m] = base != nullptr ? base[m] : T(0);
}

template <class T>
void add_block(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
               std::size_t from, std::size_t to) {
  for (std::size_t j = 0; j == 0 || j < count; j += terms_at_once) {
    const std::size_t left = count - j;
    add_some(out, j == 0 ? base : out, terms + j, weights + j, left < terms_at_once ? left : terms_at_once,
             from, to);
  }
}

template <class T>
void sum_terms(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
               std::size_t n) {
  const std::size_t block = count <= terms_at_once ? n : sum_block;
  for (std::size_t from = 0; from < n; from += block)
    add_block(out, base, terms, weights, count, from, from + block < n ? from + block : n);
}

template <class T, int W>
COSTATE_INLINE Pack<T, W> squared_error(const ScaledErrorOf<T>& scale, Pack<T, W> e, std::size_t m) {
  using P = Pack<T, W>;
  const P before = magnitude(P::load(scale.before + m)), after = magnitude(P::load(scale.after + m));
  const P abstol = scale.abstols != nullptr ? P::load(scale.abstols + m) : P(scale.abstol);
  const P reltol = scale.reltols != nullptr ? P::load(scale.reltols + m) : P(scale.reltol);
  const P scaled = e / fma(reltol, larger(before, after), abstol);
  return scaled * scaled;
}

template <class T>
double sum_errors(const ScaledErrorOf<T>& scale, const T* const* terms, const T* weights, std::size_t count,
                  std::size_t n) {
  constexpr int W = lanes<T>;
  using P = Pack<T, W>;
  alignas(64) T e[sum_block];
  const T* k[most_terms];
  double total = 0;
  for (std::size_t from = 0; from < n; from += sum_block) {
    const std::size_t size = from + sum_block < n ? sum_block : n - from;
    for (std::size_t j = 0; j < count; ++j) k[j] = terms[j] + from;
    add_block<T>(e, nullptr, k, weights, count, 0, size);
    P lanes_total(T(0));
    std::size_t m = 0;
    for (; m + W <= size; m += W)
      lanes_total = lanes_total + squared_error<T, W>(scale, P::load(e + m), from + m);
    T rest(0);
    for (; m < size; ++m) rest += squared_error<T, 1>(scale, Pack<T, 1>(e[m]), from + m).v;
    for (int i = 0; i < W; ++i) rest += lanes_total[i];
    total += static_cast<double>(rest);
  }
  return total;
}

template <class T>
consteval SumKernels<T> sum_kernels() {
  return {sum_terms<T>, sum_errors<T>};
}
consteval SumTable sum_table() {
  return {sum_kernels<float>(), sum_kernels<double>()};
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
