#include <costate/control/dead_band.hpp>
#include <costate/control/i_controller.hpp>
#include <costate/control/no_growth_after_rejection.hpp>
#include <costate/control/pi_controller.hpp>
#include <costate/control/pid_controller.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace costate {
namespace {

constexpr double factor_error = 5e-3;  // of two short functions in a row
// a set of Ranocha, Dalcin, Parsani & Ketcheson, arXiv:2104.06836, for a pair of order 4(3)
constexpr PIDController tuned{.beta1 = 0.38, .beta2 = -0.18, .beta3 = 0.01};

double formula(const PIDController& c, int order, double e, double e1, double e2) {
  const double k = order + 1;
  const double x =
      std::pow(1 / e, c.beta1 / k) * std::pow(1 / e1, c.beta2 / k) * std::pow(1 / e2, c.beta3 / k);
  return 1 + std::atan(x - 1);
}

TEST(PIDController, GivesTheFactorOfItsFormula) {
  for (const PIDController& c : {tuned, PI42, H211PI, H312PID}) {
    auto state = c.start(3);
    double e1 = 1, e2 = 1;
    for (const double e : {0.5, 0.03, 0.9, 1e-4, 0.2, 0.7}) {
      EXPECT_NEAR(c.accept(state, e * e) / formula(c, 3, e, e1, e2), 1.0, factor_error) << e;
      e2 = e1;
      e1 = e;
    }
    EXPECT_NEAR(c.reject(state, 900.0) / formula(c, 3, 30.0, e1, e2), 1.0, factor_error);
    EXPECT_NEAR(c.reject(state, 900.0) / formula(c, 3, 30.0, e1, e2), 1.0, factor_error)
        << "a rejected step is not remembered";
  }
}

TEST(PIDController, AcceptsByItsFactor) {
  const PIDController c{.beta1 = 0.7, .beta2 = -0.4};
  const auto fresh = c.start(4);
  // 1 + atan(x − 1) = 0.81 at x = 0.8077: e = x^(−5/0.7) = 4.6 passes where no error went before
  EXPECT_TRUE(c.accepts(fresh, 4.4 * 4.4));
  EXPECT_FALSE(c.accepts(fresh, 4.9 * 4.9));
  // falling errors lift the bound, growing ones lower it: x = (1/e)^0.14 (1/e₁)^(−0.08)
  auto after_large = fresh, after_small = fresh;
  c.accept(after_large, 4.0);
  c.accept(after_small, 1e-4);
  EXPECT_FALSE(c.accepts(after_small, 1.0));
  EXPECT_TRUE(c.accepts(after_large, 4.6 * 4.6));
  EXPECT_FALSE(c.accepts(fresh, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(c.accepts(fresh, std::numeric_limits<double>::infinity()));
}

TEST(PIDController, HasTheWeightsOfTheLiterature) {
  EXPECT_DOUBLE_EQ(PI42.beta1 + PI42.beta2, 0.4);
  EXPECT_DOUBLE_EQ(PI33.beta1 + PI33.beta2, 1.0 / 3);
  EXPECT_DOUBLE_EQ(PI34.beta1 + PI34.beta2, 0.3);
  // low-pass filters: the weights alternate to zero, so an error that flips each step moves h by nothing
  EXPECT_DOUBLE_EQ(H211PI.beta1 - H211PI.beta2, 0.0);
  EXPECT_DOUBLE_EQ(H312PID.beta1 - H312PID.beta2 + H312PID.beta3, 0.0);
}

TEST(DeadBand, LeavesTheStepInsideTheBand) {
  const IController inside;
  const DeadBand<IController> band{inside, {.qsteady_min = 0.8, .qsteady_max = 1.25}};
  auto state = band.start(4), plain = inside.start(4);
  int held = 0;
  for (double e = 0.05; e <= 1.0; e *= 1.02) {
    const double factor = inside.accept(plain, e * e), given = band.accept(state, e * e);
    const bool in = 1 / factor >= 0.8 && 1 / factor <= 1.25;
    held += in;
    EXPECT_EQ(given, in ? 1.0 : factor) << e;
  }
  EXPECT_GT(held, 10);
  for (const double e : {1.1, 3.0}) EXPECT_EQ(band.reject(state, e * e), inside.reject(plain, e * e));
}

TEST(DeadBand, IncludesTheEndsOfTheBand) {
  const IController inside{.qmin = 0.5, .qmax = 2.0};
  auto state = inside.start(4);
  ASSERT_EQ(inside.accept(state, 0.0), 2.0);
  ASSERT_EQ(inside.accept(state, 1e20), 0.5);
  const DeadBand band{inside, {.qsteady_min = 0.5, .qsteady_max = 2.0}};
  EXPECT_EQ(band.accept(state, 0.0), 1.0);
  EXPECT_EQ(band.accept(state, 1e20), 1.0);
}

TEST(DeadBand, KeepsTheMemoryOfTheControllerInside) {
  const PIController inside{.beta1 = 0.14, .beta2 = 0.08};
  const DeadBand band{inside};
  auto state = band.start(4);
  auto plain = inside.start(4);
  for (const double e : {0.6, 0.7, 0.5, 1e-4}) {
    const double factor = inside.accept(plain, e * e);
    EXPECT_EQ(band.accept(state, e * e), 1 / factor >= 1 && 1 / factor <= 1.2 ? 1.0 : factor);
  }
}

TEST(NoGrowthAfterRejection, HoldsTheStepOnce) {
  const NoGrowthAfterRejection control{IController{}};
  auto state = control.start(4);
  const double grown = control.accept(state, 1e-8);
  EXPECT_GT(grown, 5.0);
  EXPECT_LT(control.reject(state, 9.0), 1.0);
  EXPECT_LT(control.reject(state, 4.0), 1.0);
  EXPECT_EQ(control.accept(state, 1e-8), 1.0);
  EXPECT_EQ(control.accept(state, 1e-8), grown) << "the rule holds for one step";
  control.reject(state, 9.0);
  EXPECT_LT(control.accept(state, 0.99), 1.0) << "a shorter step is not kept from being shorter";
}

TEST(Wrappers, PassTheRuleOfAcceptanceOn) {
  const DeadBand<NoGrowthAfterRejection<PIDController>> control{NoGrowthAfterRejection<PIDController>{PI34}};
  const auto state = control.start(4);
  EXPECT_TRUE(control.accepts(state, 4.4 * 4.4));
  EXPECT_FALSE(control.accepts(state, 4.9 * 4.9));
}

}  // namespace
}  // namespace costate
