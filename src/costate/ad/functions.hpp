#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>

#include <numbers>

/// The derivatives of the elementary functions, written once for Dual and Var: `derivative_of_sin(x, value)`
/// is d sin(x) / dx, where value = sin(x) is at hand.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

#define COSTATE_DERIVATIVE(name, expression)                                                       \
  struct name##_function {                                                                         \
    template <class T>                                                                             \
    static T value(const T& x) {                                                                   \
      using costate::name;                                                                         \
      return name(x);                                                                              \
    }                                                                                              \
    template <class T>                                                                             \
    static T derivative([[maybe_unused]] const T& x, [[maybe_unused]] const T& y) {                \
      using costate::cos, costate::sin, costate::cosh, costate::sinh, costate::exp, costate::sqrt; \
      return expression;                                                                           \
    }                                                                                              \
  };
COSTATE_DERIVATIVE(sin, cos(x))
COSTATE_DERIVATIVE(cos, -sin(x))
COSTATE_DERIVATIVE(tan, 1.0 + y * y)
COSTATE_DERIVATIVE(asin, 1.0 / sqrt(1.0 - x * x))
COSTATE_DERIVATIVE(acos, -1.0 / sqrt(1.0 - x * x))
COSTATE_DERIVATIVE(atan, 1.0 / (1.0 + x * x))
COSTATE_DERIVATIVE(sinh, cosh(x))
COSTATE_DERIVATIVE(cosh, sinh(x))
COSTATE_DERIVATIVE(tanh, 1.0 - y * y)
COSTATE_DERIVATIVE(exp, y)
COSTATE_DERIVATIVE(expm1, y + 1.0)
COSTATE_DERIVATIVE(log, 1.0 / x)
COSTATE_DERIVATIVE(log1p, 1.0 / (1.0 + x))
COSTATE_DERIVATIVE(log2, 1.0 / (x * std::numbers::ln2))
COSTATE_DERIVATIVE(log10, 1.0 / (x * std::numbers::ln10))
COSTATE_DERIVATIVE(sqrt, 0.5 / y)
COSTATE_DERIVATIVE(cbrt, 1.0 / (3.0 * y * y))
COSTATE_DERIVATIVE(erf, (2.0 * std::numbers::inv_sqrtpi) * exp(-(x * x)))
#undef COSTATE_DERIVATIVE

/// One line per function: COSTATE_FOR_EACH_FUNCTION(X) expands X(sin) X(cos) …
#define COSTATE_FOR_EACH_FUNCTION(X)                                                                      \
  X(sin)                                                                                                  \
  X(cos)                                                                                                  \
  X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(tanh) X(exp) X(expm1) X(log) X(log1p) X(log2) X(log10) \
      X(sqrt) X(cbrt) X(erf)

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
