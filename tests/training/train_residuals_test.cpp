#include <costate/losses/residual.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/optimizers/levenberg_marquardt.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>
#include <costate/training/covariance.hpp>
#include <costate/training/train_residuals.hpp>

#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>

namespace costate {
namespace {

const auto logistic = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = p[0] * u[0] * (1.0 - u[0] / p[1]);
};

TEST(TrainResiduals, FitsALogisticEquationAndKnowsItsErrors) {
  const ODEProblem problem(logistic, {0.1}, {0.0, 10.0}, {1.0, 2.0});
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.5};
  const auto exact = solve(problem, Tsit5{}, options);
  Vector<double> data(exact.values());
  for (std::size_t i = 0; i < data.size(); ++i) data[i] += 0.01 * std::sin(double(37 * i * i));
  const auto residuals = [&](const auto& p) {
    return residual(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  std::size_t shown = 0;
  const auto fit = train(residuals, Vector{0.5, 1.0}, LevenbergMarquardt{}, {.max_iterations = 50},
                         [&](const auto& /*p*/, double loss) { return ++shown, loss < 0; });
  EXPECT_EQ(fit.stop_reason, StopReason::converged) << report(fit);
  EXPECT_EQ(shown, fit.iterations + 1);
  const auto found = covariance(residuals, fit.minimizer);
  ASSERT_TRUE(found.determined()) << found.message;
  EXPECT_EQ(found.degrees_of_freedom, data.size() - 2);
  for (std::size_t j = 0; j < 2; ++j) {
    EXPECT_LT(std::fabs(fit.minimizer[j] - (j == 0 ? 1.0 : 2.0)), 4 * found.standard_errors[j]);
    EXPECT_LT(found.standard_errors[j], 0.02);
  }
}

TEST(TrainResiduals, TakesAFailedSolveForOutside) {
  // u' = p u² is infinite before t = 1 where p > 1
  const ODEProblem problem([](auto& du, const auto& u, const auto& p, auto) { du[0] = p[0] * u[0] * u[0]; },
                           {1.0}, {0.0, 1.0}, {0.5});
  const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1};
  const auto data = solve(problem.with_p(Vector{0.95}), Tsit5{}, options);
  const auto residuals = [&](const auto& p) {
    return residual(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  const auto fit = train(residuals, Vector{0.0}, LevenbergMarquardt{.initial_damping = 1e-9});
  EXPECT_NEAR(fit.minimizer[0], 0.95, 1e-6) << report(fit);
  EXPECT_EQ(train(residuals, Vector{1.5}, LevenbergMarquardt{}).stop_reason, StopReason::not_finite_at_start);
}

// 24 parameters and 2 residuals: by reverse sweeps; 24 residuals: forward
TEST(TrainResiduals, HasTheSameJacobianForwardAndReverse) {
  const ODEProblem problem(
      [](auto& du, const auto& u, const auto& p, auto t) {
        for (std::size_t i = 0; i < 24; ++i) {
          du[0] = (i == 0 ? p[0] * u[1] : du[0] + p[i] * cos(0.1 * double(i) * t) * u[i % 2]);
        }
        du[1] = -u[0] + 0.1 * p[3] * u[1];
      },
      {1.0, 0.5}, {0.0, 1.0}, {1.0});
  const SolveOptions options{.abstol = 1e-9, .reltol = 1e-9, .saveat = 1.0, .save_everystep = false};
  Vector<double> p(24);
  for (std::size_t i = 0; i < 24; ++i) p[i] = 0.1 * std::sin(double(3 * i + 1));
  const auto residuals = [&](const auto& q) {
    const auto solution = solve(problem.with_p(q), Tsit5{}, options);
    return residual(solution.back(), Vector{0.3, 0.2});
  };
  Linearization<double> forward, reverse;
  detail::forward_columns(residuals, p, forward);
  detail::reverse_rows(residuals, p, reverse);
  ASSERT_EQ(forward.jacobian.size(), 48u);
  ASSERT_EQ(reverse.jacobian.size(), 48u);
  double largest = 0;
  for (std::size_t k = 0; k < 48; ++k) {
    EXPECT_NEAR(forward.jacobian[k], reverse.jacobian[k], 1e-9) << k;
    largest = std::fmax(largest, std::fabs(forward.jacobian[k]));
  }
  EXPECT_GT(largest, 0.1);
  Linearization<double> chosen;
  detail::linearize(residuals, p, chosen);
  EXPECT_EQ(chosen.jacobian, reverse.jacobian) << "two residuals take two sweeps, 24 parameters three passes";
  // more unknowns than residuals: some solution is found
  const auto fit = train(residuals, p, LevenbergMarquardt{});
  EXPECT_LT(fit.minimum, 1e-18) << report(fit);
  EXPECT_FALSE(covariance(residuals, fit.minimizer).determined());
}

TEST(TrainResiduals, GoesOnFromAFileWithTheSameBits) {
  const auto residuals = [](const auto& x) { return Vector{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}; };
  const std::string file = testing::TempDir() + "costate_train_residuals.run";
  const auto run = [&](const TrainOptions& options) {
    return train(residuals, Vector{-1.2, 1.0}, LevenbergMarquardt{}, options);
  };
  const auto whole = run({.max_iterations = 9});
  run({.max_iterations = 4, .checkpoint = file});
  const auto resumed = run({.max_iterations = 9, .checkpoint = file, .resume = true});
  std::remove(file.c_str());
  EXPECT_EQ(resumed.history, whole.history);
  EXPECT_EQ(resumed.last[0], whole.last[0]);
  EXPECT_EQ(resumed.last[1], whole.last[1]);
}

TEST(TrainResiduals, RefusesBoundsThatAreNone) {
  const auto residuals = [](const auto& x) { return Vector{x[0] - 1.0, x[1] - 2.0}; };
  const auto refusal = [&](const TrainOptions& options) -> std::string {
    try {
      train(residuals, Vector{0.5, 0.5}, LevenbergMarquardt{}, options);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal({.lower = {0}}).find("TrainOptions.lower: want"), 0u);
  EXPECT_EQ(refusal({.lower = {0, NAN}}), "TrainOptions.lower[1]: want a number, got nan");
  EXPECT_EQ(refusal({.lower = {0, 3}, .upper = {1, 2}}),
            "TrainOptions.upper[1]: want a number >= lower = 3, got 2");
  EXPECT_EQ(refusal({.upper = {1, 0.25}}),
            "train: start[1]: want a number within its bounds [-inf, 0.25], got 0.5");
  EXPECT_EQ(refusal({.lower = {-INFINITY, 0}, .upper = {INFINITY, 1}}), "");
}

}  // namespace
}  // namespace costate
