#pragma once

#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <model_problems/chirped_oscillator.hpp>
#include <model_problems/detest.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// The loosest tolerance at which a method follows an orbit of eccentricity 0.9; the test of a method of high
/// order says where it is less than 1e-3.
template <class Method>
inline constexpr double loosest_tolerance = 1e-3;

/// The first power of t that the weights of a method do not integrate: no theorem makes it the order itself.
template <class Method>
inline constexpr int first_power_missed = Method::tableau.order;

/// By how much the slope of the errors of a dense output may be below its order where rounding ends them.
template <class Method>
inline constexpr double slack_of_dense_order = 0.3;

/// What every explicit Runge–Kutta method promises: `INSTANTIATE_TYPED_TEST_SUITE_P(Tsit5,
/// ExplicitMethodContract, Tsit5);`
template <class Method>
class ExplicitMethodContract : public testing::Test {
 protected:
  static constexpr const auto& table = Method::tableau;
  static constexpr bool adaptive = table.embedded_order > 0;
  using Chirped = model_problems::ChirpedOscillator;

  static SolveOptions fixed(double dt) { return {.dt = dt, .adaptive = false}; }
  static ErasedProblem from(double t0, double t1) {
    return ErasedProblem(erased<Chirped>().f(), Vector<double>(Chirped::exact(t0)), {t0, t1},
                         Vector<double>());
  }
  /// The largest error at the ends of n fixed steps (at one time alone its sign may change as h falls).
  static double step_error(double t0, double t1, double steps) {
    const auto solution = solve(from(t0, t1), Method{}, fixed(std::abs(t1 - t0) / steps));
    EXPECT_EQ(solution.statistics().steps, static_cast<std::size_t>(steps)) << "a step of rounding was added";
    double largest = 0;
    for (std::size_t i = 0; i < solution.size(); ++i)
      largest = std::max(largest, model_problems::distance(solution[i], Chirped::exact(solution.t()[i])));
    return largest;
  }
  /// The largest error of the interpolant over a fixed-step solve.
  static double dense_error(double t0, double t1, double dt) {
    const auto solution = solve(from(t0, t1), Method{}, fixed(dt));
    double largest = 0;
    for (int i = 0; i <= 200; ++i) {
      const double t = std::clamp(t0 + (t1 - t0) * i / 200, std::min(t0, t1), std::max(t0, t1));
      largest = std::max(largest, model_problems::distance(solution(t), Chirped::exact(t)));
    }
    return largest;
  }
  /// The slope of log(error) over log(h) through the last five errors above `low`, where rounding begins to
  /// be felt; h falls by 1.25 at a time (`error` says which h it took), since errors of a high order pass
  /// from too coarse to rounding within three halvings.
  template <class Error>
  static double observed_order(double h, Error error, double low) {
    std::vector<std::pair<double, double>> points;
    for (; h > 5e-4; h /= 1.25) {
      const auto [taken, e] = error(h);
      if (!(e > low)) break;
      points.emplace_back(std::log(taken), std::log(e));
    }
    EXPECT_GE(points.size(), 5u) << "too few steps above rounding";
    double count = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t i = points.size() < 5 ? 0 : points.size() - 5; i < points.size(); ++i) {
      const auto& [a, b] = points[i];
      count += 1, x += a, y += b, xx += a * a, xy += a * b;
    }
    return (count * xy - x * y) / (count * xx - x * x);
  }
};

TYPED_TEST_SUITE_P(ExplicitMethodContract);

// Lower bounds: methods do better than their order at large steps. That the order is exactly the stated one
// is tested on the table and on quadratures.
TYPED_TEST_P(ExplicitMethodContract, ConvergesAtItsOrderInEitherDirectionOfTime) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  for (const auto& [t0, t1] : {std::pair(0.0, 2.0), std::pair(0.5, -1.5)}) {
    const auto error = [&, t0 = t0, t1 = t1](double h) {
      const double steps = std::ceil(std::abs(t1 - t0) / h - 1e-9);
      return std::pair(std::abs(t1 - t0) / steps, Fixture::step_error(t0, t1, steps));
    };
    // the errors of a high order span one halving of h, in which it has not quite reached its slope
    EXPECT_GT(Fixture::observed_order(1.0, error, 2e-12),
              Fixture::table.order - (Fixture::table.order < 8 ? 0.3 : 0.6))
        << "from " << t0 << " to " << t1;
  }
}

TYPED_TEST_P(ExplicitMethodContract, InterpolatesAStepAtItsDenseOrder) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  for (const double direction : {1.0, -1.0}) {
    const auto error = [&](double h) {
      return std::pair(h, Fixture::dense_error(1.0, 1.0 + direction * h, h));
    };
    EXPECT_GT(Fixture::observed_order(0.6, error, 1e-11),
              Fixture::table.dense_order + 1 - slack_of_dense_order<TypeParam>);
  }
}

TYPED_TEST_P(ExplicitMethodContract, InterpolatesASolveAtItsOrder) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  const auto error = [](double h) {
    const double dt = 2.0 / std::ceil(2.0 / h - 1e-9);
    return std::pair(dt, Fixture::dense_error(0.0, 2.0, dt));
  };
  EXPECT_GT(Fixture::observed_order(0.5, error, 1e-11),
            std::min(Fixture::table.order, Fixture::table.dense_order + 1) - slack_of_dense_order<TypeParam>);
}

// x' = (q + 1) t^q is a quadrature: its weights are exact for q below the order, and no trees but the bushy
// ones matter.
TYPED_TEST_P(ExplicitMethodContract, IntegratesPowersBelowItsOrderExactly) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  const ErasedRhs power{[](VectorView<double>& du, const VectorView<const double>&,
                           const VectorView<const double>& p,
                           const double& t) { du[0] = (p[0] + 1) * std::pow(t, p[0]); }};
  const auto error = [&](int q) {
    const ErasedProblem problem(power, Vector<double>{0.0}, {0.0, 1.0},
                                Vector<double>{static_cast<double>(q)});
    return std::abs(solve(problem, TypeParam{}, Fixture::fixed(0.25)).back()[0] - 1.0);
  };
  // only rounding remains; the weights of Vern9 reach 1e1 with both signs, those of Vern6 2e2
  double weight = 50;
  for (const double b : Fixture::table.b) weight = std::max(weight, std::abs(b));
  for (int q = 0; q < Fixture::table.order; ++q) EXPECT_LT(error(q), 2e-15 * weight) << q;
  for (int q = Fixture::table.order; q < first_power_missed<TypeParam>; ++q) EXPECT_LT(error(q), 1e-13) << q;
  EXPECT_GT(error(first_power_missed<TypeParam>), 1e-12);
}

TYPED_TEST_P(ExplicitMethodContract, MeetsTheToleranceOrAsksForAStep) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  using model_problems::LotkaVolterra;
  if constexpr (Fixture::adaptive) {
    // an estimate of order 1 would ask for 2e6 steps
    for (const double tolerance : {1e-4, 1e-7, Fixture::table.embedded_order > 1 ? 1e-10 : 1e-9}) {
      const auto solution = solve(erased<LotkaVolterra>(), TypeParam{},
                                  {.abstol = tolerance, .reltol = tolerance, .save_everystep = false});
      ASSERT_TRUE(solution.successful());
      // errors of two and a half periods add up
      EXPECT_LT(model_problems::distance(solution.back(), LotkaVolterra::end), 40 * tolerance) << tolerance;
    }
  } else {
    EXPECT_THROW(solve(erased<LotkaVolterra>(), TypeParam{}), std::invalid_argument);
    EXPECT_THROW(solve(erased<LotkaVolterra>(), TypeParam{}, {.adaptive = false}), std::invalid_argument);
    EXPECT_EQ(solve(erased<LotkaVolterra>(), TypeParam{}, {.dt = 0.5}).statistics().steps, 20u);
  }
}

TYPED_TEST_P(ExplicitMethodContract, SolvesDetestWithinAMultipleOfTheTolerance) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  if constexpr (Fixture::adaptive) {
    // What an error made early grows to by t = 20: that of an orbit's phase as t times the change of its
    // period, by 1e3 and more; the others' by less than 1e2. The controller bounds the error of a step, so a
    // constant of the problem is allowed.
    const auto check = [&]<class Problem>(const Problem&) {
      constexpr bool is_orbit = std::is_same_v<decltype(Problem::f), decltype(model_problems::detest::D1::f)>;
      for (const double tolerance : {is_orbit ? loosest_tolerance<TypeParam> : 1e-3, 1e-6, 1e-9}) {
        const auto solution = solve(erased<Problem>(), TypeParam{},
                                    {.abstol = tolerance, .reltol = tolerance, .save_everystep = false});
        EXPECT_TRUE(solution.successful());
        EXPECT_LT(model_problems::distance(solution.back(), Problem::end),
                  (is_orbit ? 2500 : 300) * tolerance)
            << Problem::u0.size() << " states from " << Problem::u0[0] << " at " << tolerance;
      }
    };
    std::apply([&](const auto&... problem) { (check(problem), ...); }, model_problems::detest::All{});
  } else {
    GTEST_SKIP() << "no error estimate";
  }
}

TYPED_TEST_P(ExplicitMethodContract, ComesBackToTheStart) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  using model_problems::LotkaVolterra;
  const SolveOptions options = Fixture::adaptive
                                   ? SolveOptions{.abstol = 1e-8, .reltol = 1e-8, .save_everystep = false}
                                   : Fixture::fixed(std::pow(1e-4, 1.0 / Fixture::table.order));
  const auto there = solve(erased<LotkaVolterra>().with_tspan(TimeSpan{0.0, 3.0}), TypeParam{}, options);
  const auto back =
      solve(ErasedProblem(erased<LotkaVolterra>().with_u0(there.back()).with_tspan(TimeSpan{3.0, 0.0})),
            TypeParam{}, options);
  EXPECT_EQ(back.t().back(), 0.0);
  EXPECT_LT(model_problems::distance(back.back(), LotkaVolterra::u0), Fixture::adaptive ? 1e-6 : 1e-2);
}

TYPED_TEST_P(ExplicitMethodContract, ReturnsTheStartOfASpanWithoutLength) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  const auto solution = solve(Fixture::from(0.5, 0.5), TypeParam{}, {.dt = 0.1});
  EXPECT_TRUE(solution.successful());
  EXPECT_EQ(solution.statistics().steps, 0u);
  ASSERT_EQ(solution.size(), 1u);
  const auto start = Fixture::Chirped::exact(0.5);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(solution.back()[i], start[i]);
    EXPECT_EQ(solution(0.5)[i], start[i]);
  }
}

/// The method with its first slope evaluated in every step.
template <class Method>
struct WithoutReuse : Method {
  static constexpr auto tableau = [] {
    auto table = Method::tableau;
    table.fsal = false;
    return table;
  }();
};

TYPED_TEST_P(ExplicitMethodContract, GivesTheSameWithAndWithoutReuseOfTheLastStage) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  using model_problems::LotkaVolterra;
  std::size_t calls = 0, calls_without = 0;
  const SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .dt = 0.03125, .adaptive = Fixture::adaptive};
  const auto reused = solve(erased<LotkaVolterra>(&calls), TypeParam{}, options);
  const auto evaluated = solve(erased<LotkaVolterra>(&calls_without), WithoutReuse<TypeParam>{}, options);
  EXPECT_EQ(reused.statistics().steps, evaluated.statistics().steps);
  // the same sums; a compiler may contract them in another way
  EXPECT_LT(model_problems::distance(reused.back(), evaluated.back()), 1e-12);
  EXPECT_EQ(reused.statistics().rhs_evaluations, calls);
  EXPECT_EQ(evaluated.statistics().rhs_evaluations, calls_without);
  if (Fixture::table.fsal) {
    EXPECT_EQ(calls_without - calls, reused.statistics().steps - 1)
        << "one evaluation saved in each step but the last";
  }
}

TYPED_TEST_P(ExplicitMethodContract, GivesTheSameForSizesOfRunTimeAndOfCompileTime) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  using model_problems::LotkaVolterra;
  const SolveOptions options{
      .abstol = 1e-7, .reltol = 1e-7, .dt = 0.03125, .adaptive = Fixture::adaptive, .saveat = 0.25};
  const auto at_run_time = solve(erased<LotkaVolterra>(), TypeParam{}, options);
  const auto fixed_size = solve(model_problems::problem<LotkaVolterra>(), TypeParam{}, options);
  ASSERT_EQ(at_run_time.size(), 41u);
  ASSERT_EQ(fixed_size.size(), 41u);
  EXPECT_EQ(at_run_time.statistics().steps, fixed_size.statistics().steps);
  EXPECT_EQ(at_run_time.statistics().rhs_evaluations, fixed_size.statistics().rhs_evaluations);
  // small states sum over stages in another order: error estimates of the size of rounding, and with them the
  // first steps, are others
  for (std::size_t i = 0; i < 41; ++i)
    EXPECT_LT(model_problems::distance(at_run_time[i], fixed_size[i]), 1e-7);
  SolveOptions equal_steps = options;
  equal_steps.adaptive = false;
  const auto equal_at_run_time = solve(erased<LotkaVolterra>(), TypeParam{}, equal_steps);
  const auto equal_fixed_size = solve(model_problems::problem<LotkaVolterra>(), TypeParam{}, equal_steps);
  for (std::size_t i = 0; i < 41; ++i)
    EXPECT_LT(model_problems::distance(equal_at_run_time[i], equal_fixed_size[i]), 1e-11)
        << "only rounding may differ";
}

TYPED_TEST_P(ExplicitMethodContract, SolvesInFloat) {
  using Fixture = ExplicitMethodContract<TypeParam>;
  using model_problems::LotkaVolterra;
  const ODEProblem in_float(LotkaVolterra::f, {1.0f, 1.0f}, {0.0, 10.0}, {1.5f, 1.0f, 3.0f, 1.0f});
  const SolveOptions options{
      .abstol = 1e-5, .reltol = 1e-5, .dt = 0.015625, .adaptive = Fixture::adaptive, .saveat = 0.5};
  const auto solution = solve(in_float, TypeParam{}, options);
  static_assert(std::is_same_v<typename std::remove_cvref_t<decltype(solution)>::value_type, float>);
  ASSERT_TRUE(solution.successful());
  const auto in_double = solve(erased<LotkaVolterra>(), TypeParam{}, options);
  ASSERT_EQ(solution.size(), in_double.size());
  // the errors of both at this tolerance, and the rounding of states up to 7 by interpolants whose two
  // largest weights cancel
  double weight = 1;
  for (const auto& row : Fixture::table.r)
    for (const double r : row) weight = std::max(weight, std::abs(r));
  const double allowed = 1e-3 + 2 * 7 * weight * 6e-8;
  for (std::size_t i = 0; i < solution.size(); ++i)
    EXPECT_LT(model_problems::distance(solution[i], in_double[i]), allowed) << i;
  EXPECT_LT(model_problems::distance(solution.back(), in_double.back()), 1e-3);
  EXPECT_LT(model_problems::distance(solution(0.75), in_double(0.75)), allowed);
}

REGISTER_TYPED_TEST_SUITE_P(ExplicitMethodContract, ConvergesAtItsOrderInEitherDirectionOfTime,
                            InterpolatesAStepAtItsDenseOrder, InterpolatesASolveAtItsOrder,
                            IntegratesPowersBelowItsOrderExactly, MeetsTheToleranceOrAsksForAStep,
                            SolvesDetestWithinAMultipleOfTheTolerance, ComesBackToTheStart,
                            ReturnsTheStartOfASpanWithoutLength,
                            GivesTheSameWithAndWithoutReuseOfTheLastStage,
                            GivesTheSameForSizesOfRunTimeAndOfCompileTime, SolvesInFloat);

}  // namespace costate
