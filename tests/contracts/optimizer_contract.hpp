#pragma once

#include <costate/training/train_loop.hpp>

#include <cmath>
#include <contracts/losses_with_known_minima.hpp>
#include <contracts/optimizer_settings.hpp>
#include <contracts/resumed_state.hpp>
#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

template <class Optimizer, class T>
struct OptimizerCase {
  using optimizer = Optimizer;
  using scalar = T;
};
template <class Optimizer>
using FloatAndDouble = testing::Types<OptimizerCase<Optimizer, float>, OptimizerCase<Optimizer, double>>;

/// What every optimizer promises under the loop over iterations. An update rule is run with a learning rate
/// that suits the problem and is asked for less accuracy than a method with a line search.
template <class Case>
class OptimizerContract : public testing::Test, public LossesWithKnownMinima<typename Case::scalar> {
 protected:
  using Optimizer = typename Case::optimizer;
  using Number = typename Case::scalar;
  using Result = TrainResult<Number>;
  using Point = detail::TrainPoint<Number>;

  using Settings = ContractSettings<Optimizer>;

  static constexpr bool is_rule = !IterativeOptimizer<Optimizer, Number>;
  static constexpr bool falls_short = requires { Optimizer::exact_curvature; };  // of the wall
  static constexpr Number infinity = std::numeric_limits<Number>::infinity();
  static constexpr Number nan = std::numeric_limits<Number>::quiet_NaN();

  static double pick(double with_line_search, double rule) { return is_rule ? rule : with_line_search; }

  /// `loss(x, g)` fills g and returns the value.
  template <class Loss, class Callback>
  Result run(Loss&& loss, const std::vector<Number>& start, double rate, TrainOptions options,
             Callback&& callback) {
    if (!options.max_iterations) options.max_iterations = 1000 * Settings::patience;
    const auto counted = [&](std::span<const Number> x, std::span<Number> g) {
      ++calls;
      last_x.assign(x.begin(), x.end());
      for (const Number v : x) EXPECT_TRUE(std::isfinite(v)) << "the loss was called outside the numbers";
      return loss(x, g);
    };
    const auto value = [&](std::span<const Number> x) {
      std::vector<Number> g(x.size());
      return counted(x, g);
    };
    const Result result =
        detail::train_loop<Number>(Objective<Number>{counted, value}, std::span<const Number>(start),
                                   Settings::with(rate), options, callback);
    EXPECT_FALSE(result.minimum > result.initial_loss);
    EXPECT_EQ(result.evaluations, calls);
    EXPECT_EQ(result.history.size(), result.iterations + 1);
    EXPECT_FALSE(result.message.empty());
    EXPECT_EQ(result.minimizer.size(), start.size());
    for (const Number v : result.minimizer) EXPECT_TRUE(std::isfinite(v));
    for (const Number v : result.last) EXPECT_TRUE(std::isfinite(v));
    return result;
  }
  template <class Loss>
  Result run(Loss&& loss, const std::vector<Number>& start, double rate, const TrainOptions& options = {}) {
    return run(loss, start, rate, options, [](const Point&) { return false; });
  }

  static auto interrupt_handler() {
    struct sigaction action;
    sigaction(SIGINT, nullptr, &action);
    return action.sa_handler;
  }

  /// A bowl around (2, 0), steep enough that first steps overshoot; `outside` replaces value and gradient
  /// where x[0] > 2.3.
  template <class Outside>
  static auto walled(Outside outside, std::size_t& hits) {
    return [outside, &hits](std::span<const Number> x, std::span<Number> g) -> Number {
      const Number a = x[0] - 2, b = x[1];
      g[0] = 20 * a * a * a + a;
      g[1] = 2 * b;
      const Number value = 5 * a * a * a * a + a * a / 2 + b * b;
      if (!(x[0] > Number(2.3))) return value;
      ++hits;
      return outside(value, g);
    };
  }
  template <class Outside>
  void finds_the_bowl_before_the_wall(Outside outside) {
    std::size_t hits = 0;
    const Result result = run(walled(outside, hits), {Number(1.5), Number(0.1)}, 0.3);
    EXPECT_TRUE(hits > 0 || falls_short) << "the wall was never met, so this tests nothing";
    EXPECT_NEAR(result.minimizer[0], 2, 0.02);
    EXPECT_NEAR(result.minimizer[1], 0, 0.02);
  }

  std::size_t calls = 0;
  std::vector<Number> last_x;
};

TYPED_TEST_SUITE_P(OptimizerContract);

TYPED_TEST_P(OptimizerContract, MinimizesAQuadratic) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // with a line search only rounding remains: (eps |x|)^2 times the curvature
  EXPECT_LT(this->run(Fixture::quadratic, std::vector<T>(5, T(3)), 0.05).minimum,
            this->pick(std::is_same_v<T, float> ? 1e-10 : 1e-15, 1e-4));
}

TYPED_TEST_P(OptimizerContract, DescendsRosenbrocksValleyInTwoDimensions) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto result = this->run(Fixture::rosenbrock, {T(-1.2), T(1)}, 0.02);
  EXPECT_NEAR(result.initial_loss, 24.2, 1e-5 * 24.2);
  EXPECT_LT(result.minimum, this->pick(std::is_same_v<T, float> ? 1e-6 : 1e-14, 0.2));
  if (!Fixture::is_rule) {
    EXPECT_LT(result.iterations, 80u);
  }
}

TYPED_TEST_P(OptimizerContract, DescendsRosenbrocksValleyInTenDimensions) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // a start near 1 keeps clear of the second local minimum near x[0] = -1
  const auto result = this->run(Fixture::rosenbrock, std::vector<T>(10, T(0.3)), 0.02);
  EXPECT_LT(result.minimum, this->pick(std::is_same_v<T, float> ? 1e-5 : 1e-14, 0.5));
}

TYPED_TEST_P(OptimizerContract, MinimizesABadlyScaledQuadratic) {
  using T = typename TypeParam::scalar;
  const auto loss = [](std::span<const T> x, std::span<T> g) {
    T total = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T c = std::pow(T(10), T(i));  // condition 1e6
      total += c * x[i] * x[i] / 2;
      g[i] = c * x[i];
    }
    return total;
  };
  const auto result = this->run(loss, std::vector<T>(7, T(1)), 0.02);
  if (!OptimizerContract<TypeParam>::Settings::scales_components) return;
  EXPECT_LT(result.minimum, this->pick(std::is_same_v<T, float> ? 1e-5 : 1e-12, 1e-2));
}

TYPED_TEST_P(OptimizerContract, StopsInGoodOrderOnAStaircase) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // the gradient is that of the smooth part, as of a solve on a frozen mesh
  const auto loss = [](std::span<const T> x, std::span<T> g) {
    const T smooth = Fixture::quadratic(x, g);
    return smooth + T(1e-3) * (1 + std::sin(1000 * x[0] + 2000 * x[1]));
  };
  const auto result =
      this->run(loss, std::vector<T>(4, T(5)), 0.1, {.max_iterations = 500 * Fixture::Settings::patience});
  EXPECT_LT(result.minimum, 1e-2);
  if (!Fixture::is_rule) {
    EXPECT_LT(result.iterations, 200u);
  }
}

TYPED_TEST_P(OptimizerContract, SurvivesAWall) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  // a failed solve is infinite with a zero gradient; a loss of a user's own may be NaN
  for (const auto& [value, slope] :
       {std::pair(Fixture::infinity, T(0)), std::pair(Fixture::nan, Fixture::nan)}) {
    this->finds_the_bowl_before_the_wall([value = value, slope = slope](T, std::span<T> g) {
      for (T& v : g) v = slope;
      return value;
    });
    this->calls = 0;
  }
}

TYPED_TEST_P(OptimizerContract, SurvivesANonFiniteGradientWithAFiniteLoss) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  this->finds_the_bowl_before_the_wall([](T value, std::span<T> g) {
    g[1] = Fixture::infinity;
    return value;
  });
}

TYPED_TEST_P(OptimizerContract, SaysSoWhenTheStartIsNotFinite) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  for (const auto& [value, slope] : {std::pair(Fixture::nan, T(0)), std::pair(T(7), Fixture::nan)}) {
    this->calls = 0;
    const auto loss = [value = value, slope = slope](std::span<const T>, std::span<T> g) {
      for (T& v : g) v = slope;
      return value;
    };
    const auto result = this->run(loss, {T(1), T(2)}, 0.1);
    EXPECT_EQ(result.stop_reason, StopReason::not_finite_at_start);
    EXPECT_EQ(result.evaluations, 1u);
    EXPECT_TRUE(result.minimizer[0] == T(1) && result.minimizer[1] == T(2));
  }
}

TYPED_TEST_P(OptimizerContract, KeepsFiniteParametersWhenTheLossTurnsNaNForGood) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  int evaluations = 0;
  const auto loss = [&](std::span<const T> x, std::span<T> g) {
    const T value = Fixture::rosenbrock(x, g);
    return ++evaluations > 6 ? Fixture::nan : value;
  };
  const auto result = this->run(loss, {T(-1.2), T(1)}, 0.01);
  EXPECT_TRUE(result.stop_reason == StopReason::not_finite || result.stop_reason == StopReason::stalled);
  EXPECT_LT(result.evaluations, 150u);
  EXPECT_TRUE(std::isfinite(result.last_loss));
}

TYPED_TEST_P(OptimizerContract, StaysOnAConstantLoss) {
  using T = typename TypeParam::scalar;
  const auto loss = [](std::span<const T>, std::span<T> g) {
    for (T& v : g) v = 0;
    return T(4);
  };
  const auto result = this->run(loss, {T(1), T(2)}, 0.1, {.max_iterations = 50});
  EXPECT_EQ(result.minimum, T(4));
  EXPECT_TRUE(result.last[0] == T(1) && result.last[1] == T(2));
}

TYPED_TEST_P(OptimizerContract, StaysAtTheMinimum) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto result = this->run(Fixture::quadratic, {T(0), T(1), T(2)}, 0.1, {.max_iterations = 50});
  EXPECT_EQ(result.minimum, T(0));
  EXPECT_EQ(result.last[2], T(2));
  if (!Fixture::is_rule) {
    EXPECT_EQ(result.stop_reason, StopReason::converged);
    std::size_t by_a_rule = 0;  // which does not know that it has arrived
    if constexpr (requires { Fixture::Settings::rule_iterations; })
      by_a_rule = Fixture::Settings::rule_iterations;
    EXPECT_EQ(result.evaluations, 1 + by_a_rule);
  }
}

TYPED_TEST_P(OptimizerContract, ComesDownFromALossOfExponentialGrowth) {
  using T = typename TypeParam::scalar;
  // sum of sinh(5 x)^2, 1e11 at the start
  const auto loss = [](std::span<const T> x, std::span<T> g) {
    T total = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T s = std::sinh(5 * x[i]);
      total += s * s;
      g[i] = 10 * s * std::cosh(5 * x[i]);
    }
    return total;
  };
  const auto result = this->run(loss, {T(2.7), T(2.4)}, 0.02);
  EXPECT_GT(result.initial_loss, T(1e11));
  if (!OptimizerContract<TypeParam>::Settings::scales_components) return;
  // the running square of a rule remembers the start, which makes its steps small
  EXPECT_LT(result.minimum, this->pick(1e-8, 1e-2 * static_cast<double>(result.initial_loss)));
}

TYPED_TEST_P(OptimizerContract, ShowsTheCallbackTheParametersThatGaveTheLoss) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  std::size_t shown = 0, told_last = 0;
  std::vector<double> losses;
  const auto callback = [&](const typename Fixture::Point& point) {
    std::vector<T> g(point.parameters.size()), p(point.parameters.begin(), point.parameters.end());
    EXPECT_EQ(point.loss, Fixture::rosenbrock(p, g));
    EXPECT_EQ(point.iteration, shown++);
    if (point.last_evaluated) {
      EXPECT_EQ(p, this->last_x);
      ++told_last;
    }
    losses.push_back(static_cast<double>(point.loss));
    return false;
  };
  const auto result = this->run(Fixture::rosenbrock, {T(-1.2), T(1)}, 0.02, {.max_iterations = 30}, callback);
  EXPECT_EQ(shown, result.iterations + 1);
  EXPECT_EQ(losses, result.history);
  EXPECT_GT(told_last, shown / 2);
}

TYPED_TEST_P(OptimizerContract, HaltsWhenTheCallbackSaysSo) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  for (const std::size_t k : {1u, 2u, 5u}) {
    this->calls = 0;
    std::size_t shown = 0;
    const auto result = this->run(Fixture::rosenbrock, {T(-1.2), T(1)}, 0.02, {},
                                  [&](const typename Fixture::Point&) { return ++shown == k; });
    EXPECT_EQ(shown, k);
    EXPECT_EQ(result.iterations, k - 1);
    EXPECT_EQ(result.stop_reason, StopReason::halted);
  }
}

TYPED_TEST_P(OptimizerContract, EndsAfterTheEvaluationThatCtrlCFell) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto before = Fixture::interrupt_handler();
  for (const int when : {1, 2, 3, 4, 9}) {
    this->calls = 0;
    int evaluations = 0;
    T lowest = Fixture::infinity;
    const auto loss = [&](std::span<const T> x, std::span<T> g) {
      if (++evaluations == when) std::raise(SIGINT);
      const T value = Fixture::rosenbrock(x, g);
      lowest = std::fmin(lowest, value);
      return value;
    };
    const auto result = this->run(loss, {T(-1.2), T(1)}, 0.02);
    EXPECT_EQ(result.stop_reason, StopReason::interrupted);
    EXPECT_EQ(evaluations, when);
    EXPECT_EQ(result.minimum, lowest);
    EXPECT_EQ(before, Fixture::interrupt_handler());
  }
}

TYPED_TEST_P(OptimizerContract, PassesExceptionsOfTheLossOn) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto before = Fixture::interrupt_handler();
  int evaluations = 0;
  const auto loss = [&](std::span<const T> x, std::span<T> g) {
    if (++evaluations == 4) throw std::domain_error("from the loss");
    return Fixture::rosenbrock(x, g);
  };
  EXPECT_THROW(this->run(loss, {T(-1.2), T(1)}, 0.02), std::domain_error);
  EXPECT_EQ(before, Fixture::interrupt_handler());
}

TYPED_TEST_P(OptimizerContract, GivesTheSameBitsTwice) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto first = this->run(Fixture::rosenbrock, {T(-1.2), T(1)}, 0.02, {.max_iterations = 40});
  this->calls = 0;
  const auto second = this->run(Fixture::rosenbrock, {T(-1.2), T(1)}, 0.02, {.max_iterations = 40});
  EXPECT_EQ(first.history, second.history);
  EXPECT_EQ(std::memcmp(first.last.data(), second.last.data(), 2 * sizeof(T)), 0);
}

TYPED_TEST_P(OptimizerContract, ContinuesFromTheFieldsOfItsStateWithTheSameBits) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto loss = [](std::span<const T> x, std::span<T> g) { return Fixture::rosenbrock(x, g); };
  expect_fields_to_carry_on<T>(Fixture::Settings::with(0.02), loss, {T(-1.2), T(1)},
                               Fixture::Settings::has_memory);
}

TYPED_TEST_P(OptimizerContract, RejectsWhatItCannotDo) {
  using Fixture = OptimizerContract<TypeParam>;
  using T = typename TypeParam::scalar;
  const auto refusal = [&](const TrainOptions& options) -> std::string {
    try {
      this->run(Fixture::quadratic, {T(1), T(1)}, 0.1, options);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  const std::string name = TypeParam::optimizer::name;
  const auto names = [&](const std::string& text, const char* field) {
    return text.find(field) != std::string::npos && text.find(name) != std::string::npos;
  };
  const bool bounded = detail::takes_bounds<typename TypeParam::optimizer, T>;
  EXPECT_TRUE(bounded || names(refusal({.lower = {0, 0}}), "TrainOptions.lower"));
  EXPECT_TRUE(bounded || names(refusal({.upper = {0, 0}}), "TrainOptions.upper"));
  EXPECT_NE(refusal({.epochs = 3}).find("TrainOptions.epochs: want it unset"), std::string::npos);
  EXPECT_NE(refusal({.resume = true}).find("TrainOptions.checkpoint: want the file"), std::string::npos);
  EXPECT_NE(refusal({.max_iterations = 0}).find("TrainOptions.max_iterations: want a number >= 1, got 0"),
            std::string::npos);
  EXPECT_EQ(this->calls, 0u) << "misuse is told before any work";
}

REGISTER_TYPED_TEST_SUITE_P(OptimizerContract, MinimizesAQuadratic, DescendsRosenbrocksValleyInTwoDimensions,
                            DescendsRosenbrocksValleyInTenDimensions, MinimizesABadlyScaledQuadratic,
                            StopsInGoodOrderOnAStaircase, SurvivesAWall,
                            SurvivesANonFiniteGradientWithAFiniteLoss, SaysSoWhenTheStartIsNotFinite,
                            KeepsFiniteParametersWhenTheLossTurnsNaNForGood, StaysOnAConstantLoss,
                            StaysAtTheMinimum, ComesDownFromALossOfExponentialGrowth,
                            ShowsTheCallbackTheParametersThatGaveTheLoss, HaltsWhenTheCallbackSaysSo,
                            EndsAfterTheEvaluationThatCtrlCFell, PassesExceptionsOfTheLossOn,
                            GivesTheSameBitsTwice, ContinuesFromTheFieldsOfItsStateWithTheSameBits,
                            RejectsWhatItCannotDo);

}  // namespace costate
