#include <costate/methods/taylor.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <numbers>

namespace costate {
namespace {

/// φ of x(t) = 0.4 + 0.3 t + 0.2 t², and the same for complex numbers.
template <bool unrolled = false, class Function, class Complex>
void expect_series(const char* name, Function function, Complex on_complex) {
  SCOPED_TRACE(name);
  constexpr std::size_t order = 16;
  const auto f = [function](auto& du, const auto&, const auto&, const auto& t) {
    du[0] = function(0.4 + 0.3 * t + 0.2 * t * t);
  };
  double recorded[order + 1] = {0}, written_out[order + 1] = {0};
  detail::TapedSeries<decltype(f), double, 1, 0, double> tape({}, 1);
  tape.expand(f, {}, recorded, 0.0, 1.0, order);
  const auto captures_nothing = [](auto& du, const auto&, const auto&, const auto& t) {
    du[0] = Function{}(0.4 + 0.3 * t + 0.2 * t * t);
  };
  using F = std::remove_const_t<decltype(captures_nothing)>;
  std::size_t width = 1;
  double c[(order + 1) * 8] = {0};
  if constexpr (detail::CompilesToSeries<F, 1, 0>) {
    detail::CompiledSeries<F, double, 1, 0, double, unrolled ? detail::unrolled_orders : 0> compiled({}, 1);
    width = compiled.width();
    ASSERT_LE(width, 8u);
    compiled.expand(captures_nothing, {}, c, 0.0, 1.0, order);
    for (std::size_t k = 0; k <= order; ++k) written_out[k] = c[k * width];
  }
  // Cauchy's integral on a circle, by the trapezoidal rule
  constexpr int points = 256;
  const double radius = 0.4;
  for (std::size_t k = 0; k < order; ++k) {
    std::complex<double> sum = 0;
    for (int i = 0; i < points; ++i) {
      const std::complex<double> t = std::polar(radius, 2 * std::numbers::pi * i / points);
      sum +=
          on_complex(0.4 + 0.3 * t + 0.2 * t * t) * std::polar(1.0, -2 * std::numbers::pi * i * k / points);
    }
    const double expected = sum.real() / points / std::pow(radius, k);
    const double allowed = 4e-15 / std::pow(radius, k) + 1e-14 * std::abs(expected);
    EXPECT_NEAR(recorded[k + 1] * (k + 1), expected, allowed) << "recorded, order " << k;
    if constexpr (detail::CompilesToSeries<F, 1, 0>) {
      EXPECT_NEAR(written_out[k + 1] * (k + 1), expected, allowed) << "written out, order " << k;
    }
  }
}
#define EXPECT_SERIES(expression, complex_expression) EXPECT_SERIES_BY(false, expression, complex_expression)
/// The orders as template parameters, which costs the compiler more.
#define EXPECT_UNROLLED_SERIES(expression, complex_expression) \
  EXPECT_SERIES_BY(true, expression, complex_expression)
#define EXPECT_SERIES_BY(unrolled, expression, complex_expression) \
  expect_series<unrolled>(                                         \
      #expression, [](const auto& x) { return expression; },       \
      [](const std::complex<double>& x) -> std::complex<double> { return complex_expression; })

TEST(TaylorSeries, HasTheSeriesOfEveryExponentialAndPower) {
  EXPECT_UNROLLED_SERIES(costate::exp(x), std::exp(x));
  EXPECT_SERIES(costate::expm1(x), std::exp(x) - 1.0);
  EXPECT_UNROLLED_SERIES(costate::log(x), std::log(x));
  EXPECT_SERIES(costate::log1p(x), std::log(1.0 + x));
  EXPECT_SERIES(costate::log2(x), std::log(x) / std::numbers::ln2);
  EXPECT_SERIES(costate::log10(x), std::log(x) / std::numbers::ln10);
  EXPECT_UNROLLED_SERIES(costate::sqrt(x), std::sqrt(x));
  EXPECT_SERIES(costate::cbrt(x), std::pow(x, 1.0 / 3));
  EXPECT_SERIES(costate::cbrt(-x), -std::pow(x, 1.0 / 3));
  EXPECT_UNROLLED_SERIES(costate::pow(x, -1.5), std::pow(x, -1.5));
  EXPECT_SERIES(costate::pow(x, 0.5), std::sqrt(x));
  EXPECT_SERIES(costate::pow(x, 3), x * x * x);
  EXPECT_SERIES(costate::pow(x - 0.4, 2), (x - 0.4) * (x - 0.4));
  EXPECT_SERIES(costate::pow(x, -2), 1.0 / (x * x));
  EXPECT_SERIES(costate::pow(1.7, x), std::pow(1.7, x));
  EXPECT_SERIES(costate::pow(x, x), std::pow(x, x));
}

TEST(TaylorSeries, HasTheSeriesOfEveryCircularAndHyperbolicFunction) {
  EXPECT_SERIES(costate::sin(x), std::sin(x));
  EXPECT_SERIES(costate::cos(x), std::cos(x));
  EXPECT_SERIES(costate::sin(x) * costate::cos(x), std::sin(2.0 * x) / 2.0);
  EXPECT_SERIES(costate::tan(x), std::tan(x));
  EXPECT_SERIES(costate::asin(x), std::asin(x));
  EXPECT_SERIES(costate::acos(x), std::acos(x));
  EXPECT_SERIES(costate::atan(x), std::atan(x));
  EXPECT_SERIES(costate::sinh(x), std::sinh(x));
  EXPECT_SERIES(costate::cosh(x), std::cosh(x));
  EXPECT_UNROLLED_SERIES(costate::tanh(x), std::tanh(x));
  EXPECT_SERIES(costate::atan2(x, 1.0 + x), std::atan(x / (1.0 + x)));
  EXPECT_SERIES(costate::atan2(x, -1.0 - x), std::numbers::pi - std::atan(x / (1.0 + x)));
  EXPECT_SERIES(costate::hypot(x, 1.0), std::sqrt(x * x + 1.0));
}

TEST(TaylorSeries, HasTheSeriesOfArithmetic) {
  EXPECT_UNROLLED_SERIES(x / (1.0 + x), x / (1.0 + x));
  EXPECT_SERIES((2.0 - x) / (x * x), (2.0 - x) / (x * x));
  EXPECT_UNROLLED_SERIES(3.0 / x - x / 7.0, 3.0 / x - x / 7.0);
  EXPECT_SERIES(-x * (x - 2.0) + 1.0, -x * (x - 2.0) + 1.0);
  EXPECT_UNROLLED_SERIES(costate::abs(-x) + costate::abs(x), 2.0 * x);
  EXPECT_SERIES(costate::max(x, 0.1) * costate::min(x, 2), x * x);
  EXPECT_SERIES(1.0 / (1.0 + costate::exp(-x)), 1.0 / (1.0 + std::exp(-x)));
}

// erf has no complex form in <complex>; its slope has
TEST(TaylorSeries, HasTheSeriesOfTheErrorFunction) {
  const auto f = [](auto& du, const auto&, const auto&, const auto& t) {
    du[0] = costate::erf(0.4 + 0.3 * t);
  };
  const auto solution = solve(ODEProblem(f, {0.0}, {0.0, 1.0}), Taylor{}, {.abstol = 1e-15, .reltol = 1e-15});
  // ∫ erf = x erf x + exp(−x²)/√π
  const auto integral = [](double x) {
    return x * std::erf(x) + std::exp(-x * x) * std::numbers::inv_sqrtpi;
  };
  EXPECT_NEAR(solution.back()[0], (integral(0.7) - integral(0.4)) / 0.3, 1e-15);
}

}  // namespace
}  // namespace costate
