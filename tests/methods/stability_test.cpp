#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/heun.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/stability.hpp>
#include <costate/methods/vern9.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate::detail {
namespace {

TEST(Stability, IntervalsAreThoseOfTheLiterature) {
  EXPECT_NEAR(real_stability_interval(Heun::tableau), 2.0, 0.051);
  EXPECT_NEAR(real_stability_interval(RK4::tableau), 2.785, 0.051);  // Hairer & Wanner II, table IV.2.1
  EXPECT_NEAR(real_stability_interval(DP5::tableau), 3.307,
              0.051);                                              // there, figure IV.2.1; dopri5.f asks 3.25
  EXPECT_NEAR(real_stability_interval(DP8::tableau), 6.35, 0.26);  // dop853.f asks 6.1
}

TEST(Stability, ThePolynomialIsTheExponentialUpToTheOrder) {
  const auto coefficients = stability_polynomial(Vern9::tableau);
  double factorial = 1;
  for (std::size_t k = 0; k <= 9; ++k) {
    EXPECT_NEAR(coefficients[k] * factorial, 1.0, 1e-9) << k;
    factorial *= static_cast<double>(k + 1);
  }
  EXPECT_GT(std::abs(coefficients[10] * factorial - 1.0), 1e-3);
}

TEST(Stability, FindsStagesAtOneTime) {
  const auto dp5 = stages_at_one_time(DP5::tableau);
  EXPECT_EQ(dp5.later, 6u);
  EXPECT_EQ(dp5.earlier, 5u);
  EXPECT_EQ(stages_at_one_time(DP8::tableau).later, 0u);
}

}  // namespace
}  // namespace costate::detail
