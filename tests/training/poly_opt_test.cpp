#include <costate/optimizers/lbfgs.hpp>
#include <costate/training/poly_opt.hpp>
#include <costate/training/train.hpp>

#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>

namespace costate {
namespace {

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0], b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

TEST(PolyOpt, RunsTheFirstThenTheSecondFromItsLowestPoint) {
  const Adam adam{.learning_rate = 0.3};
  const Vector start{-1.2, 1.0};
  const auto first = train(rosenbrock, start, adam, {.max_iterations = 20});
  ASSERT_LT(first.minimum, first.last_loss) << "the last point is the lowest, so this tests less";
  const auto both = train(rosenbrock, start, PolyOpt(adam, LBFGS{}, {.first_iterations = 20}));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(both.history[i], first.history[i]) << i;
  EXPECT_EQ(both.history[20], double(first.minimum));
  EXPECT_LT(both.minimum, 1e-15) << report(both);
  const auto second = train(rosenbrock, first.minimizer, LBFGS{});
  EXPECT_EQ(both.minimum, second.minimum);
}

TEST(PolyOpt, GoesToTheSecondWhereTheFirstEnds) {
  const auto both = train(rosenbrock, Vector{-1.2, 1.0}, PolyOpt(BFGS{}, LBFGS{}, {.first_iterations = 500}));
  EXPECT_EQ(both.stop_reason, StopReason::converged);
  EXPECT_LT(both.iterations, 100u);
}

TEST(PolyOpt, GoesOnFromAFileWithTheSameBits) {
  const std::string file = testing::TempDir() + "costate_poly_opt.run";
  const auto run = [&](const TrainOptions& options) {
    return train(rosenbrock, Vector{-1.2, 1.0},
                 PolyOpt(Adam{.learning_rate = 0.1}, BFGS{}, {.first_iterations = 8}), options);
  };
  const auto whole = run({.max_iterations = 20});
  for (const std::size_t stop : {5u, 8u, 13u}) {
    run({.max_iterations = stop, .checkpoint = file});
    const auto resumed = run({.max_iterations = 20, .checkpoint = file, .resume = true});
    EXPECT_EQ(resumed.history, whole.history) << stop;
    std::remove(file.c_str());
  }
}

TEST(PolyOpt, SurvivesAWallAndANaN) {
  int outside = 0;
  const auto walled = [&](const auto& x) {
    const auto value = (x[0] - 2.0) * (x[0] - 2.0) + x[1] * x[1];
    if (!(plain(x[0]) > 2.05)) return value;
    return value * (++outside % 2 == 0 ? std::numeric_limits<double>::infinity()
                                       : std::numeric_limits<double>::quiet_NaN());
  };
  const auto result =
      train(walled, Vector{1.0, 0.5}, PolyOpt(Adam{.learning_rate = 0.1}, BFGS{}, {.first_iterations = 40}));
  EXPECT_GT(outside, 0);
  EXPECT_NEAR(result.minimizer[0], 2, 1e-6) << report(result);
  EXPECT_EQ(train(walled, Vector{3.0, 0.5}, PolyOpt{}).stop_reason, StopReason::not_finite_at_start);
}

TEST(PolyOpt, KeepsBounds) {
  double highest = -9;
  const auto watched = [&](const auto& x) {
    highest = std::fmax(highest, plain(x[0]));
    return rosenbrock(x);
  };
  const auto result = train(watched, Vector{-1.2, 1.0}, PolyOpt{}, {.lower = {-2, -2}, .upper = {0.6, 2}});
  EXPECT_LE(highest, 0.6);
  EXPECT_NEAR(result.minimizer[0], 0.6, 1e-6) << report(result);
}

TEST(PolyOpt, RefusesNoIterations) {
  EXPECT_THROW(train(rosenbrock, Vector{0.0, 0.0}, PolyOpt(Adam{}, BFGS{}, {.first_iterations = 0})),
               std::invalid_argument);
}

}  // namespace
}  // namespace costate
