#include <costate/ad/dual.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <type_traits>

#include "elementary_functions.hpp"

namespace costate {
namespace {

using D = Dual<double, 1>;
using DD = Dual<D, 1>;

double tolerance(double scale) {
  return 4e-15 * std::fmax(1.0, std::abs(scale));
}

D variable(double x) {
  return D::variable(x, 0);
}
/// x with a first and a second direction, both along it.
DD twice(double x) {
  DD result(variable(x));
  result.partial[0] = D(1.0);
  return result;
}

}  // namespace

TEST(Dual, CarriesFirstDerivatives) {
  for_each_elementary_function([](const char* name, auto f, auto first, auto, const auto& points) {
    for (const double x : points) {
      const D y = f(variable(x));
      EXPECT_NEAR(y.value, f(x), tolerance(f(x))) << name << " at " << x;
      EXPECT_NEAR(y.partial[0], first(x), tolerance(first(x))) << name << " at " << x;
    }
  });
}

TEST(Dual, NestsToSecondDerivatives) {
  for_each_elementary_function([](const char* name, auto f, auto first, auto second, const auto& points) {
    for (const double x : points) {
      const DD y = f(twice(x));
      EXPECT_NEAR(y.value.partial[0], first(x), tolerance(first(x))) << name << " at " << x;
      EXPECT_NEAR(y.partial[0].value, first(x), tolerance(first(x))) << name << " at " << x;
      EXPECT_NEAR(y.partial[0].partial[0], second(x), 4 * tolerance(second(x))) << name << " at " << x;
    }
  });
}

TEST(Dual, WorksInFloatWithEveryWidth) {
  const auto check = [](auto width) {
    using F = Dual<float, decltype(width)::value>;
    F x(0.7f);
    for (std::size_t i = 0; i < width; ++i) x.partial[i] = static_cast<float>(i + 1);
    const F y = costate::exp(2.0 * x) / (x + 1) - 3 * x * costate::sin(x);
    const double slope =
        std::exp(1.4) * (2 / 1.7 - 1 / (1.7 * 1.7)) - 3 * (std::sin(0.7) + 0.7 * std::cos(0.7));
    for (std::size_t i = 0; i < width; ++i)
      EXPECT_NEAR(y.partial[i], slope * static_cast<double>(i + 1), 2e-5 * static_cast<double>(i + 1));
    static_assert(std::is_same_v<base_t<F>, float>);
  };
  check(std::integral_constant<std::size_t, 1>{});
  check(std::integral_constant<std::size_t, 3>{});
  check(std::integral_constant<std::size_t, 4>{});
  check(std::integral_constant<std::size_t, 5>{});
  check(std::integral_constant<std::size_t, 8>{});
  check(std::integral_constant<std::size_t, 17>{});
}

TEST(Dual, PassesPartialsOfSeveralVariablesThrough) {
  const auto x = Dual<double, 3>::variable(1.3, 0), y = Dual<double, 3>::variable(0.4, 1),
             z = Dual<double, 3>::variable(-2.0, 2);
  const auto w = x * y / z + costate::atan2(y, x) - costate::hypot(x, z) + costate::pow(x, y);
  const double r = std::hypot(1.3, 2.0), n = 1.3 * 1.3 + 0.4 * 0.4;
  EXPECT_NEAR(w.partial[0], 0.4 / -2 - 0.4 / n - 1.3 / r + 0.4 * std::pow(1.3, -0.6), 1e-15);
  EXPECT_NEAR(w.partial[1], 1.3 / -2 + 1.3 / n + std::pow(1.3, 0.4) * std::log(1.3), 1e-15);
  EXPECT_NEAR(w.partial[2], -1.3 * 0.4 / 4 + 2 / r, 1e-15);
}

TEST(Dual, MixesWithBuiltInNumbers) {
  const D x = variable(3.0);
  const auto slope = [](const D& y) { return y.partial[0]; };
  EXPECT_EQ(slope(x + 1), 1);
  EXPECT_EQ(slope(1 - x), -1);
  EXPECT_EQ(slope(2.0f * x), 2);
  EXPECT_EQ(slope(x * 2), 2);
  EXPECT_EQ(slope(x / 4), 0.25);
  EXPECT_EQ(slope(9 / x), -1);
  EXPECT_EQ((9 / x).value, 3);
  EXPECT_EQ(slope(-x), -1);
  EXPECT_EQ(slope(+x), 1);
  static_assert(std::is_same_v<decltype(x * 2), D>);
  static_assert(!std::is_convertible_v<D, double>, "a derivative must not be lost without a word");
}

TEST(Dual, AssignsCompoundly) {
  D x = variable(3.0);
  x += 1;
  x *= x;
  x -= 2.0f;
  x /= 2;
  EXPECT_EQ(x.value, 7);
  EXPECT_EQ(x.partial[0], 4);
  D y = variable(2.0);
  y *= y;
  y /= D(y);
  EXPECT_EQ(y.value, 1);
  EXPECT_EQ(y.partial[0], 0);
}

TEST(Dual, ComparesByValueAlone) {
  const D x = variable(1.0), same(1.0);
  EXPECT_TRUE(x == same && x == 1 && 1.0 == x && x <= 1 && x >= same);
  EXPECT_TRUE(x != 2 && x < 2 && 0 < x && x > 0.5 && !(x < same));
  const D nan(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(nan < 1 || nan > 1 || nan == nan);
  EXPECT_FALSE(is_finite(nan));
  EXPECT_TRUE(is_finite(x));
  EXPECT_EQ(plain(DD(x)), 1.0);
}

TEST(Dual, TakesOneSideOfAKink) {
  const auto relu_slope = [](double x) { return costate::max(0.0, variable(x)).partial[0]; };
  EXPECT_EQ(relu_slope(2), 1);
  EXPECT_EQ(relu_slope(-2), 0);
  EXPECT_EQ(relu_slope(0), 0) << "the plain number wins a tie where it comes first";
  EXPECT_EQ(costate::max(variable(0), 0).partial[0], 1);
  EXPECT_EQ(costate::min(variable(2), 3).partial[0], 1);
  EXPECT_EQ(costate::min(variable(2), 1).partial[0], 0);
  EXPECT_EQ(costate::min(variable(2), 1).value, 1);
  EXPECT_EQ(costate::abs(variable(-3)).partial[0], -1);
  const double at_zero = costate::abs(variable(0)).partial[0];
  EXPECT_TRUE(at_zero >= -1 && at_zero <= 1);
}

TEST(Dual, PowersAreRightInTheCorners) {
  const auto check = [](const D& y, double value, double slope) {
    EXPECT_EQ(y.value, value);
    EXPECT_EQ(y.partial[0], slope);
  };
  check(costate::pow(variable(3), 0), 1, 0);
  check(costate::pow(variable(0), 0), 1, 0);
  check(costate::pow(variable(0), 1), 0, 1);
  check(costate::pow(variable(0), 2), 0, 0);
  check(costate::pow(variable(-2), 3), -8, 12);
  check(costate::pow(variable(-2), 3.0), -8, 12);
  EXPECT_EQ(costate::pow(variable(0), 0.5).partial[0], std::numeric_limits<double>::infinity());
  EXPECT_EQ(costate::pow(twice(0), 2).partial[0].partial[0], 2);
  EXPECT_EQ(costate::pow(twice(0), 1).partial[0].partial[0], 0);
  EXPECT_EQ(costate::pow(twice(0), 3).partial[0].partial[0], 0);
  EXPECT_EQ(costate::pow(twice(3), 0).partial[0].partial[0], 0);
}

TEST(Dual, PowersOfTwoVariablesAreRightWhereTheBaseIsZero) {
  using P = Dual<double, 2>;
  const auto power = [](double x, double y) { return costate::pow(P::variable(x, 0), P::variable(y, 1)); };
  EXPECT_EQ(power(0, 2).partial[0], 0);
  EXPECT_EQ(power(0, 2).partial[1], 0);
  EXPECT_EQ(power(0, 1).partial[0], 1);
  EXPECT_EQ(power(0, 0).value, 1);
  EXPECT_EQ(power(0, 0).partial[0], 0);
  EXPECT_EQ(power(3, 0).partial[0], 0);
  EXPECT_EQ(power(3, 0).partial[1], std::log(3));
}

// x^s where s is constant to the outer number and a variable of the inner one: at s = 0 d(x^s)/ds is log x,
// not 0
TEST(Dual, PowersKeepTheDerivativeOfAnInnerExponentThatIsZero) {
  const D s = variable(0.0);
  DD x(D(3.0));
  x.partial[0] = D(1.0);
  const DD y = costate::pow(x, s);
  EXPECT_NEAR(y.value.partial[0], std::log(3.0), 1e-15);
  EXPECT_NEAR(y.partial[0].partial[0], 1 / 3.0, 1e-15);
}

}  // namespace costate
