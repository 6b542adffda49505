#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define COSTATE_SIMD_NAMESPACE avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define COSTATE_SIMD_NAMESPACE avx2
#elif defined(__aarch64__)
#define COSTATE_SIMD_NAMESPACE neon
#else
#define COSTATE_SIMD_NAMESPACE generic
#endif

#define COSTATE_INLINE [[gnu::always_inline]] inline
#define COSTATE_INLINE_LAMBDA __attribute__((always_inline))

/// Fixed-width packs for the compiled kernels, on the vector extensions of GCC and clang.
///
/// A file that includes this is compiled with the flags of one instruction set, and everything lives in an
/// inline namespace named after it, so that files built with different flags never share code. For the same
/// reason nothing from the standard library that could be emitted as a function is called here or in the
/// kernels.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

/// f(constant 0), …, f(constant N − 1): a loop over registers that no compiler's size limit leaves rolled.
template <int N, class F>
COSTATE_INLINE void unroll(F f) {
  [&]<int... I>(std::integer_sequence<int, I...>) COSTATE_INLINE_LAMBDA {
    (f(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

enum class InstructionSet { generic, neon, avx2, avx512 };
inline constexpr InstructionSet instruction_set = InstructionSet::COSTATE_SIMD_NAMESPACE;

/// Lanes of the widest register.
template <class T>
inline constexpr int lanes = (instruction_set == InstructionSet::avx512 ? 64
                              : instruction_set == InstructionSet::avx2 ? 32
                                                                        : 16) /
                             int{sizeof(T)};

template <class T>
struct BitOf;
template <>
struct BitOf<float> {
  using type = std::int32_t;
};
template <>
struct BitOf<double> {
  using type = std::int64_t;
};

// Apart from Pack, since g++ 12 takes a dependent vector type of its own class for T in overload resolution.
template <class T, int W>
struct VectorOf {
  typedef T type __attribute__((vector_size(W * sizeof(T))));
};
template <class T>
struct VectorOf<T, 1> {
  using type = T;
};

/// W lanes of T with elementwise arithmetic. A comparison gives a vector of all-ones and all-zeros lanes for
/// `select`. One lane is a plain number, for the arithmetic alone.
template <class T, int W>
struct Pack {
  using Bit = typename BitOf<T>::type;
  using Vector = typename VectorOf<T, W>::type;
  using Bits = typename VectorOf<Bit, W>::type;
  using Scalar = T;
  static constexpr int width = W;

  Vector v;

  Pack() = default;
  COSTATE_INLINE Pack(Vector values) requires(W > 1) : v(values) {}
  COSTATE_INLINE Pack(T s) : v(s - Vector{}) {}
  COSTATE_INLINE explicit Pack(Bits bits) requires(W > 1) : v((Vector)bits) {}
  COSTATE_INLINE Bits bits() const { return (Bits)v; }
  COSTATE_INLINE T operator[](int i) const {
    if constexpr (W == 1)
      return v;
    else
      return v[i];
  }

  COSTATE_INLINE static Pack load(const T* p) {
    Pack r;
    __builtin_memcpy(&r.v, p, sizeof r.v);
    return r;
  }
  COSTATE_INLINE void store(T* p) const { __builtin_memcpy(p, &v, sizeof v); }

  COSTATE_INLINE friend Pack operator+(Pack a, Pack b) { return a.v + b.v; }
  COSTATE_INLINE friend Pack operator-(Pack a, Pack b) { return a.v - b.v; }
  COSTATE_INLINE friend Pack operator*(Pack a, Pack b) { return a.v * b.v; }
  COSTATE_INLINE friend Pack operator/(Pack a, Pack b) { return a.v / b.v; }
  COSTATE_INLINE friend Bits operator<(Pack a, Pack b) { return a.v < b.v; }
  COSTATE_INLINE friend Bits operator>(Pack a, Pack b) { return a.v > b.v; }
  COSTATE_INLINE friend Bits operator<=(Pack a, Pack b) { return a.v <= b.v; }

  COSTATE_INLINE friend Pack select(Bits mask, Pack yes, Pack no) { return mask ? yes.v : no.v; }
  COSTATE_INLINE friend Pack abs(Pack a) { return Pack(a.bits() & ~Pack(T(-0.0)).bits()); }
  /// |a| with the sign of s; a is not negative.
  COSTATE_INLINE friend Pack with_sign(Pack a, Pack s) {
    return Pack(a.bits() | (s.bits() & Pack(T(-0.0)).bits()));
  }
};

/// a b + c, fused where the processor has the instruction. Asked for by name where there is one: what a
/// compiler contracts of its own accord may change with the code around it, and a value may not change
/// because its derivative is asked for too.
template <class T, int W>
COSTATE_INLINE Pack<T, W> fma(Pack<T, W> a, Pack<T, W> b, Pack<T, W> c) {
#if defined(__AVX512F__)
  if constexpr (sizeof(a) == 64 && sizeof(T) == 8) return _mm512_fmadd_pd(a.v, b.v, c.v);
  if constexpr (sizeof(a) == 64 && sizeof(T) == 4) return _mm512_fmadd_ps(a.v, b.v, c.v);
#endif
#if defined(__FMA__)
  if constexpr (sizeof(a) == 32 && sizeof(T) == 8) return _mm256_fmadd_pd(a.v, b.v, c.v);
  if constexpr (sizeof(a) == 32 && sizeof(T) == 4) return _mm256_fmadd_ps(a.v, b.v, c.v);
  if constexpr (sizeof(a) == 16 && sizeof(T) == 8) return _mm_fmadd_pd(a.v, b.v, c.v);
  if constexpr (sizeof(a) == 16 && sizeof(T) == 4) return _mm_fmadd_ps(a.v, b.v, c.v);
#elif defined(__aarch64__)
  if constexpr (sizeof(a) == 16 && sizeof(T) == 8) return vfmaq_f64(c.v, a.v, b.v);
  if constexpr (sizeof(a) == 16 && sizeof(T) == 4) return vfmaq_f32(c.v, a.v, b.v);
#endif
  return a.v * b.v + c.v;
}

/// c − a b.
template <class T, int W>
COSTATE_INLINE Pack<T, W> fnma(Pack<T, W> a, Pack<T, W> b, Pack<T, W> c) {
  return fma(Pack<T, W>(-a.v), b, c);
}

/// b where a or b is NaN, so the argument that may be NaN stands second.
template <class T, int W>
COSTATE_INLINE Pack<T, W> min(Pack<T, W> a, Pack<T, W> b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(a) == 64 && sizeof(T) == 8) return _mm512_maskz_min_pd(0xff, a.v, b.v);
  if constexpr (sizeof(a) == 64 && sizeof(T) == 4) return _mm512_maskz_min_ps(0xffff, a.v, b.v);
#endif
#if defined(__AVX__)
  if constexpr (sizeof(a) == 32 && sizeof(T) == 8) return _mm256_min_pd(a.v, b.v);
  if constexpr (sizeof(a) == 32 && sizeof(T) == 4) return _mm256_min_ps(a.v, b.v);
#endif
#if defined(__SSE2__)
  if constexpr (sizeof(a) == 16 && sizeof(T) == 8) return _mm_min_pd(a.v, b.v);
  if constexpr (sizeof(a) == 16 && sizeof(T) == 4) return _mm_min_ps(a.v, b.v);
#endif
  return a.v < b.v ? a.v : b.v;
}

/// b where a or b is NaN.
template <class T, int W>
COSTATE_INLINE Pack<T, W> max(Pack<T, W> a, Pack<T, W> b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(a) == 64 && sizeof(T) == 8) return _mm512_maskz_max_pd(0xff, a.v, b.v);
  if constexpr (sizeof(a) == 64 && sizeof(T) == 4) return _mm512_maskz_max_ps(0xffff, a.v, b.v);
#endif
#if defined(__AVX__)
  if constexpr (sizeof(a) == 32 && sizeof(T) == 8) return _mm256_max_pd(a.v, b.v);
  if constexpr (sizeof(a) == 32 && sizeof(T) == 4) return _mm256_max_ps(a.v, b.v);
#endif
#if defined(__SSE2__)
  if constexpr (sizeof(a) == 16 && sizeof(T) == 8) return _mm_max_pd(a.v, b.v);
  if constexpr (sizeof(a) == 16 && sizeof(T) == 4) return _mm_max_ps(a.v, b.v);
#endif
  return a.v > b.v ? a.v : b.v;
}

/// Compilers read a number from memory once for each use of it as an operand; this makes them read it once.
template <class T, int W>
COSTATE_INLINE void stay_in_register([[maybe_unused]] Pack<T, W>& a) {
#if defined(__AVX512F__)
  asm("" : "+v"(a.v));
#endif
}

/// Adding it to a number of small size rounds that to an integer n, and leaves n plus the exponent bias in
/// the low bits.
template <class T>
inline constexpr T rounder = sizeof(T) == 8 ? T(6755399441055744.0 + 1023) : T(12582912.0 + 127);

/// 2ⁿ from rounder + n, for n in the range of normal numbers.
template <class T, int W>
COSTATE_INLINE Pack<T, W> power_of_two(Pack<T, W> rounded) {
  return Pack<T, W>(rounded.bits() << (sizeof(T) == 8 ? 52 : 23));
}

/// a 2ⁿ for integers n of any size that a float's exponent can need twice, gradual underflow included.
template <class T, int W>
COSTATE_INLINE Pack<T, W> scale(Pack<T, W> a, Pack<T, W> n) {
#if defined(__AVX512F__)
  if constexpr (sizeof(a) == 64 && sizeof(T) == 8) return _mm512_maskz_scalef_pd(0xff, a.v, n.v);
  if constexpr (sizeof(a) == 64 && sizeof(T) == 4) return _mm512_maskz_scalef_ps(0xffff, a.v, n.v);
#endif
  const Pack<T, W> half = fma(n, Pack<T, W>(T(0.5)), Pack<T, W>(rounder<T>));
  const Pack<T, W> rest = n - (half - Pack<T, W>(rounder<T>)) + Pack<T, W>(rounder<T>);
  return a * power_of_two(half) * power_of_two(rest);
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
