#include <costate/optimizers/bfgs.hpp>

#include <contracts/bounded_optimizer_contract.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(BFGS, OptimizerContract, FloatAndDouble<BFGS>);
INSTANTIATE_TYPED_TEST_SUITE_P(BFGS, BoundedOptimizerContract, FloatAndDouble<BFGS>);

struct CoupledQuadratic {
  std::vector<std::vector<double>> points;

  double operator()(std::span<const double> x, std::span<double> g) {
    points.emplace_back(x.begin(), x.end());
    g[0] = 4 * x[0] + x[1];
    g[1] = x[0] + 3 * x[1] + 0.5 * x[2];
    g[2] = 0.5 * x[1] + 2 * x[2];
    return (g[0] * x[0] + g[1] * x[1] + g[2] * x[2]) / 2;
  }
};

template <class Loss>
Iterate<double> evaluated(Loss& loss, const std::vector<double>& x) {
  Iterate<double> iterate(x.size());
  iterate.x = x;
  iterate.loss = loss(iterate.x, iterate.gradient);
  return iterate;
}

TEST(BFGS, InverseHessianMapsTheChangeOfGradientToTheStep) {
  CoupledQuadratic loss;
  const BFGS bfgs;
  auto state = bfgs.init<double>(3);
  auto current = evaluated(loss, {1, 2, -1});
  for (int k = 0; k < 4; ++k) {
    const auto before = current;
    ASSERT_EQ(bfgs.iterate(state, Objective<double>{loss, {}}, current).outcome, StepOutcome::moved);
    for (std::size_t i = 0; i < 3; ++i) {
      double hy = 0, scale = 0;
      for (std::size_t j = 0; j < 3; ++j) {
        hy += state.inverse_hessian[3 * i + j] * (current.gradient[j] - before.gradient[j]);
        EXPECT_NEAR(state.inverse_hessian[3 * i + j], state.inverse_hessian[3 * j + i], 1e-12);
        scale = std::fmax(scale, std::fabs(current.x[j] - before.x[j]));
      }
      EXPECT_NEAR(hy, current.x[i] - before.x[i], 1e-9 * scale);
    }
  }
}

TEST(BFGS, FirstTrialHasTheLengthAskedFor) {
  CoupledQuadratic loss;
  const BFGS bfgs{.initial_step_norm = 1e-4};
  auto state = bfgs.init<double>(3);
  auto current = evaluated(loss, {1, 2, -1});
  bfgs.iterate(state, Objective<double>{loss, {}}, current);
  const auto& x = loss.points[1];
  EXPECT_NEAR(std::hypot(x[0] - 1, x[1] - 2, x[2] + 1), 1e-4, 1e-12);
}

TEST(BFGS, FirstTrialIsAtMostOneLongWhereNothingIsAsked) {
  for (const double scale : {1e-3, 1e6}) {
    std::vector<double> points;
    const auto loss = [&](std::span<const double> x, std::span<double> g) {
      points.push_back(x[0]);
      g[0] = scale;
      return scale * x[0];
    };
    const BFGS bfgs;
    auto state = bfgs.init<double>(1);
    auto current = evaluated(loss, {5});
    bfgs.iterate(state, Objective<double>{loss, {}}, current);
    EXPECT_NEAR(5 - points[1], std::fmin(1.0, scale), 1e-9);
  }
}

TEST(BFGS, EndsAQuadraticInAFewIterations) {
  CoupledQuadratic loss;
  const std::vector<double> start{1, 2, -1};
  const auto result = detail::train_loop<double>({loss, {}}, std::span<const double>(start), BFGS{});
  EXPECT_EQ(result.stop_reason, StopReason::converged);
  EXPECT_LE(result.gradient_norm, 1e-8);
  EXPECT_LT(result.iterations, 12u);
}

TEST(BFGS, LeavesAPairOfNegativeCurvatureOut) {
  // concave up to a wall: the loss falls, the curvature along the step is negative
  const auto loss = [](std::span<const double> x, std::span<double> g) {
    g[0] = -2 * x[0];
    return x[0] > 3 ? std::numeric_limits<double>::infinity() : -x[0] * x[0];
  };
  const BFGS bfgs;
  auto state = bfgs.init<double>(1);
  auto current = evaluated(loss, {0.5});
  ASSERT_EQ(bfgs.iterate(state, Objective<double>{loss, {}}, current).outcome, StepOutcome::moved);
  EXPECT_GT(current.x[0], 1);
  EXPECT_TRUE(state.shared.steepest);
  EXPECT_EQ(state.inverse_hessian[0], 0);
  const std::vector<double> start{0.5};
  const auto result = detail::train_loop<double>({loss, {}}, std::span<const double>(start), bfgs);
  EXPECT_GT(result.minimizer[0], 2.9);
  EXPECT_EQ(result.stop_reason, StopReason::stalled);
}

TEST(BFGS, GoesBackToSteepestDescentWhereItsDirectionFails) {
  CoupledQuadratic loss;
  const BFGS bfgs;
  auto state = bfgs.init<double>(3);
  auto current = evaluated(loss, {1, 2, -1});
  ASSERT_EQ(bfgs.iterate(state, Objective<double>{loss, {}}, current).outcome, StepOutcome::moved);
  for (double& h : state.inverse_hessian) h = -h;  // a direction that climbs
  const double before = current.loss;
  ASSERT_EQ(bfgs.iterate(state, Objective<double>{loss, {}}, current).outcome, StepOutcome::moved);
  EXPECT_LT(current.loss, before);
  double trace = 0;
  for (std::size_t i = 0; i < 3; ++i) trace += state.inverse_hessian[4 * i];
  EXPECT_GT(trace, 0);
}

TEST(BFGS, RejectsFieldsOutOfRange) {
  EXPECT_THROW(BFGS{.initial_step_norm = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(BFGS{.gradient_tolerance = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(BFGS{.line_search = {.curvature = 1}}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(BFGS{.line_search = {.max_evaluations = 0}}.init<double>(1), std::invalid_argument);
}

}  // namespace
}  // namespace costate
