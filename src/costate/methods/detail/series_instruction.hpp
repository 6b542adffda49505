#pragma once

#include <costate/core/math.hpp>

#include <cstdint>

namespace costate::detail {

/// What an operation on power series computes from its operands a and b. "Constant" operands have an order 0
/// only: parameters, literals and what is made of them.
enum class SeriesKind : std::uint8_t {
  literal,
  parameter,
  state,
  time,
  add,
  subtract,
  negate,
  shift,          // a + b, b constant
  scale,          // a b, b constant
  subtract_from,  // b − a, b constant
  multiply,
  square,
  divide,
  reciprocal,   // b / a, b constant
  square_root,  // √a
  power,        // aᵇ, b constant
  integral,     // y = φ(a) with y' = ±b a'
  quotient,     // y = φ(a) with b y' = ±a'
  magnitude     // |a|
};

/// φ of SeriesKind::integral, quotient and power, by its value at order 0.
enum class SeriesFunction : std::uint8_t {
  none,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  erf,
  pow,
  cbrt
};

struct SeriesInstruction {
  SeriesKind kind = SeriesKind::literal;
  SeriesFunction function = SeriesFunction::none;
  bool negative = false;  // the sign in integral and quotient
  bool constant = false;
  std::int32_t a = -1, b = -1;
  double value = 0;  // of a literal
};

/// φ(x).
template <class T>
T value_of_function(SeriesFunction function, const T& x) {
  using costate::sin, costate::cos, costate::tan, costate::asin, costate::acos, costate::atan, costate::sinh,
      costate::cosh, costate::tanh, costate::erf, costate::exp, costate::expm1, costate::log, costate::log1p,
      costate::cbrt;
  switch (function) {
    case SeriesFunction::exp:
      return exp(x);
    case SeriesFunction::expm1:
      return expm1(x);
    case SeriesFunction::log:
      return log(x);
    case SeriesFunction::log1p:
      return log1p(x);
    case SeriesFunction::sin:
      return sin(x);
    case SeriesFunction::cos:
      return cos(x);
    case SeriesFunction::tan:
      return tan(x);
    case SeriesFunction::asin:
      return asin(x);
    case SeriesFunction::acos:
      return acos(x);
    case SeriesFunction::atan:
      return atan(x);
    case SeriesFunction::sinh:
      return sinh(x);
    case SeriesFunction::cosh:
      return cosh(x);
    case SeriesFunction::tanh:
      return tanh(x);
    case SeriesFunction::erf:
      return erf(x);
    case SeriesFunction::cbrt:
      return cbrt(x);
    default:
      return x;
  }
}

}  // namespace costate::detail
