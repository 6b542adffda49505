#pragma once

#include <costate/core/instruction_namespace.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>

#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ != 0
#error \
    "costate: -ffast-math and -Ofast take out the tests for NaN by which a failed solve is known: add -fno-finite-math-only"
#endif

/// Elementary functions that serve plain numbers and differentiating ones alike: write `costate::sin(u[0])`,
/// not `std::sin(u[0])`, in a right-hand side. `std::sin` takes a double; a right-hand side is also called
/// with Dual and Var, which carry the derivative and do not (and must not silently) turn into a double. The
/// overloads for Dual and Var stand beside those types.
namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

// Templates, so that a program with `using namespace costate` and <math.h> still calls ::sin(double) without
// ambiguity.
#define COSTATE_PLAIN_FUNCTION(name)                                      \
  template <class T>                                                      \
  requires std::is_arithmetic_v<T>                                        \
  inline auto name(T x) {                                                 \
    using R = std::conditional_t<std::is_floating_point_v<T>, T, double>; \
    return std::name(static_cast<R>(x));                                  \
  }
COSTATE_PLAIN_FUNCTION(sin)
COSTATE_PLAIN_FUNCTION(cos)
COSTATE_PLAIN_FUNCTION(tan)
COSTATE_PLAIN_FUNCTION(asin)
COSTATE_PLAIN_FUNCTION(acos)
COSTATE_PLAIN_FUNCTION(atan)
COSTATE_PLAIN_FUNCTION(sinh)
COSTATE_PLAIN_FUNCTION(cosh)
COSTATE_PLAIN_FUNCTION(tanh)
COSTATE_PLAIN_FUNCTION(exp)
COSTATE_PLAIN_FUNCTION(expm1)
COSTATE_PLAIN_FUNCTION(log)
COSTATE_PLAIN_FUNCTION(log1p)
COSTATE_PLAIN_FUNCTION(log2)
COSTATE_PLAIN_FUNCTION(log10)
COSTATE_PLAIN_FUNCTION(sqrt)
COSTATE_PLAIN_FUNCTION(cbrt)
COSTATE_PLAIN_FUNCTION(erf)
#undef COSTATE_PLAIN_FUNCTION

template <class T>
requires std::is_arithmetic_v<T>
inline T abs(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fabs(x);
  else
    return x < T(0) ? -x : x;
}
template <class T, class S>
requires(std::is_arithmetic_v<T>&& std::is_arithmetic_v<S>) inline auto pow(T x, S y) {
  return std::pow(x, y);
}
template <class T, class S>
requires(std::is_arithmetic_v<T>&& std::is_arithmetic_v<S>) inline auto atan2(T y, S x) {
  return std::atan2(y, x);
}
template <class T, class S>
requires(std::is_arithmetic_v<T>&& std::is_arithmetic_v<S>) inline auto hypot(T x, S y) {
  return std::hypot(x, y);
}
template <class T, class S>
requires(std::is_arithmetic_v<T>&& std::is_arithmetic_v<S>) inline auto max(T x, S y) {
  using R = std::common_type_t<T, S>;
  return static_cast<R>(x) < static_cast<R>(y) ? static_cast<R>(y) : static_cast<R>(x);
}
template <class T, class S>
requires(std::is_arithmetic_v<T>&& std::is_arithmetic_v<S>) inline auto min(T x, S y) {
  using R = std::common_type_t<T, S>;
  return static_cast<R>(y) < static_cast<R>(x) ? static_cast<R>(y) : static_cast<R>(x);
}
template <class T>
requires std::is_arithmetic_v<T>
inline bool is_finite(T x) {
  return std::isfinite(x);
}

}  // namespace COSTATE_INSTRUCTIONS

namespace detail::inline COSTATE_INSTRUCTIONS {

/// The largest power of two that |x| reaches, for normal x: scaling by it rounds nothing.
inline double power_of_two_below(double x) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0x7ff0000000000000ull);
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

}  // namespace costate
