#pragma once

#include <costate/control/with_control.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/lotka_volterra.hpp>
#include <vector>

namespace costate {

/// What every step-size controller promises: `INSTANTIATE_TYPED_TEST_SUITE_P(I, ControllerContract,
/// TestedI);`, where TestedI names a `controller` and the `lowest` and `highest` factor that it may give.
template <class Tested>
class ControllerContract : public testing::Test {
 protected:
  static constexpr const auto& controller = Tested::controller;
  static constexpr double rounding = 5e-3;  // of the short logarithm and exponential
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  static bool accepts(const auto& state, double e2) {
    if constexpr (requires { controller.accepts(state, e2); })
      return controller.accepts(state, e2);
    else
      return e2 <= 1.0;
  }
  /// The factor after a step of error e, accepted or not, as the loop asks for it.
  static double factor(auto& state, double e) {
    const double e2 = e * e;
    return accepts(state, e2) ? controller.accept(state, e2) : controller.reject(state, e2);
  }
};

TYPED_TEST_SUITE_P(ControllerContract);

TYPED_TEST_P(ControllerContract, StaysWithinItsBounds) {
  using Fixture = ControllerContract<TypeParam>;
  auto state = Fixture::controller.start(4);
  // errors of all sizes, in an order that mixes them
  for (int i = 0; i < 2000; ++i) {
    const double e = std::pow(10.0, (i * 37) % 161 - 80);
    const double factor = Fixture::factor(state, e);
    EXPECT_GE(factor, TypeParam::lowest * (1 - Fixture::rounding)) << e;
    EXPECT_LE(factor, TypeParam::highest * (1 + Fixture::rounding)) << e;
  }
}

TYPED_TEST_P(ControllerContract, GrowsLessAfterALargerError) {
  using Fixture = ControllerContract<TypeParam>;
  for (const double before : {1e-3, 0.1, 0.9}) {
    auto start = Fixture::controller.start(4);
    Fixture::factor(start, before);
    // where acceptance ends the rule may change: a rejected step need not look back
    double last = std::numeric_limits<double>::infinity();
    bool accepted = true;
    for (double e = 1e-20; e < 1e20; e *= 1.7) {
      auto state = start;
      if (accepted && !Fixture::accepts(state, e * e)) {
        accepted = false;
        last = std::numeric_limits<double>::infinity();
      }
      EXPECT_EQ(Fixture::accepts(state, e * e), accepted) << e;
      const double factor = Fixture::factor(state, e);
      EXPECT_LE(factor, last * (1 + Fixture::rounding)) << e << " after " << before;
      last = factor;
    }
  }
}

TYPED_TEST_P(ControllerContract, ShrinksWhatItRejects) {
  using Fixture = ControllerContract<TypeParam>;
  auto state = Fixture::controller.start(4);
  bool rejected = false;
  for (double e = 0.5; e < 1e30; e *= 1.01) {
    if (Fixture::accepts(state, e * e)) continue;
    rejected = true;
    auto copy = state;
    EXPECT_LT(Fixture::controller.reject(copy, e * e), 0.995) << e;
  }
  EXPECT_TRUE(rejected);
}

TYPED_TEST_P(ControllerContract, AnswersAnErrorOfZeroAndNoNumber) {
  using Fixture = ControllerContract<TypeParam>;
  auto state = Fixture::controller.start(4);
  EXPECT_TRUE(Fixture::accepts(state, 0.0));
  EXPECT_NEAR(Fixture::factor(state, 0.0) / TypeParam::highest, 1.0, 2 * Fixture::rounding);
  EXPECT_TRUE(std::isfinite(Fixture::factor(state, 0.5))) << "after an error of zero";
  EXPECT_FALSE(Fixture::accepts(state, Fixture::nan));
  EXPECT_FALSE(Fixture::accepts(state, std::numeric_limits<double>::infinity()));
}

TYPED_TEST_P(ControllerContract, RestartsAsItStarts) {
  using Fixture = ControllerContract<TypeParam>;
  const std::vector<double> errors{0.3, 1e-6, 5.0, 0.7, 0.9, 1.5, 0.2};
  auto state = Fixture::controller.start(4);
  std::vector<double> first;
  for (const double e : errors) first.push_back(Fixture::factor(state, e));
  state = Fixture::controller.start(4);
  for (std::size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(Fixture::factor(state, errors[i]), first[i]);
}

TYPED_TEST_P(ControllerContract, KeepsItsMemoryInAValue) {
  using Fixture = ControllerContract<TypeParam>;
  auto state = Fixture::controller.start(4);
  for (const double e : {0.3, 3.0, 0.6}) Fixture::factor(state, e);
  auto copy = state;
  std::vector<double> here, there;
  for (const double e : {0.4, 0.8, 2.0, 0.1}) here.push_back(Fixture::factor(state, e));
  for (const double e : {0.4, 0.8, 2.0, 0.1}) there.push_back(Fixture::factor(copy, e));
  EXPECT_EQ(here, there);
}

TYPED_TEST_P(ControllerContract, MeetsTheTolerance) {
  using Fixture = ControllerContract<TypeParam>;
  using model_problems::LotkaVolterra;
  const auto method = with_control(Tsit5{}, Fixture::controller);
  for (const double tolerance : {1e-4, 1e-7, 1e-10}) {
    const auto solution = solve(erased<LotkaVolterra>(), method,
                                {.abstol = tolerance, .reltol = tolerance, .save_everystep = false});
    ASSERT_TRUE(solution.successful());
    // errors of two and a half periods add up, and a controller may aim at an error of 1 exactly
    EXPECT_LT(model_problems::distance(solution.back(), LotkaVolterra::end), 80 * tolerance) << tolerance;
    EXPECT_GT(solution.statistics().steps, 20u);
  }
}

TYPED_TEST_P(ControllerContract, ComesBackFromTheEdgeOfADomain) {
  using Fixture = ControllerContract<TypeParam>;
  // u' = −√u − u has no value below 0, where a first step of 3 ends
  const ErasedRhs root{[](VectorView<double>& du, const VectorView<const double>& u,
                          const VectorView<const double>&,
                          const double&) { du[0] = -std::sqrt(u[0]) - u[0]; }};
  const auto solution =
      solve(ErasedProblem(root, Vector<double>{1.0}, {0.0, 1.0}, Vector<double>()),
            with_control(Tsit5{}, Fixture::controller), {.abstol = 1e-8, .reltol = 1e-8, .dt = 3.0});
  ASSERT_TRUE(solution.successful());
  EXPECT_GT(solution.statistics().rejected_steps, 0u);
  // √u = 2 e^(−t/2) − 1
  const double s = 2 * std::exp(-0.5) - 1;
  EXPECT_NEAR(solution.back()[0], s * s, 1e-7);
}

REGISTER_TYPED_TEST_SUITE_P(ControllerContract, StaysWithinItsBounds, GrowsLessAfterALargerError,
                            ShrinksWhatItRejects, AnswersAnErrorOfZeroAndNoNumber, RestartsAsItStarts,
                            KeepsItsMemoryInAValue, MeetsTheTolerance, ComesBackFromTheEdgeOfADomain);

}  // namespace costate
