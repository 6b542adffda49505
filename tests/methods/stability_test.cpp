#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/heun.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/stability.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/vern9.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate::detail {
namespace {

struct Decay {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P&, const Time&) const {
    du[0] = -u[0];
  }
};

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

// Σ (−x)ᵏ / k!, which Taylor multiplies a decay by
TEST(Stability, TaylorKeepsWithinItsIntervals) {
  for (int order = 2; order <= 40; ++order) {
    const auto factor = [&](double x) {
      long double sum = 0, term = 1;
      for (int k = 0; k <= order; term *= -static_cast<long double>(x) / ++k) sum += term;
      return std::abs(static_cast<double>(sum));
    };
    struct Rhs {
      VectorView<const double, 0> p;
      const Decay* f;
      void operator()(const double* u, double, double* du) const { du[0] = -u[0]; }
    };
    const double interval = TaylorStep<Rhs, double, 1>(Taylor{.order = order}, Rhs{}, 1).stability_interval();
    for (double x = 0; x <= interval; x += interval / 500)
      EXPECT_LE(factor(x), 1 + 1e-9) << order << ' ' << x;
    EXPECT_GT(factor(1.07 * interval), 1) << order;
  }
}

// ∂f/∂u with the rates −1 and −1000, in directions that are no axes, at a state that has a part in the slow
// one alone
TEST(Stability, TheProbeTurnsToTheFastestDirection) {
  const auto f = [](const double* u, double, double* du) {
    const double slow = (u[0] + 2 * u[1]) / 5, fast = (2 * u[0] - u[1]) / 5;
    du[0] = -slow - 2000 * fast, du[1] = -2 * slow + 1000 * fast;
  };
  const double u[2] = {1, 2};
  double slope[2];
  f(u, 0.0, slope);
  ErrorScale<double> scale;
  scale.abstol = scale.reltol = 1e-6;
  DecayProbe<double, 2> probe, back;
  for (int step = 0; step < 3; ++step) {
    probe.find(f, u, 0.0, slope, 2, 0.1, scale);
    back.find(f, u, 0.0, slope, 2, -0.1, scale);
  }
  EXPECT_NEAR(probe.rate(), 1000, 0.1);
  EXPECT_EQ(back.rate(), 0) << "back in time it grows";
}

TEST(Stability, FindsStagesAtOneTime) {
  const auto dp5 = stages_at_one_time(DP5::tableau);
  EXPECT_EQ(dp5.later, 6u);
  EXPECT_EQ(dp5.earlier, 5u);
  EXPECT_EQ(stages_at_one_time(DP8::tableau).later, 0u);
}

}  // namespace
}  // namespace costate::detail
