#pragma once

#include <costate/nn/detail/simd_shuffle.hpp>

#include <cstddef>
#include <type_traits>

/// The ends of arrays, whose lengths are no multiple of the lanes.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// Calls part(constant V, offset) for the powers of two V < 2 Largest that make up n < 2 Largest, the largest
/// first.
///
/// The ends of arrays that were just written are read, and written, in such exact pieces: a masked access of
/// full width waits for every store that its masked lanes touch, among them those to the next column.
template <int Largest, class F>
COSTATE_INLINE void in_pieces(std::size_t n, F part, std::size_t offset = 0) {
  if (n & Largest) {
    part(std::integral_constant<int, Largest>{}, offset);
    offset += Largest;
  }
  if constexpr (Largest > 1) in_pieces<Largest / 2>(n, part, offset);
}

/// The first n lanes of a pack, 0 ≤ n ≤ W; the lanes behind them are never touched in memory.
template <class T, int W>
struct Lanes {
  using P = Pack<T, W>;
  static constexpr int bytes = W * int{sizeof(T)};

  int n;

  COSTATE_INLINE explicit Lanes(std::size_t count) : n(static_cast<int>(count)) {}

  /// The lanes behind are 0.
  COSTATE_INLINE P load(const T* p) const {
#if defined(__AVX512VL__)
    const unsigned bits = (1u << n) - 1u;
    const auto m = static_cast<__mmask8>(bits);
    if constexpr (sizeof(T) == 8 && bytes == 64) return _mm512_maskz_loadu_pd(m, p);
    if constexpr (sizeof(T) == 8 && bytes == 32) return _mm256_maskz_loadu_pd(m, p);
    if constexpr (sizeof(T) == 8 && bytes == 16) return _mm_maskz_loadu_pd(m, p);
    if constexpr (sizeof(T) == 4 && bytes == 64)
      return _mm512_maskz_loadu_ps(static_cast<__mmask16>(bits), p);
    if constexpr (sizeof(T) == 4 && bytes == 32) return _mm256_maskz_loadu_ps(m, p);
    if constexpr (sizeof(T) == 4 && bytes == 16) return _mm_maskz_loadu_ps(m, p);
#elif defined(__AVX2__)
    if constexpr (sizeof(T) == 8 && bytes == 32) return _mm256_maskload_pd(p, (__m256i)avx_mask());
    if constexpr (sizeof(T) == 4 && bytes == 32) return _mm256_maskload_ps(p, (__m256i)avx_mask());
    if constexpr (sizeof(T) == 8 && bytes == 16) return _mm_maskload_pd(p, (__m128i)avx_mask());
    if constexpr (sizeof(T) == 4 && bytes == 16) return _mm_maskload_ps(p, (__m128i)avx_mask());
#else
    if (n == W) return P::load(p);
    typename P::Vector r{};
    for (int i = 0; i < W - 1; ++i) {
      if (i < n) r[i] = p[i];
    }
    return r;
#endif
  }

  COSTATE_INLINE void store(T* p, P a) const {
    if (n == W) return a.store(p);
    store_pieces(p, a, n);
  }

 private:
#if defined(__AVX2__) && !defined(__AVX512VL__)
  COSTATE_INLINE typename P::Bits avx_mask() const {
    using Bit = typename P::Bit;
    typename P::Bits lane;
    for (int i = 0; i < W; ++i) lane[i] = i;
    return lane < static_cast<Bit>(n) - typename P::Bits{};
  }
#endif

  template <int V>
  COSTATE_INLINE static void store_pieces(T* p, Pack<T, V> a, int count) {
    if constexpr (V == 2) {
      if (count & 1) *p = a[0];
    } else {
      Pack<T, V / 2> piece = lower_half(a);
      if (count & (V / 2)) {
        piece.store(p);
        p += V / 2;
        piece = upper_half(a);
      }
      store_pieces(p, piece, count);
    }
  }
};

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
