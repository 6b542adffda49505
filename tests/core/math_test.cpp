#include <costate/core/math.hpp>

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <math.h>
#include <type_traits>

// A user's file: everything of costate in sight, and the C library's names in the global namespace.
namespace user {

using namespace costate;

double of_double(double x) {
  return sin(x) + cos(x) + tan(x) + asin(x) + acos(x) + atan(x) + sinh(x) + cosh(x) + tanh(x) + exp(x) +
         expm1(x) + log(x) + log1p(x) + log2(x) + log10(x) + sqrt(x) + cbrt(x) + erf(x) + abs(x) +
         pow(x, 2.5) + pow(x, 2) + pow(2, x) + atan2(x, 2.0) + hypot(x, 1.0) + max(x, 0.1) + min(x, 0.1);
}
double of_double_by_name(double x) {
  return std::sin(x) + std::cos(x) + std::tan(x) + std::asin(x) + std::acos(x) + std::atan(x) + std::sinh(x) +
         std::cosh(x) + std::tanh(x) + std::exp(x) + std::expm1(x) + std::log(x) + std::log1p(x) +
         std::log2(x) + std::log10(x) + std::sqrt(x) + std::cbrt(x) + std::erf(x) + std::fabs(x) +
         std::pow(x, 2.5) + std::pow(x, 2) + std::pow(2, x) + std::atan2(x, 2.0) + std::hypot(x, 1.0) +
         std::fmax(x, 0.1) + std::fmin(x, 0.1);
}
auto of_float(float x) {
  return sin(x) + cos(x) + exp(x) + log(x) + sqrt(x) + tanh(x) + abs(x) + pow(x, 2.0f) + hypot(x, 1.0f) +
         max(x, 0.1f);
}
auto of_int(int n) {
  return sin(n) + exp(n) + sqrt(n) + tanh(n) + pow(n, 2);
}
auto abs_of_int(int n) {
  return abs(n);
}
auto max_of_mixed(int n, double x) {
  return max(n, x);
}

}  // namespace user

namespace costate {
namespace {

TEST(Math, IsUnambiguousBesideTheNamesOfC) {
  EXPECT_DOUBLE_EQ(user::of_double(0.3), user::of_double_by_name(0.3));
  static_assert(std::is_same_v<decltype(user::of_float(1.0f)), float>, "single precision stays single");
  EXPECT_NEAR(user::of_float(0.25f),
              std::sin(0.25) + std::cos(0.25) + std::exp(0.25) + std::log(0.25) + 0.5 + std::tanh(0.25) +
                  0.25 + 0.0625 + std::hypot(0.25, 1.0) + 0.25,
              1e-5);
  static_assert(std::is_same_v<decltype(user::of_int(1)), double>);
  EXPECT_DOUBLE_EQ(user::of_int(2), std::sin(2.0) + std::exp(2.0) + std::sqrt(2.0) + std::tanh(2.0) + 4);
  EXPECT_EQ(user::abs_of_int(-3), 3);
  EXPECT_EQ(user::max_of_mixed(1, 2.5), 2.5);
}

TEST(Math, KeepsFloatAndPromotesIntegers) {
  static_assert(std::is_same_v<decltype(costate::sin(1.0f)), float>);
  static_assert(std::is_same_v<decltype(costate::sin(1)), double>);
  static_assert(std::is_same_v<decltype(costate::sqrt(2L)), double>);
  static_assert(std::is_same_v<decltype(costate::exp(1.0L)), long double>);
  static_assert(std::is_same_v<decltype(costate::abs(-1)), int>);
  static_assert(std::is_same_v<decltype(costate::pow(2.0f, 3.0f)), float>);
  static_assert(std::is_same_v<decltype(costate::max(1.0f, 2.0)), double>);
  static_assert(std::is_same_v<decltype(costate::max(1, 2)), int>);
  EXPECT_DOUBLE_EQ(costate::sqrt(2), std::sqrt(2.0));
  EXPECT_FLOAT_EQ(costate::tanh(0.5f), std::tanh(0.5f));
  EXPECT_DOUBLE_EQ(costate::pow(2, 0.5), std::sqrt(2.0));
}

TEST(Math, AbsHasNoNegativeZeroAndKeepsNan) {
  EXPECT_FALSE(std::signbit(costate::abs(-0.0)));
  EXPECT_TRUE(std::isnan(costate::abs(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(costate::abs(-std::numeric_limits<float>::infinity()), std::numeric_limits<float>::infinity());
}

TEST(Math, KnowsWhatIsFinite) {
  EXPECT_TRUE(is_finite(1.0));
  EXPECT_TRUE(is_finite(3));
  EXPECT_FALSE(is_finite(std::numeric_limits<float>::infinity()));
  EXPECT_FALSE(is_finite(std::nan("")));
}

}  // namespace
}  // namespace costate
