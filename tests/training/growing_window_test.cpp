#include <costate/core/linspace.hpp>
#include <costate/losses/trajectory_loss.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>
#include <costate/training/growing_window.hpp>

#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace costate {
namespace {

// an oscillation whose frequency is wanted: the loss of the whole record has a minimum for every turn missed
struct Oscillation {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    du[0] = p[0] * u[1];
    du[1] = -p[0] * u[0];
  }
};
const SolveOptions precise{.abstol = 1e-8, .reltol = 1e-8};
const ODEProblem problem(Oscillation{}, {1.0, 0.0}, {0.0, 20.0}, {1.0});
const auto observed = [] {
  SolveOptions options = precise;
  options.saveat = linspace(0.0, 20.0, 41);
  return solve(problem.with_p({2.0}), Tsit5{}, options);
}();
const auto loss_until = [](double end) {
  return trajectory_loss(problem, observed, Tsit5{}, {.until = end, .solve = precise});
};
const TrainOptions quiet{.max_iterations = 60, .progress = false};

}  // namespace

TEST(TrajectoryLoss, ComparesOneSolveWithTheRecord) {
  SolveOptions options = precise;
  options.saveat = linspace(0.0, 20.0, 41);
  const Vector p{1.3};
  const auto whole = solve(problem.with_p(p), Tsit5{}, options);
  // without dense output saved points are summed in another order
  EXPECT_NEAR(trajectory_loss(problem, observed, Tsit5{}, {.solve = precise})(p),
              squared_error(whole, observed), 1e-12);
  options.saveat = linspace(0.0, 5.0, 11);
  const auto part = solve(problem.with_p(p).with_tspan({0.0, 5.0}), Tsit5{}, options);
  double wanted = 0;
  for (std::size_t i = 0; i < 11; ++i)
    wanted += 2 * (part[i][1] - observed[i][1]) * (part[i][1] - observed[i][1]);
  const auto loss =
      trajectory_loss(problem, observed, Tsit5{}, {.until = 5.2, .solve = precise, .weights = {0.0, 2.0}});
  EXPECT_NEAR(loss(p), wanted, 1e-13);
  EXPECT_LT(check_gradient(loss, p).max_relative_difference, 1e-8);
}

TEST(TrajectoryLoss, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal_of([] { trajectory_loss(problem, observed, Tsit5{}, {.until = -1.0}); }),
            "trajectory_loss: until: want a time after the first observation, got -1");
  EXPECT_EQ(refusal_of([] { trajectory_loss(problem, observed, Tsit5{}, {.until = 0.2}); }),
            "trajectory_loss: until: want a time after the second observation, got 0.2");
  EXPECT_THROW(trajectory_loss(problem, observed, Tsit5{}, {.solve = {.saveat = 1.0}}),
               std::invalid_argument);
  EXPECT_THROW(trajectory_loss(problem, observed, Tsit5{}, {.weights = {1.0}}), std::invalid_argument);
  const ODEProblem one([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0]; }, {1.0}, {0.0, 1.0});
  EXPECT_EQ(refusal_of([&] { trajectory_loss(one, observed, Tsit5{}); }),
            "trajectory_loss: components of the observations: want 1 numbers, got 2");
}

TEST(GrowingWindow, FindsWhatAFitOfTheWholeDoesNot) {
  const BFGS optimizer{.initial_step_norm = 0.01};
  const auto at_once = train(loss_until(20), problem.p(), optimizer, quiet);
  EXPECT_GT(at_once.minimum, 10);
  const auto found = growing_window(loss_until, {1.0, 4.0, 20.0}, problem.p(), optimizer, quiet);
  EXPECT_LT(found.minimum, 1e-9);
  EXPECT_NEAR(found.minimizer[0], 2, 1e-6);
  ASSERT_EQ(found.windows.size(), 3u);
  EXPECT_EQ(found.windows.back().minimum, found.minimum);
  // each window goes on from the one before
  for (std::size_t i = 1; i < 3; ++i)
    EXPECT_EQ(found.windows[i].initial_loss, loss_until(i == 1 ? 4.0 : 20.0)(found.windows[i - 1].minimizer));
}

TEST(GrowingWindow, StopsWhereItsCallbackDoes) {
  std::size_t calls = 0;
  const auto found = growing_window(loss_until, {1.0, 4.0}, std::vector<double>{1.0}, BFGS{}, quiet,
                                    [&](const auto&, double) { return ++calls == 2; });
  EXPECT_EQ(found.windows.size(), 1u);
  EXPECT_EQ(found.stop_reason, StopReason::halted);
  EXPECT_EQ(calls, 2u);
}

TEST(GrowingWindow, RefusesWindowsThatDoNotGrow) {
  const auto refusal = [](const std::vector<double>& ends, const TrainOptions& options = {}) {
    return refusal_of([&] { growing_window(loss_until, ends, problem.p(), BFGS{}, options); });
  };
  EXPECT_EQ(refusal({}), "growing_window: ends: want at least 1, got 0");
  EXPECT_EQ(refusal({1.0, 1.0}), "growing_window: ends: want increasing ones, got 1 after 1");
  EXPECT_EQ(refusal({1.0, 2.0}, {.checkpoint = "run"}),
            "growing_window: checkpoint: want none: a file keeps one run, and every window is one, got run");
}

}  // namespace costate
