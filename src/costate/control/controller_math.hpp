#pragma once

#include <costate/core/instruction_namespace.hpp>

#include <bit>
#include <cstdint>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

// A controller needs the new step to a per cent, and std::pow is longer than the right-hand side of a small
// problem. These two polynomials on the bits of a double are good to 2e-3 absolute in log2 and 2e-3 relative
// in exp2, on every processor alike.

/// log₂ x for normal x > 0; −1023 for 0.
inline double short_log2(double x) {
  // bits of a vector stay in its register, where those of a number would go through an integer one and back
  typedef double Pair __attribute__((vector_size(16)));
  typedef std::uint64_t Bits __attribute__((vector_size(16)));
  const Bits bits = std::bit_cast<Bits>(Pair{x, x});
  const double exponent =
      std::bit_cast<Pair>((bits >> 52) | 0x4330000000000000ull)[0] - (4503599627370496.0 + 1023.0);
  const double m = std::bit_cast<Pair>((bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull)[0];
  const double m2 = m * m;
  const double low = exponent + (-2.505614661980042 + 4.0496168925860205 * m);
  const double high = -2.0994022811882105 + 0.6355111165202979 * m;
  return low + m2 * (high - 0.08001087690680529 * m2);
}

/// 2ʸ for |y| < 1000.
inline double short_exp2(double y) {
  const double k = y + 6755399441055744.0;
  const double f = y - (k - 6755399441055744.0);
  const double p = (1.0 + 0.6951786 * f) + f * f * (0.2402265 + 0.0520000 * f);
  // a factor that is known early, not bits added to p: the step waits for p
  const double power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(k) << 52) + 0x3ff0000000000000ull);
  return p * power;
}

/// A rejected step is tried again at most at 0.99 of its size: these functions are not exact, and a factor of
/// 1 would repeat it.
inline constexpr double log_rejected = -0.0145;

[[gnu::noinline, gnu::cold]] inline double nearest_bound(double x, double low, double high) {
  return x < low ? low : high;
}
/// A call behind a branch, since a step seldom meets a bound and waits for the number: a predicted one costs
/// nothing, and without a call g++ makes it a chain of minimum and maximum.
inline double clamp(double x, double low, double high) {
  if (x < low || x > high) [[unlikely]]
    return nearest_bound(x, low, high);
  return x;
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
