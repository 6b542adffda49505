#pragma once

#include <costate/optimizers/levenberg_marquardt.hpp>
#include <costate/training/covariance.hpp>
#include <costate/training/train_residuals.hpp>

#include <cmath>
#include <csignal>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace costate {

/// What every optimizer on residuals promises under the loop over iterations, for float and double.
template <class Case>
class LeastSquaresContract : public testing::Test {
 protected:
  using Optimizer = std::tuple_element_t<0, Case>;
  using Number = std::tuple_element_t<1, Case>;
  static constexpr bool is_float = std::is_same_v<Number, float>;

  /// Rosenbrock's function as residuals: 10 (x₁ − x₀²), 1 − x₀.
  static auto rosenbrock() {
    return [](const auto& x) { return Vector{Number(10) * (x[1] - x[0] * x[0]), Number(1) - x[0]}; };
  }
  /// An exponential whose data no parameters meet; infinite where x[1] > wall.
  auto decay(double wall = 1e9) {
    return [this, wall](const auto& x) {
      Vector<scalar_of<decltype(x)>> r(20);
      ++calls;
      for (std::size_t i = 0; i < 2; ++i) {
        lowest[i] = std::fmin(lowest[i], double(plain(x[i])));
        highest[i] = std::fmax(highest[i], double(plain(x[i])));
      }
      for (std::size_t i = 0; i < r.size(); ++i) {
        const Number t = Number(0.1) * Number(i);
        r[i] = x[0] * exp(-x[1] * t) - Number(3) * std::exp(-2 * t) - Number(0.1) * std::sin(Number(7 * i));
        if (plain(x[1]) > wall) r[i] = scalar_of<decltype(x)>(std::numeric_limits<Number>::infinity());
      }
      return r;
    };
  }
  template <class Residuals>
  auto run(const Residuals& residuals, const std::vector<Number>& start, const TrainOptions& options = {}) {
    const auto result = train(residuals, start, Optimizer{}, options);
    EXPECT_FALSE(result.minimum > result.initial_loss);
    EXPECT_EQ(result.history.size(), result.iterations + 1);
    for (const Number x : result.minimizer) EXPECT_TRUE(std::isfinite(x));
    return result;
  }

  std::size_t calls = 0;
  double lowest[2] = {1e9, 1e9}, highest[2] = {-1e9, -1e9};
};

template <class Optimizer>
using ResidualsInFloatAndDouble = testing::Types<std::tuple<Optimizer, float>, std::tuple<Optimizer, double>>;

TYPED_TEST_SUITE_P(LeastSquaresContract);

TYPED_TEST_P(LeastSquaresContract, SolvesALinearProblem) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto line = [](const auto& x) {
    return Vector{x[0] + x[1] - T(1), x[0] + T(2) * x[1] - T(3), x[0] + T(3) * x[1] - T(2)};
  };
  const auto result = this->run(line, {T(5), T(-4)});
  EXPECT_NEAR(result.minimizer[0], 1, this->is_float ? 1e-3 : 1e-9);
  EXPECT_NEAR(result.minimizer[1], 0.5, this->is_float ? 1e-3 : 1e-9);
  EXPECT_NEAR(result.minimum, 1.5, 1e-6);
  EXPECT_EQ(result.stop_reason, StopReason::converged);
  EXPECT_LT(result.iterations, 10u);
}

TYPED_TEST_P(LeastSquaresContract, DescendsRosenbrocksValley) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto result = this->run(this->rosenbrock(), {T(-1.2), T(1)});
  EXPECT_LT(result.minimum, this->is_float ? 1e-11 : 1e-24);
  EXPECT_LT(result.iterations, 40u);
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
}

TYPED_TEST_P(LeastSquaresContract, SurvivesAWall) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto free = this->run(this->decay(), {T(1), T(0.5)});
  const auto walled = this->run(this->decay(free.minimizer[1] + 0.01), {T(1), T(0.5)});
  EXPECT_NEAR(walled.minimizer[1], free.minimizer[1], 1e-3);
  EXPECT_GT(this->highest[1], double(free.minimizer[1]) + 0.01) << "the wall was never met";
}

TYPED_TEST_P(LeastSquaresContract, SaysSoWhenTheStartIsNotFinite) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto result = this->run(this->decay(1), {T(1), T(2)});
  EXPECT_EQ(result.stop_reason, StopReason::not_finite_at_start);
  EXPECT_EQ(result.evaluations, 1u);
  EXPECT_EQ(result.minimizer[1], T(2));
}

TYPED_TEST_P(LeastSquaresContract, StopsInGoodOrderOnNoise) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto rough = [this](const auto& x) {
    auto r = this->decay()(x);
    // plain numbers: the Jacobian does not see them
    r[0] = r[0] + T(1e-3) * std::sin(T(1e4) * plain(x[0])) + T(1e-3) * std::sin(T(1e4) * plain(x[1]));
    return r;
  };
  const auto result = this->run(rough, {T(1), T(0.5)}, {.max_iterations = 500});
  EXPECT_LT(result.iterations, 100u);
  EXPECT_NEAR(result.minimizer[1], this->run(this->decay(), {T(1), T(0.5)}).minimizer[1], 0.02);
}

TYPED_TEST_P(LeastSquaresContract, ForgivesADirectionThatTheResidualsDoNotSee) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto only_the_sum = [](const auto& x) {
    return Vector{x[0] + x[1] - T(3), T(2) * (x[0] + x[1]) - T(6)};
  };
  const auto result = this->run(only_the_sum, {T(1), T(1)});
  EXPECT_NEAR(result.minimizer[0] + result.minimizer[1], 3, 1e-5);
  EXPECT_FALSE(covariance(only_the_sum, result.minimizer).determined());
}

TYPED_TEST_P(LeastSquaresContract, KeepsBoundsAtEveryCall) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto result = this->run(this->decay(), {T(1), T(0.5)}, {.lower = {0.5, 0.1}, .upper = {4, 1.5}});
  EXPECT_GE(this->lowest[0], 0.5);
  EXPECT_GE(this->lowest[1], double(T(0.1)));
  EXPECT_LE(this->highest[0], 4);
  EXPECT_LE(this->highest[1], 1.5);
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  // the second bound binds, and the first parameter is the best beside it
  const auto on_the_bound = [this](const auto& x) {
    return this->decay()(Vector{x[0], scalar_of<decltype(x)>(T(1.5))});
  };
  EXPECT_EQ(result.minimizer[1], T(1.5));
  EXPECT_NEAR(result.minimizer[0], train(on_the_bound, Vector<T>{T(1)}, LevenbergMarquardt{}).minimizer[0],
              1e-4);
}

TYPED_TEST_P(LeastSquaresContract, LeavesABoundThatTheMinimumIsNotOn) {
  using T = std::tuple_element_t<1, TypeParam>;
  const auto free = this->run(this->decay(), {T(1), T(0.5)});
  const auto bounded = this->run(this->decay(), {T(1), T(0.5)}, {.lower = {1, 0.5}, .upper = {10, 10}});
  EXPECT_NEAR(bounded.minimizer[0], free.minimizer[0], 1e-3);
  EXPECT_NEAR(bounded.minimizer[1], free.minimizer[1], 1e-3);
}

TYPED_TEST_P(LeastSquaresContract, ContinuesWithTheSameBitsFromItsFields) {
  using Method = std::tuple_element_t<0, TypeParam>;
  using T = std::tuple_element_t<1, TypeParam>;
  const auto residuals = this->rosenbrock();
  Linearization<T> latest;
  const auto both = [&](std::span<const T> x, std::span<T> g) {
    detail::linearize(residuals, Vector<T>(x), latest);
    detail::gradient_of_squares<T>(latest, g);
    return detail::sum_of_squares<T>(latest.residuals);
  };
  const auto value = [&](std::span<const T> x) {
    std::vector<T> r;
    detail::keep_residuals(residuals(Vector<T>(x)), r);
    return detail::sum_of_squares<T>(r);
  };
  const Objective<T> squares{both, value};
  const ResidualObjective<T> objective{squares, latest};
  const Method optimizer;
  auto state = optimizer.template init<T>(2);
  Iterate<T> current(2);
  current.x = {T(-1.2), T(1)};
  current.loss = both(current.x, current.gradient);
  for (int i = 0; i < 3; ++i) optimizer.iterate(state, objective, current);
  auto other = optimizer.template init<T>(2);
  auto resumed = current;
  const auto advance = [&](auto& s, Iterate<T>& at) {
    for (int i = 0; i < 3; ++i) optimizer.iterate(s, objective, at);
  };
  std::get<0>(other.fields()).fields() = std::get<0>(state.fields()).fields();
  if constexpr (requires { state.damping; }) other.damping = state.damping, other.growth = state.growth;
  advance(state, current);
  advance(other, resumed);
  EXPECT_EQ(current.x, resumed.x);
}

REGISTER_TYPED_TEST_SUITE_P(LeastSquaresContract, SolvesALinearProblem, DescendsRosenbrocksValley,
                            SurvivesAWall, SaysSoWhenTheStartIsNotFinite, StopsInGoodOrderOnNoise,
                            ForgivesADirectionThatTheResidualsDoNotSee, KeepsBoundsAtEveryCall,
                            LeavesABoundThatTheMinimumIsNotOn, ContinuesWithTheSameBitsFromItsFields);

}  // namespace costate
