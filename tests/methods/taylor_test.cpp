#include <costate/methods/taylor.hpp>
#include <costate/solve/init.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/chirped_oscillator.hpp>
#include <model_problems/detest.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace costate {
namespace {

using model_problems::ChirpedOscillator;
using model_problems::distance;
using model_problems::LotkaVolterra;

SolveOptions fixed(double dt) {
  return {.dt = dt, .adaptive = false};
}
/// The same equation with sizes known at run time, whose operations are recorded in every step.
template <class Problem>
auto recorded() {
  return ODEProblem(Problem::f, Vector<double>(Problem::u0), Problem::tspan, Vector<double>(Problem::p));
}
static_assert(detail::CompilesToSeries<std::remove_const_t<decltype(LotkaVolterra::f)>, 2, 4>);
static_assert(!detail::CompilesToSeries<std::remove_const_t<decltype(LotkaVolterra::f)>, dynamic, 4>);

// x' = 1 + x², x(0) = 0 is tan t: 1, 1/3, 2/15, 17/315, 62/2835 (Abramowitz & Stegun, 4.3.67)
TEST(Taylor, HasTheSeriesOfTheTangent) {
  const auto f = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = 1.0 + u[0] * u[0]; };
  const ODEProblem problem(f, {0.0}, {0.0, 1.0});
  const double expected[10] = {0, 1, 0, 1.0 / 3, 0, 2.0 / 15, 0, 17.0 / 315, 0, 62.0 / 2835};
  detail::CompiledSeries<std::remove_const_t<decltype(f)>, double, 1, 0, double> series({}, 1);
  double c[10] = {0};
  series.expand(f, {}, c, 0.0, 1.0, 9);
  for (int k = 0; k < 10; ++k) EXPECT_NEAR(c[k], expected[k], 1e-16) << k;
  EXPECT_NEAR(solve(problem, Taylor{}, {.abstol = 1e-15, .reltol = 1e-15}).back()[0], std::tan(1.0), 1e-14);
}

/// The slope of log(error) over log(h) between two step sizes.
template <class Problem>
double observed_order(const Problem& problem, int order, double h, double largest_at_end[2]) {
  for (int i = 0; i < 2; ++i) {
    const auto solution = solve(problem, Taylor{.order = order}, fixed(h));
    double largest = 0;
    for (std::size_t k = 0; k < solution.size(); ++k)
      largest = std::max(largest, distance(solution[k], ChirpedOscillator::exact(solution.t()[k])));
    largest_at_end[i] = largest;
    h /= 2;
  }
  return std::log2(largest_at_end[0] / largest_at_end[1]);
}

TEST(Taylor, ConvergesAtItsOrderInEitherDirectionOfTime) {
  for (const auto& [order, h] :
       {std::pair(2, 0.02), std::pair(5, 0.1), std::pair(8, 0.25), std::pair(12, 0.4)}) {
    for (const auto& [t0, t1] : {std::pair(0.0, 2.0), std::pair(0.5, -1.5)}) {
      const Vector<double, 2> start = ChirpedOscillator::exact(t0);
      const ODEProblem problem(ChirpedOscillator::f, start, {t0, t1});
      double errors[2];
      EXPECT_GT(observed_order(problem, order, h, errors), order - 0.35) << order;
      EXPECT_GT(errors[1], 1e-13) << "rounding ends the order";
      const ODEProblem at_run_time(ChirpedOscillator::f, Vector<double>(start), {t0, t1});
      EXPECT_GT(observed_order(at_run_time, order, h, errors), order - 0.35) << order;
    }
  }
}

TEST(Taylor, IntegratesPowersBelowItsOrderExactly) {
  const auto power = [](auto& du, const auto&, const auto& p, const auto& t) {
    du[0] = (p[0] + 1.0) * costate::pow(1.0 + t, p[0]);
  };
  for (const int order : {4, 9, 24}) {
    const auto error = [&](int q) {
      const ODEProblem problem(power, {0.0}, {-0.5, 0.5}, {static_cast<double>(q)});
      // three steps of different sizes
      const auto solution = solve(problem, Taylor{.order = order}, fixed(0.4));
      return std::abs(solution.back()[0] - (std::pow(1.5, q + 1) - std::pow(0.5, q + 1))) /
             std::pow(1.5, q + 1);
    };
    for (int q = 0; q < order; ++q) EXPECT_LT(error(q), 2e-15) << q << " of " << order;
    if (order < 10) {
      EXPECT_GT(error(order), 1e-8);
    }
  }
}

TEST(Taylor, MeetsTheTolerance) {
  for (const int order : {8, 12, 16, 20, 24}) {
    for (const double tolerance : {1e-4, 1e-7, 1e-10, 1e-13}) {
      const SolveOptions options{.abstol = tolerance, .reltol = tolerance, .save_everystep = false};
      const auto compiled = solve(model_problems::problem<LotkaVolterra>(), Taylor{order}, options);
      const auto at_run_time = solve(recorded<LotkaVolterra>(), Taylor{order}, options);
      ASSERT_TRUE(compiled.successful());
      EXPECT_LT(distance(compiled.back(), LotkaVolterra::end), 80 * tolerance)
          << order << " at " << tolerance;
      EXPECT_LT(distance(at_run_time.back(), compiled.back()), 1e-12);
      EXPECT_EQ(at_run_time.statistics().steps, compiled.statistics().steps);
    }
  }
}

template <class Problem>
void expect_detest(double multiple) {
  for (const double tolerance : {1e-3, 1e-6, 1e-9, 1e-12}) {
    const auto solution = solve(recorded<Problem>(), Taylor{},
                                {.abstol = tolerance, .reltol = tolerance, .save_everystep = false});
    EXPECT_TRUE(solution.successful());
    EXPECT_LT(distance(solution.back(), Problem::end), multiple * tolerance)
        << Problem::u0.size() << " states from " << Problem::u0[0] << " at " << tolerance;
  }
}
TEST(Taylor, SolvesDetestWithinAMultipleOfTheTolerance) {
  using namespace model_problems::detest;
  expect_detest<A2>(100);
  expect_detest<A3>(100);
  expect_detest<A5>(100);
  expect_detest<B4>(300);
  expect_detest<B5>(300);
  expect_detest<C1>(100);
  expect_detest<D5>(2500);
  expect_detest<E2>(300);
}

TEST(Taylor, ItsDenseOutputIsTheSeries) {
  for (const double direction : {1.0, -1.0}) {
    const TimeSpan<double> span{0.5, 0.5 + direction * 1.5};
    const ODEProblem problem(ChirpedOscillator::f, ChirpedOscillator::exact(0.5), span);
    const auto solution = solve(problem, Taylor{}, {.abstol = 1e-13, .reltol = 1e-13, .saveat = 0.01});
    const auto few =
        solve(problem, Taylor{}, {.abstol = 1e-13, .reltol = 1e-13, .saveat = 0.01, .dense = false});
    for (std::size_t i = 0; i < solution.size(); ++i) {
      EXPECT_LT(distance(solution[i], ChirpedOscillator::exact(solution.t()[i])), 2e-12);
      EXPECT_LT(distance(solution[i], few[i]), 1e-15);
      EXPECT_LT(distance(solution(solution.t()[i]), solution[i]), 2e-15);
    }
    EXPECT_EQ(solution.statistics().steps, few.statistics().steps);
  }
}

TEST(Taylor, SolvesInFloat) {
  const ODEProblem problem(LotkaVolterra::f, {1.0f, 1.0f}, {0.0, 10.0}, {1.5f, 1.0f, 3.0f, 1.0f});
  const auto solution = solve(problem, Taylor{}, {.abstol = 1e-6, .reltol = 1e-6});
  ASSERT_TRUE(solution.successful());
  EXPECT_LT(distance(solution.back(), LotkaVolterra::end), 2e-4);
}

// (1 ps)⁻¹⁶ = 1e192 is out of the range of float, and its square of that of double: coefficients are kept in
// units of the step
TEST(Taylor, DoesNotDependOnTheUnitOfTime) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = p[0] * u[1];
    du[1] = -p[0] * u[0];
  };
  for (const double frequency : {1e-30, 1.0, 1e12, 1e40}) {
    const ODEProblem problem(f, {1.0, 0.0}, {0.0, 6.0 / frequency}, {frequency});
    const auto solution = solve(problem, Taylor{}, {.abstol = 1e-12, .reltol = 1e-12});
    ASSERT_TRUE(solution.successful()) << frequency;
    EXPECT_NEAR(solution.back()[0], std::cos(6.0), 1e-11);
    EXPECT_LT(solution.statistics().steps, 12u);
  }
  const ODEProblem in_float(f, {1.0f, 0.0f}, {0.0, 6e-12}, {1e12f});
  const auto solution = solve(in_float, Taylor{}, {.abstol = 1e-6, .reltol = 1e-6});
  ASSERT_TRUE(solution.successful());
  EXPECT_NEAR(solution.back()[0], std::cos(6.0), 2e-5);
}

TEST(Taylor, FollowsAFunctionThatBranches) {
  // the slope jumps at t = 1, which no series knows of
  const auto jump = [](auto& du, const auto& u, const auto&, const auto& t) {
    if (t < 1.0)
      du[0] = -u[0];
    else
      du[0] = costate::cos(u[0]) * costate::exp(-0.1 * t) - u[0] * u[0];
  };
  const auto before = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = -u[0]; };
  const auto after = [](auto& du, const auto& u, const auto&, const auto& t) {
    du[0] = costate::cos(u[0]) * costate::exp(-0.1 * t) - u[0] * u[0];
  };
  for (const double tolerance : {1e-6, 1e-9}) {
    const SolveOptions options{.abstol = tolerance, .reltol = tolerance, .save_everystep = false};
    const auto first = solve(ODEProblem(before, {2.0}, {0.0, 1.0}), Taylor{}, options);
    const auto second = solve(ODEProblem(after, Vector{first.back()[0]}, {1.0, 3.0}), Taylor{}, options);
    const auto across = solve(ODEProblem(jump, {2.0}, {0.0, 3.0}), Taylor{}, options);
    ASSERT_TRUE(across.successful());
    EXPECT_GT(across.statistics().rejected_steps, 0u);
    EXPECT_NEAR(across.back()[0], second.back()[0], 300 * tolerance);
    auto stopping = options;
    stopping.tstops = {1.0};
    const auto stopped = solve(ODEProblem(jump, {2.0}, {0.0, 3.0}), Taylor{}, stopping);
    EXPECT_NEAR(stopped.back()[0], second.back()[0], 10 * tolerance);
    EXPECT_EQ(stopped.statistics().rejected_steps, 0u);
  }
  // all coefficients are zero at the start: the series would leap over what comes
  const auto ramp = [](auto& du, const auto&, const auto&, const auto& t) {
    du[0] = costate::max(t - 0.5, 0.0);
  };
  const auto solution =
      solve(ODEProblem(ramp, {0.0}, {0.0, 1.0}), Taylor{}, {.abstol = 1e-9, .reltol = 1e-9});
  ASSERT_TRUE(solution.successful());
  EXPECT_NEAR(solution.back()[0], 0.125, 1e-6);
}

TEST(Taylor, KeepsTheOptions) {
  const auto problem = model_problems::problem<LotkaVolterra>();
  const auto every = solve(problem, Taylor{}, {.abstol = 1e-8, .reltol = 1e-8, .dtmax = 0.05});
  for (std::size_t i = 1; i < every.size(); ++i) EXPECT_LE(every.t()[i] - every.t()[i - 1], 0.05 + 1e-12);
  EXPECT_EQ(solve(problem, Taylor{}, {.max_steps = 3}).status(), Status::max_steps_reached);
  EXPECT_EQ(solve(problem, Taylor{}, fixed(0.125)).statistics().steps, 80u);
  const auto given = solve(problem, Taylor{}, {.dt = 0.001});
  EXPECT_EQ(given.statistics().first_dt, 0.001);
  const auto stopped = solve(problem, Taylor{}, {.tstops = {0.123}});
  bool hit = false;
  for (const double t : stopped.t()) hit = hit || t == 0.123;
  EXPECT_TRUE(hit);
  for (const int order : {-1, 0, 1, 41})
    EXPECT_THROW(solve(problem, Taylor{order}, {}), std::invalid_argument) << order;
}

TEST(Taylor, FailsWithAStatus) {
  const auto explosion = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = u[0] * u[0]; };
  const auto lost = solve(ODEProblem(explosion, {1.0}, {0.0, 2.0}), Taylor{}, {.saveat = 0.5});
  EXPECT_FALSE(lost.successful());
  ASSERT_EQ(lost.size(), 5u);
  EXPECT_TRUE(std::isnan(lost.back()[0]));
  EXPECT_NEAR(lost[1][0], 2.0, 1e-2);
  const auto root = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = costate::sqrt(u[0]); };
  EXPECT_FALSE(solve(ODEProblem(root, {0.0}, {0.0, 1.0}), Taylor{}).successful())
      << "the root has no series at zero";
  EXPECT_EQ(solve(ODEProblem(root, {-1.0}, {0.0, 1.0}), Taylor{}).status(), Status::initial_failure);
}

TEST(Taylor, CountsItsCallsOfF) {
  const auto solution = solve(recorded<LotkaVolterra>(), Taylor{}, {.abstol = 1e-8, .reltol = 1e-8});
  const auto& s = solution.statistics();
  EXPECT_EQ(s.method, "Taylor");
  // one to expand and one to look at the end of each step, and the slope at the start
  EXPECT_EQ(s.rhs_evaluations, 2 * s.steps + s.rejected_steps + 1);
}

TEST(Taylor, StepsOneByOne) {
  auto integrator =
      init(model_problems::problem<LotkaVolterra>(), Taylor{}, {.abstol = 1e-10, .reltol = 1e-10});
  const auto solution =
      solve(model_problems::problem<LotkaVolterra>(), Taylor{}, {.abstol = 1e-10, .reltol = 1e-10});
  while (integrator.step()) {
    const double t = (integrator.previous_t() + integrator.t()) / 2;
    EXPECT_LT(distance(integrator(t), solution(t)), 1e-14);
  }
  EXPECT_EQ(integrator.steps(), solution.statistics().steps);
}

}  // namespace
}  // namespace costate
