#include <costate/control/pi_controller.hpp>

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace costate {
namespace {

TEST(ShortLog2, IsGoodTo2em3) {
  double worst = 0;
  for (double x = 1e-120; x < 1e120; x *= 1.00097)
    worst = std::max(worst, std::abs(detail::short_log2(x) - std::log2(x)));
  EXPECT_LT(worst, 2e-3);
  EXPECT_GT(worst, 1e-5) << "this polynomial cannot be that good";
  for (const double x : {std::numeric_limits<double>::min(), 1.0, 1e300, std::numeric_limits<double>::max()})
    EXPECT_NEAR(detail::short_log2(x), std::log2(x), 2e-3) << x;
}

TEST(ShortExp2, IsGoodTo2em3) {
  double worst = 0;
  for (double y = -999; y < 999; y += 0.00973)
    worst = std::max(worst, std::abs(detail::short_exp2(y) / std::exp2(y) - 1));
  EXPECT_LT(worst, 2e-3);
  EXPECT_EQ(detail::short_exp2(0.0), 1.0);
  EXPECT_EQ(detail::short_exp2(3.0), 8.0);
  EXPECT_EQ(detail::short_exp2(-5.0), 1.0 / 32);
}

// Two short functions in a row, each good to 2e-3: a factor is right to half a per cent.
constexpr double factor_error = 5e-3;
constexpr PIController tsit5{.beta1 = 7.0 / 50.0, .beta2 = 2.0 / 25.0};

TEST(PIController, GivesTheFactorOfItsFormula) {
  for (double e = 1e-3; e <= 1.0; e *= 1.3) {
    auto state = tsit5.start(4);
    // the error before the first step counts as 1e-4
    const double first = 0.9 * std::pow(e, -tsit5.beta1) * std::pow(1e-4, tsit5.beta2);
    EXPECT_NEAR(tsit5.accept(state, e * e) / first, 1.0, factor_error) << e;
    const double second = 0.9 * std::pow(0.5, -tsit5.beta1) * std::pow(e, tsit5.beta2);
    EXPECT_NEAR(tsit5.accept(state, 0.25) / second, 1.0, factor_error) << e;
  }
}

TEST(PIController, RemembersNoErrorBelow1em4) {
  auto tiny = tsit5.start(4), floor = tsit5.start(4);
  tsit5.accept(tiny, 1e-30);
  tsit5.accept(floor, 1e-8);
  EXPECT_NEAR(tsit5.accept(tiny, 0.25) / tsit5.accept(floor, 0.25), 1.0, factor_error);
}

TEST(PIController, ShrinksARejectedStepByTheErrorAlone) {
  const auto state = tsit5.start(4);
  for (const double e : {1.1, 2.0, 10.0, 100.0, 1e3})
    EXPECT_NEAR(tsit5.reject(state, e * e) / std::max(0.9 * std::pow(e, -tsit5.beta1), 0.2), 1.0,
                factor_error)
        << e;
}

TEST(PIController, StaysWithinItsBounds) {
  for (const PIController controller :
       {tsit5, PIController{.beta1 = 0.3, .beta2 = 0.0, .gamma = 0.8, .qmin = 0.5, .qmax = 3.0}}) {
    auto state = controller.start(4);
    const auto fresh = state;
    for (double e2 = 0; e2 < 1e300; e2 = e2 == 0 ? 1e-300 : e2 * 1e5) {
      auto copy = fresh;
      const double factor = controller.accept(copy, e2);
      EXPECT_GE(factor, controller.qmin * (1 - factor_error)) << e2;
      EXPECT_LE(factor, controller.qmax * (1 + factor_error)) << e2;
      if (e2 <= 1) continue;
      EXPECT_GE(controller.reject(fresh, e2), controller.qmin * (1 - factor_error)) << e2;
      EXPECT_LT(controller.reject(fresh, e2), 1.0) << "a rejected step must shrink: " << e2;
    }
    EXPECT_NEAR(controller.accept(state, 0.0) / controller.qmax, 1.0, factor_error) << "no error at all";
  }
}

TEST(PIController, ShrinksAStepThatWasRejectedByAHair) {
  const auto state = tsit5.start(4);
  EXPECT_LT(tsit5.reject(state, 1.0 + 1e-15), 0.91);
  EXPECT_GT(tsit5.reject(state, 1.0 + 1e-15), 0.89);
  // where gamma leaves nothing, a factor of 1 would try the same step for ever
  const PIController bold{.beta1 = 0.14, .beta2 = 0.08, .gamma = 0.9999};
  EXPECT_LT(bold.reject(bold.start(4), 1.0 + 1e-15), 0.995);
}

TEST(PIController, KeepsItsMemoryInAValue) {
  auto state = tsit5.start(4);
  tsit5.accept(state, 0.5);
  auto copy = state;
  const double factor = tsit5.accept(state, 0.3);
  EXPECT_EQ(tsit5.accept(copy, 0.3), factor) << "a copy goes on from where it was taken";
  copy = tsit5.start(4);
  EXPECT_NE(tsit5.accept(copy, 0.3), factor) << "the memory of 0.5 matters";
}

}  // namespace
}  // namespace costate
