#pragma once

#include <cmath>
#include <contracts/optimizer_contract.hpp>
#include <gtest/gtest.h>
#include <span>
#include <vector>

namespace costate {

/// What every optimizer that takes bounds promises.
template <class Case>
class BoundedOptimizerContract : public OptimizerContract<Case> {};

TYPED_TEST_SUITE_P(BoundedOptimizerContract);

TYPED_TEST_P(BoundedOptimizerContract, KeepsBoundsAtEveryCall) {
  using Fixture = BoundedOptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // the valley is left at x[0] = 0.6, its floor there is x[1] = 0.36
  T lowest = Fixture::infinity, highest = -Fixture::infinity;
  const auto loss = [&](std::span<const T> x, std::span<T> g) {
    lowest = std::fmin(lowest, x[1]);
    highest = std::fmax(highest, x[0]);
    return Fixture::rosenbrock(x, g);
  };
  const TrainOptions options{.lower = {-2, -1}, .upper = {0.6, 2}, .max_iterations = 3000};
  const auto result = this->run(loss, {T(-1.2), T(1)}, 0.02, options);
  EXPECT_LE(highest, T(0.6));
  EXPECT_GE(lowest, T(-1));
  EXPECT_NEAR(result.minimizer[0], 0.6, this->pick(1e-6, 1e-2));
  EXPECT_NEAR(result.minimizer[1], 0.36, this->pick(1e-3, 1e-2));
  if (!Fixture::is_rule) {
    EXPECT_NEAR(result.minimizer[0], 0.6, double(std::numeric_limits<T>::epsilon()));
    EXPECT_LT(result.gradient_norm, 1e-2) << "of the projected gradient; the other is 0.8";
    EXPECT_LT(result.iterations, 80u);
  }
}

TYPED_TEST_P(BoundedOptimizerContract, LeavesBoundsThatTheMinimumIsNotOn) {
  using Fixture = BoundedOptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // the start is in a corner, and the minimum (0, 1, …, 7) lies on bounds of some components
  const std::vector<T> start(8, T(2.5));
  const TrainOptions options{.lower = {-9, -9, -9, 2.5, 2.5, 2.5, 2.5, 2.5},
                             .upper = {2.5, 2.5, 2.5, 9, 9, 5, 6, 6.5}};
  const auto result = this->run(Fixture::quadratic, start, 0.1, options);
  const double wanted[] = {0, 1, 2, 3, 4, 5, 6, 6.5};
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_NEAR(result.minimizer[i], wanted[i], this->pick(1e-4, 5e-2)) << i;
}

REGISTER_TYPED_TEST_SUITE_P(BoundedOptimizerContract, KeepsBoundsAtEveryCall,
                            LeavesBoundsThatTheMinimumIsNotOn);

}  // namespace costate
