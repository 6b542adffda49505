#include <costate/core/time_span.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/finite_difference.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

struct Case {
  const char* name;
  SolveOptions options;
  std::vector<double> reads;  // at times that stand still
  bool moving_reads;          // at t0, t1 and between
  TimeSpan<double> span{0.2, 2.7};
  bool defined_beside = true;  // the loss can be evaluated at ends a little further in
};

SolveOptions with(SaveAt saveat, std::vector<double> tstops = {}) {
  SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .saveat = std::move(saveat)};
  options.tstops = std::move(tstops);
  return options;
}
SolveOptions fixed_steps(SolveOptions options, double dt) {
  options.adaptive = false;
  options.dt = dt;
  return options;
}
SolveOptions saved(SolveOptions options, bool every_step, bool dense = true) {
  options.save_everystep = every_step;
  options.dense = dense;
  return options;
}

std::vector<Case> cases() {
  const std::vector reads{0.203, 0.9, 1.7, 2.69};
  return {{"every step", with({}), {}, false},
          {"ends only", saved(with({}), false), {}, false},
          {"ends only, no dense output", saved(with({}), false, false), {}, false},
          {"reads", saved(with({}), false), reads, false},
          {"reads that move", saved(with({}), false), {}, true},
          {"everything", with({}), reads, true},
          {"spacing", with(0.4), reads, true},
          {"spacing, no dense output", saved(with(0.4), false, false), {}, false},
          {"spacing that divides the span", with(0.25), reads, true},
          {"list", with({0.3, 1.1, 1.15, 2.6}), reads, true},
          {"list, no dense output", saved(with({0.3, 1.1, 1.15, 2.6}), false, false), {}, false},
          {"list that holds both ends", with({0.2, 1.1, 2.7}), reads, true, {0.2, 2.7}, false},
          {"spacing and every step", saved(with(0.41), true), reads, true},
          {"spacing, saved points on the ends of steps", with(0.5, {0.7, 1.2, 1.7, 2.2}), reads, true},
          {"fixed steps, saved points on some of their ends", fixed_steps(with(0.2), 0.1), reads, true},
          {"one step", fixed_steps(with({}), 2.5), reads, true},
          {"one step, spacing", fixed_steps(with(0.4), 2.5), reads, true},
          {"two steps, spacing", fixed_steps(with(0.4), 1.3), reads, true},
          {"backwards, every step", with({}), reads, true, {2.7, 0.2}},
          {"backwards, spacing", with(0.4), reads, true, {2.7, 0.2}},
          {"backwards, list", with({2.6, 1.15, 1.1, 0.3}), reads, true, {2.7, 0.2}},
          {"backwards, one step", fixed_steps(with(0.4), 2.5), reads, true, {2.7, 0.2}},
          {"backwards, saved points on the ends of steps",
           with(0.5, {2.2, 1.7, 1.2, 0.7}),
           reads,
           true,
           {2.7, 0.2}}};
}

/// Random cotangents on all that a solution shows, and on the ends of the span themselves.
template <class Sensitivity>
auto loss_of(const Case& c) {
  return [c](const auto& ends) {
    const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, TimeSpan{ends[0], ends[1]},
                             Vector{1.1, 0.8, 1.7});
    const auto solution = solve(problem, Tsit5{}, c.options, Sensitivity{});
    auto total = random_reads(solution, c.reads) + 0.3 * ends[0] * ends[1];
    if (c.moving_reads) {
      total += 0.7 * solution(ends[1])[0] - 0.4 * solution(ends[0])[0];
      total += 1.3 * solution(0.25 * ends[0] + 0.75 * ends[1])[1];
    }
    return total;
  };
}
Vector<double, 2> ends_of(const Case& c) {
  return {c.span.start, c.span.end};
}

}  // namespace

// Stan issue 1833: gradients by t0 were wrong, and the tests did not see it because they compared zeros
TEST(EndsOfTheSpan, AgreeByThreeRoutes) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const auto adjoint = gradient(loss_of<DiscreteAdjoint>(c), ends_of(c));
    EXPECT_LT(relative_difference(adjoint, gradient(loss_of<ForwardSensitivity>(c), ends_of(c))), 1e-12);
    EXPECT_LT(relative_difference(adjoint, gradient(loss_of<FiniteDifference>(c), ends_of(c))), 1e-7);
    if (!c.defined_beside) continue;
    const auto comparison = check_gradient(loss_of<DiscreteAdjoint>(c), ends_of(c));
    EXPECT_LT(relative_difference(adjoint, comparison.forward), 1e-12);
    EXPECT_LT(relative_difference(adjoint, comparison.finite_difference), 1e-7);
  }
}

TEST(EndsOfTheSpan, ChangeNoBitWithCheckpoints) {
  for (const Case& c : cases()) {
    const auto gradient_with = [&](std::optional<std::size_t> checkpoints) {
      return gradient(
          [&](const auto& ends) {
            const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, TimeSpan{ends[0], ends[1]},
                                     Vector{1.1, 0.8, 1.7});
            return random_reads(
                solve(problem, Tsit5{}, c.options, DiscreteAdjoint{.checkpoints = checkpoints}), c.reads);
          },
          ends_of(c));
    };
    const auto all = gradient_with({});
    for (const std::size_t checkpoints : {1, 3}) {
      const auto some = gradient_with(checkpoints);
      EXPECT_EQ(some[0], all[0]) << c.name;
      EXPECT_EQ(some[1], all[1]) << c.name;
    }
  }
}

// d u(t1) / dt1 = f(u(t1), t1); d u(t1) / dt0 = −(∂u(t1)/∂u0) f(u0, t0)
TEST(EndsOfTheSpan, FollowTheEquation) {
  const double t0 = 0.3, t1 = 1.9;
  const auto last = [](const auto& x) {  // x = (u0, t0, t1)
    const ODEProblem problem(
        [](auto& du, const auto& u, const auto&, const auto& t) { du[0] = costate::sin(3.0 * t) * u[0]; },
        Vector{x[0]}, TimeSpan{x[1], x[2]});
    return solve(problem, Tsit5{}, {.abstol = 1e-12, .reltol = 1e-12}).back()[0];
  };
  const auto [value, gradient] = value_and_gradient(last, Vector{1.4, t0, t1});
  const double growth = std::exp((std::cos(3 * t0) - std::cos(3 * t1)) / 3);
  EXPECT_NEAR(value, 1.4 * growth, 1e-10);
  EXPECT_NEAR(gradient[0], growth, 1e-10);
  EXPECT_NEAR(gradient[1], -1.4 * growth * std::sin(3 * t0), 1e-9);
  EXPECT_NEAR(gradient[2], 1.4 * growth * std::sin(3 * t1), 1e-9);
}

// the state read at the moving end is the end state: its slope must count once
TEST(EndsOfTheSpan, CountTheSlopeOnceWhereTheSolutionIsReadAtTheEnd) {
  const auto decay = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = -u[0]; };
  const auto at_end = [&](const auto& t1) {
    return solve(ODEProblem(decay, Vector{1.0}, TimeSpan{0.0, t1[0]}), Tsit5{},
                 {.abstol = 1e-10, .reltol = 1e-10})(t1[0])[0];
  };
  const auto at_start = [&](const auto& t0) {
    return solve(ODEProblem(decay, Vector{1.0}, TimeSpan{t0[0], 1.0}), Tsit5{},
                 {.abstol = 1e-10, .reltol = 1e-10})(t0[0])[0];
  };
  EXPECT_NEAR(gradient(at_end, Vector{1.0})[0], -std::exp(-1.0), 1e-8);
  EXPECT_NEAR(gradient(at_start, Vector{0.0})[0], 0.0, 1e-8);
}

// u' = −a u from t0: u(t1) = exp(−a (t1 − t0)), whose second derivatives by (a, t0, t1) are closed forms
TEST(EndsOfTheSpan, HaveSecondDerivativesByForwardSensitivity) {
  const auto loss = [](const auto& x) {
    const auto decay = [](auto& du, const auto& u, const auto& p, const auto&) { du[0] = -p[0] * u[0]; };
    const ODEProblem problem(decay, Vector{1.0}, TimeSpan{x[1], x[2]}, Vector{x[0]});
    return solve(problem, Tsit5{}, {.abstol = 1e-11, .reltol = 1e-11, .dense = false}, ForwardSensitivity{})
        .back()[0];
  };
  const double a = 0.7, length = 1.5, u = std::exp(-a * length);
  const auto h = hessian(loss, Vector{a, 0.3, 0.3 + length});
  const double expected[3][3] = {{length * length * u, (1 - a * length) * u, (a * length - 1) * u},
                                 {(1 - a * length) * u, a * a * u, -a * a * u},
                                 {(a * length - 1) * u, -a * a * u, a * a * u}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(h(i, k), expected[i][k], 1e-8) << i << " " << k;
}

TEST(ReadTimes, AreVariables) {
  const auto loss = [](const auto& x) {  // x = (p, two times)
    const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 2.5}, Vector{x[0], x[1], x[2]});
    const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9});
    return solution(x[3])[0] * solution(x[4])[1] + 0.2 * solution(x[3] * x[4])[1];
  };
  const auto comparison = check_gradient(loss, Vector{1.1, 0.8, 1.7, 0.43, 2.1});
  EXPECT_LT(relative_difference(comparison.reverse, comparison.forward), 1e-12);
  EXPECT_LT(relative_difference(comparison.reverse, comparison.finite_difference), 2e-8);
}

TEST(ReadTimes, MayBeVariablesWhereNothingElseIs) {
  const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 2.5}, {1.1, 0.8, 1.7});
  const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9});
  const auto [value, slope] =
      value_and_gradient([&](const auto& t) { return solution(t[0])[1]; }, Vector{1.3});
  EXPECT_EQ(value, solution(1.3)[1]);
  EXPECT_NEAR(slope[0], (solution(1.3 + 1e-5)[1] - solution(1.3 - 1e-5)[1]) / 2e-5, 1e-8);
}

TEST(EndsOfTheSpan, RejectASpanOfNoLength) {
  const auto loss = [](const auto& t) {
    return solve(ODEProblem(DrivenPredatorPrey{}, {0.9, 1.2}, TimeSpan{1.0, t[0]}, {1.1, 0.8, 1.7}), Tsit5{})
        .back()[0];
  };
  EXPECT_THROW(gradient(loss, Vector{1.0}), std::invalid_argument);
}

}  // namespace costate
