#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/solve/integral.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace costate {
namespace {

const auto decay = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) { du[0] = -p[0] * u[0]; };
const auto square = [](const auto& u, const auto& /*p*/, const auto& /*t*/) { return u[0] * u[0]; };
const SolveOptions tight{.abstol = 1e-12, .reltol = 1e-12};

/// ∫₀ᵀ e^(−2 p t) dt
double area(double p, double end) {
  return (1 - std::exp(-2 * p * end)) / (2 * p);
}

}  // namespace

TEST(Integral, EqualsTheAreaUnderACurve) {
  const ODEProblem problem(decay, {1.0}, {0.0, 2.0}, {0.7});
  EXPECT_NEAR(integral(problem, square, Tsit5{}, tight), area(0.7, 2.0), 1e-11);
  EXPECT_NEAR(
      integral(
          problem.with_tspan({2.0, 0.0}), [](const auto&, const auto&, auto t) { return t; }, Tsit5{}, tight),
      -2.0, 1e-11)
      << "against the direction of time";
  EXPECT_EQ(integral(problem.with_tspan({1.0, 1.0}), square, Tsit5{}, tight), 0.0);
}

TEST(Integral, TakesARightHandSideThatReturnsAndSizesKnownAtRunTime) {
  const auto returning = [](const auto& u, const auto& p, auto) { return Vector{-p[0] * u[0]}; };
  EXPECT_NEAR(integral(ODEProblem(returning, {1.0}, {0.0, 2.0}, {0.7}), square, Tsit5{}, tight),
              area(0.7, 2.0), 1e-11);
  const ODEProblem at_run_time(decay, std::vector<double>{1.0}, {0.0, 2.0}, std::vector<double>{0.7});
  EXPECT_NEAR(integral(at_run_time, square, Tsit5{}, tight), area(0.7, 2.0), 1e-11);
  const ODEProblem in_float(decay, {1.0f}, {0.0, 2.0}, {0.7f});
  EXPECT_NEAR(integral(in_float, square, Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6}), area(0.7, 2.0), 1e-5);
}

TEST(Integral, SavingDoesNotChangeIt) {
  const ODEProblem problem(decay, {1.0}, {0.0, 2.0}, {0.7});
  SolveOptions saving = tight;
  saving.saveat = 0.1;
  EXPECT_EQ(integral(problem, square, Tsit5{}, saving), integral(problem, square, Tsit5{}, tight));
}

TEST(Integral, TakesTolerancesByComponent) {
  const ODEProblem problem(decay, {1.0}, {0.0, 2.0}, {0.7});
  EXPECT_NEAR(integral(problem, square, Tsit5{}, {.abstol = {1e-10}, .reltol = {1e-10}}), area(0.7, 2.0),
              1e-9);
}

TEST(Integral, TakesTheSmallestToleranceOfAList) {
  // two states at rest, so that the error of the cost is the only one
  const auto rest = [](auto& du, const auto&, const auto&, auto) { du[0] = du[1] = 0.0; };
  const auto wave = [](const auto&, const auto&, auto t) { return std::sin(20 * t); };
  const ODEProblem problem(rest, {1.0, 1.0}, {0.0, 2.0}, {0.0});
  for (const SolveOptions& options : {SolveOptions{.abstol = {1e-2, 1e-10}, .reltol = 1e-10},
                                      SolveOptions{.abstol = 1e-10, .reltol = {1e-10, 1e-1}}})
    EXPECT_NEAR(integral(problem, wave, Tsit5{}, options), (1 - std::cos(40.0)) / 20, 1e-8);
}

// f has a derivative of the user's own, g has none.
TEST(Integral, CompletesADerivativeOfTheUser) {
  const auto f = [](VectorView<double> du, VectorView<const double> u, VectorView<const double> p, double) {
    du[0] = -p[0] * u[0];
  };
  const auto vjp = [](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& p, double) {
    ubar[0] -= lambda[0] * p[0];
    pbar[0] -= lambda[0] * u[0];
  };
  const auto g = [](const auto& u, const auto& p, auto) { return p[1] * u[0] * u[0] + p[1] * p[1]; };
  const auto got = gradient(
      [&](const auto& p) {
        const ODEProblem problem(ODEFunction{f}.with_vjp(vjp), Vector<double>{1.0}, {0.0, 2.0},
                                 Vector<scalar_of<decltype(p)>>(p));
        return integral(problem, g, Tsit5{}, tight);
      },
      Vector{0.7, 1.5});
  const double h = 1e-6;
  EXPECT_NEAR(got[0], 1.5 * (area(0.7 + h, 2.0) - area(0.7 - h, 2.0)) / (2 * h), 1e-8);
  EXPECT_NEAR(got[1], area(0.7, 2.0) + 2 * 1.5 * 2.0, 1e-10);
}

TEST(Integral, IsDifferentiatedByEverythingInIt) {
  const double p = 0.7, end = 2.0, h = 1e-6;
  const auto [value, du0, dp, dt] = value_and_gradient(
      [&](const auto& u0, const auto& q, const auto& t) {
        const ODEProblem problem(decay, u0, TimeSpan{0.0, t[0]}, q);
        return integral(
            problem, [](const auto& u, const auto& r, auto) { return r[1] * u[0] * u[0]; }, Tsit5{}, tight);
      },
      Vector{1.0}, Vector{p, 1.0}, Vector{end});
  EXPECT_NEAR(value, area(p, end), 1e-11);
  EXPECT_NEAR(du0[0], 2 * area(p, end), 1e-9);
  EXPECT_NEAR(dp[0], (area(p + h, end) - area(p - h, end)) / (2 * h), 1e-8);
  EXPECT_NEAR(dp[1], area(p, end), 1e-10) << "of g alone";
  EXPECT_NEAR(dt[0], std::exp(-2 * p * end), 1e-9);
}

TEST(Integral, AddsToALossOnSavedStates) {
  const auto loss = [](auto sensitivity) {
    return [=](const auto& p) {
      const ODEProblem problem(decay, Vector{1.0}, {0.0, 2.0}, p);
      SolveOptions saving = tight;
      saving.saveat = 0.5;
      return integral(problem, square, Tsit5{}, saving, sensitivity) +
             sum(solve(problem, Tsit5{}, saving, sensitivity));
    };
  };
  const auto [value, by_adjoint] = value_and_gradient(loss(DiscreteAdjoint{}), Vector{0.7});
  const auto by_tangents = gradient(loss(ForwardSensitivity{}), Vector{0.7});
  double sums = 0, slope = 0;
  for (const double t : {0.0, 0.5, 1.0, 1.5, 2.0}) {
    sums += std::exp(-0.7 * t);
    slope -= t * std::exp(-0.7 * t);
  }
  const double h = 1e-6;
  slope += (area(0.7 + h, 2.0) - area(0.7 - h, 2.0)) / (2 * h);
  EXPECT_NEAR(value, sums + area(0.7, 2.0), 1e-10);
  EXPECT_NEAR(by_adjoint[0], slope, 1e-8);
  EXPECT_NEAR(by_tangents[0], slope, 1e-8);
}

TEST(Integral, IsInfiniteWhereTheSolveFails) {
  const auto explode = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
    du[0] = p[0] * u[0] * u[0];
  };
  const ODEProblem problem(explode, {1.0}, {0.0, 2.0}, {1.0});
  EXPECT_EQ(integral(problem, square, Tsit5{}), std::numeric_limits<double>::infinity());
  const auto result = value_and_gradient(
      [&](const auto& p) { return integral(problem.with_p(p), square, Tsit5{}); }, Vector{1.0});
  EXPECT_EQ(result.value(), std::numeric_limits<double>::infinity());
  EXPECT_FALSE(is_successful(result.status()));
  EXPECT_EQ(std::get<1>(result)[0], 0.0);
}

}  // namespace costate
