#include <costate/methods/bs3.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/arenstorf.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <model_problems/van_der_pol.hpp>
#include <vector>

namespace costate {
namespace {

using model_problems::Arenstorf;
using model_problems::distance;
using model_problems::LotkaVolterra;
using model_problems::VanDerPol;

template <class Solution>
std::vector<double> sizes(const Solution& solution) {
  std::vector<double> h;
  for (std::size_t i = 1; i < solution.size(); ++i)
    h.push_back(std::abs(solution.t()[i] - solution.t()[i - 1]));
  return h;
}
template <class F>
auto scalar(F f, double u0, double t0, double t1) {
  return ODEProblem(f, {u0}, {t0, t1});
}

TEST(StepSize, StartsWithDt) {
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{}, {.dt = 0.001});
  EXPECT_EQ(solution.statistics().first_dt, 0.001);
  EXPECT_EQ(solution.t()[1], 0.001);
  // a first step that is far too long is rejected
  const auto rejected = solve(erased<LotkaVolterra>(), Tsit5{}, {.dt = 9.0});
  EXPECT_GT(rejected.statistics().rejected_steps, 0u);
  EXPECT_LT(distance(rejected.back(), LotkaVolterra::end), 0.05);
}

TEST(StepSize, IsDtWhereNotAdaptive) {
  const auto solution =
      solve(erased<LotkaVolterra>(), Tsit5{}, {.dt = 0.3, .adaptive = false, .tstops = {1.0}});
  for (const double h : sizes(solution)) EXPECT_LE(h, 0.3 * (1 + 1e-12));
  EXPECT_EQ(solution.statistics().steps, 4u + 30u) << "0.3 0.6 0.9 1.0 1.3 … 10.0";
  EXPECT_EQ(solution.statistics().rejected_steps, 0u);
}

TEST(StepSize, StaysBelowDtmax) {
  for (const double end : {10.0, -1.0}) {
    const auto problem = ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{0.0, end}));
    const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-2, .reltol = 1e-2, .dtmax = 0.05});
    for (const double h : sizes(solution)) EXPECT_LE(h, 0.05 * (1 + 1e-7));
  }
}

TEST(StepSize, DoesNotFallBelowDtminInSilence) {
  // the steps at the moon want 1e-4
  const auto failed = solve(erased<Arenstorf>(), Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .dtmin = 1e-3});
  EXPECT_EQ(failed.status(), Status::dt_below_minimum);
  EXPECT_TRUE(std::isnan(failed.back()[0]));
  const auto h = sizes(failed);
  for (std::size_t i = 0; i + 1 < h.size(); ++i) EXPECT_GE(h[i], 1e-3 * (1 - 1e-9));
  // one below all that the controller wants changes nothing
  const auto free = solve(erased<VanDerPol>(), Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6});
  const auto bounded = solve(erased<VanDerPol>(), Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6, .dtmin = 1e-6});
  EXPECT_EQ(bounded.statistics().steps, free.statistics().steps);
  EXPECT_EQ(bounded.back()[0], free.back()[0]);
  // dtmin binds the controller after an accepted step: no step but one that lands is below it
  const auto coarse = solve(erased<VanDerPol>(), BS3{}, {.abstol = 1e-1, .reltol = 1e-1, .dtmin = 0.15});
  if (coarse.successful()) {
    const auto taken = sizes(coarse);
    for (std::size_t i = 0; i + 1 < taken.size(); ++i) EXPECT_GE(taken[i], 0.15 * (1 - 1e-9));
  }
}

TEST(StepSize, LandsOnStopsNearerThanDtmin) {
  const auto solution = solve(erased<VanDerPol>(), Tsit5{}, {.dtmin = 1e-3, .tstops = {1.0, 1.0001}});
  EXPECT_TRUE(solution.successful());
  EXPECT_EQ(std::count(solution.t().begin(), solution.t().end(), 1.0001), 1);
}

TEST(StepSize, GivesUpAfterMaxSteps) {
  for (const std::size_t limit : {1u, 2u, 7u, 50u}) {
    const auto solution = solve(erased<Arenstorf>(), Tsit5{},
                                {.abstol = 1e-9, .reltol = 1e-9, .max_steps = limit, .saveat = 1.0});
    EXPECT_EQ(solution.status(), Status::max_steps_reached);
    EXPECT_EQ(solution.statistics().steps + solution.statistics().rejected_steps, limit);
    ASSERT_EQ(solution.size(), 19u);
    EXPECT_EQ(solution.t()[18], Arenstorf::tspan.end);
    EXPECT_EQ(solution[0][0], 0.994);
    EXPECT_TRUE(std::isnan(solution.back()[0]));
  }
  const auto exactly = solve(erased<LotkaVolterra>(), RK4{}, {.dt = 0.1, .max_steps = 100});
  EXPECT_TRUE(exactly.successful()) << "a hundred steps are allowed, and enough";
  EXPECT_EQ(solve(erased<LotkaVolterra>(), RK4{}, {.dt = 0.1, .max_steps = 99}).status(),
            Status::max_steps_reached);
  const auto free = solve(erased<LotkaVolterra>(), Tsit5{});
  const std::size_t tried = free.statistics().steps + free.statistics().rejected_steps;
  EXPECT_TRUE(solve(erased<LotkaVolterra>(), Tsit5{}, {.max_steps = tried}).successful());
  EXPECT_FALSE(solve(erased<LotkaVolterra>(), Tsit5{}, {.max_steps = tried - 1}).successful());
}

/// Hairer, Nørsett & Wanner I, II.4, "Starting step size", with root mean squares and the exponent 1/order.
double starting_step(double u0, double f0, double f1_at(double, double), double abstol, double reltol,
                     double order) {
  const double scale = abstol + reltol * std::abs(u0), d0 = std::abs(u0) / scale, d1 = std::abs(f0) / scale;
  const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
  const double f1 = f1_at(u0 + h0 * f0, h0), d2 = std::abs(f1 - f0) / scale / h0;
  const double d = std::max(d1, d2);
  const double h1 = d <= 1e-15 ? std::max(1e-6, 1e-3 * h0) : std::pow(0.01 / d, 1 / order);
  return std::min(100 * h0, h1);
}

TEST(FirstStep, IsThatOfTheFormula) {
  const auto f = [](double u, double t) { return -2.0 * u + std::sin(t) + 3.0; };
  const auto rhs = [](auto& du, const auto& u, const auto&, double t) {
    du[0] = -2.0 * u[0] + std::sin(t) + 3.0;
  };
  for (const double tolerance : {1e-3, 1e-6, 1e-9}) {
    const SolveOptions options{.abstol = tolerance, .reltol = 2 * tolerance};
    const double wanted5 = starting_step(1.0, f(1.0, 0.0), f, tolerance, 2 * tolerance, 5);
    EXPECT_NEAR(solve(scalar(rhs, 1.0, 0.0, 1.0), DP5{}, options).statistics().first_dt / wanted5, 1.0,
                1e-12);
    const double wanted3 = starting_step(1.0, f(1.0, 0.0), f, tolerance, 2 * tolerance, 3);
    EXPECT_NEAR(solve(scalar(rhs, 1.0, 0.0, 1.0), BS3{}, options).statistics().first_dt / wanted3, 1.0,
                1e-12);
  }
}

TEST(FirstStep, HasTheSignOfTheSpan) {
  const auto decay = [](auto& du, const auto& u, const auto&, double) { du[0] = -u[0]; };
  const double forwards = solve(scalar(decay, 1.0, 0.0, 1.0), Tsit5{}).statistics().first_dt;
  EXPECT_GT(forwards, 0.0);
  EXPECT_LT(solve(scalar(decay, 1.0, 0.0, -1.0), Tsit5{}).statistics().first_dt, 0.0);
}

TEST(FirstStep, IsFoundForAConstantAndForAZeroRightHandSide) {
  const auto zero = [](auto& du, const auto&, const auto&, double) { du[0] = 0.0; };
  const auto constant = [](auto& du, const auto&, const auto&, double) { du[0] = 3.0; };
  const auto at_rest = solve(scalar(zero, 1.0, 0.0, 1e6), Tsit5{});
  EXPECT_TRUE(at_rest.successful());
  EXPECT_EQ(at_rest.back()[0], 1.0);
  EXPECT_LT(at_rest.statistics().steps, 20u) << "ten times longer each";
  EXPECT_EQ(solve(scalar(zero, 0.0, 0.0, 1.0), Tsit5{}).back()[0], 0.0);
  const auto line = solve(scalar(constant, 0.0, 0.0, 10.0), Tsit5{});
  EXPECT_NEAR(line.back()[0], 30.0, 1e-13);
  EXPECT_LT(line.statistics().steps, 20u);
}

TEST(FirstStep, IsNoLongerThanTheSpanOrDtmaxOrTheFirstStop) {
  const auto slow = [](auto& du, const auto& u, const auto&, double) { du[0] = -1e-9 * u[0]; };
  EXPECT_LE(solve(scalar(slow, 1.0, 0.0, 1e-3), Tsit5{}).statistics().first_dt, 1e-3);
  EXPECT_LE(solve(scalar(slow, 1.0, 0.0, 1.0), Tsit5{}, {.dtmax = 0.125}).statistics().first_dt, 0.125);
  EXPECT_NEAR(solve(scalar(slow, 1.0, 0.0, 1.0), Tsit5{}, {.tstops = {1e-5}}).statistics().first_dt, 1e-5,
              1e-20);
}

TEST(FirstStep, SurvivesATrialPointOutsideTheDomain) {
  // f(u1) is NaN where the trial step leaves u < 1
  const auto edge = [](auto& du, const auto& u, const auto&, double) {
    du[0] = std::sqrt(1.0 - u[0]) + 1e-3;
  };
  const auto solution = solve(scalar(edge, 1.0, 0.0, 1e-3), Tsit5{});
  EXPECT_FALSE(solution.successful()) << "the solution leaves the domain at once";
  EXPECT_EQ(solution.status(), Status::unstable);
  EXPECT_LT(solution.statistics().steps + solution.statistics().rejected_steps, 1000u)
      << "no endless tiny steps";
}

TEST(StepSize, ForgivesRejectionsInALongSolve) {
  int calls = 0;
  const auto moody = [&](auto& du, const auto& u, const auto&, double t) {
    du[0] = ++calls % 97 == 0 ? std::numeric_limits<double>::quiet_NaN() : std::cos(t) - u[0] * 1e-3;
  };
  const auto solution = solve(scalar(moody, 0.0, 0.0, 2000.0), Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6});
  EXPECT_TRUE(solution.successful()) << message(solution.status());
  EXPECT_GT(solution.statistics().rejected_steps, 200u);
}

TEST(StepSize, BelowTheResolutionOfTimeIsAFailure) {
  const auto decay = [](auto& du, const auto& u, const auto&, double) { du[0] = -u[0]; };
  const auto solution = solve(scalar(decay, 1.0, 1.0, 2.0), Tsit5{}, {.dt = 1e-20, .adaptive = false});
  EXPECT_EQ(solution.status(), Status::dt_below_minimum);
  EXPECT_EQ(solution.statistics().steps, 0u);
}

TEST(FirstStep, SurvivesAStartAtALargeTime) {
  const auto decay = [](auto& du, const auto& u, const auto&, double) { du[0] = -u[0]; };
  const auto solution = solve(scalar(decay, 1.0, 1e15, 1e15 + 4), Tsit5{});
  // an ulp of the time is 0.125: the steps are a few of them
  EXPECT_TRUE(!solution.successful() || std::abs(solution.back()[0] - std::exp(-4.0)) < 1e-2)
      << solution.back()[0];
  EXPECT_LT(solution.statistics().steps, 1000u);
}

}  // namespace
}  // namespace costate
