#pragma once

#include <algorithm>
#include <immintrin.h>

#if !defined(__AVX512F__) || !defined(__AVX512DQ__)
#error "the limit programs are written for AVX-512: build them with -march=native on a processor that has it"
#endif

namespace limits {

/// log2 and exp2 to 1e-4 from the exponent and mantissa instructions of AVX-512: enough for a step size, with
/// a dependent chain a third as long as that of std::pow.
[[gnu::always_inline]] inline double short_log2(double x) {
  const __m128d v = _mm_set_sd(x);
  const double exponent = _mm_cvtsd_f64(_mm_getexp_sd(v, v));
  const double m = _mm_cvtsd_f64(_mm_getmant_sd(v, v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src));
  const double m2 = m * m;
  const double low = (-2.505614661980042 + exponent) + 4.0496168925860205 * m;
  const double high = -2.0994022811882105 + 0.6355111165202979 * m;
  return low + m2 * (high - 0.08001087690680529 * m2);
}

[[gnu::always_inline]] inline double short_exp2(double y) {
  const __m128d v = _mm_set_sd(y);
  const double f = _mm_cvtsd_f64(_mm_reduce_sd(v, v, 0x09));  // y − ⌊y⌋
  const double mantissa =
      (0.999896691028205 + 0.6963905466553726 * f) + f * f * (0.22451634404563486 + 0.07908570124786876 * f);
  return _mm_cvtsd_f64(_mm_scalef_sd(_mm_set_sd(mantissa), v));
}

/// 1/x to 14 bits, plenty for an error norm.
[[gnu::always_inline]] inline double short_reciprocal(double x) {
  const __m128d v = _mm_set_sd(x);
  return _mm_cvtsd_f64(_mm_rcp14_sd(v, v));
}

/// PI control in log2 space with the constants of SciML's Tsit5: β₁ = 7/50, β₂ = 2/25, γ = 0.9, factors in
/// [0.2, 10].
class PIControl {
 public:
  /// Factor of the next step after an accepted one whose error has this log2.
  [[gnu::always_inline]] double accept(double log2_error) {
    const double y = log2_gamma - 0.14 * log2_error + 0.08 * log2_previous_;
    log2_previous_ = std::max(log2_error, log2_smallest);
    return short_exp2(std::min(std::max(y, -2.321928094887362), 3.321928094887362));
  }
  [[gnu::always_inline]] double reject(double log2_error) const {
    return short_exp2(std::max(log2_gamma - 0.14 * log2_error, -2.321928094887362));
  }

 private:
  static constexpr double log2_gamma = -0.15200309344504997, log2_smallest = -13.287712379549449;
  double log2_previous_ = log2_smallest;
};

}  // namespace limits
