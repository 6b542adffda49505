#include <costate/optimizers/bfgs.hpp>
#include <costate/optimizers/bounds.hpp>
#include <costate/optimizers/lbfgs.hpp>
#include <costate/training/report.hpp>
#include <costate/training/train_loop.hpp>

#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace costate {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Bounds, ClampsAndBlocks) {
  const std::vector<double> lower{0, -infinity}, upper{1, 2};
  const Bounds<double> box{lower, upper};
  EXPECT_EQ(box.clamp(0, -3), 0);
  EXPECT_EQ(box.clamp(1, -3), -3);
  EXPECT_EQ(box.clamp(1, 3), 2);
  EXPECT_TRUE(box.blocks(0, 0, -1));
  EXPECT_FALSE(box.blocks(0, 0, 1));
  EXPECT_TRUE(box.blocks(0, 1, 1));
  EXPECT_FALSE(box.blocks(1, -1e300, -1));
  EXPECT_FALSE((Bounds<double>{}.any()));
}

TEST(Bounds, TheProjectedGradientIsZeroJustWhereNoFeasibleDirectionDescends) {
  const std::vector<double> lower{0, 0}, upper{1, 1};
  const Bounds<double> box{lower, upper};
  const auto norm = [&](const std::vector<double>& x, const std::vector<double>& g) {
    return detail::projected_gradient_norm<double>(box, x, g);
  };
  EXPECT_EQ(norm({0, 1}, {3, -2}), 0);
  EXPECT_EQ(norm({0, 1}, {-0.25, 0.5}), 0.5);
  EXPECT_EQ(norm({0.25, 1}, {3, 0}), 0.25);
  EXPECT_TRUE(std::isnan(norm({0, 1}, {NAN, 0})));
}

template <class Optimizer>
class BoundedQuasiNewton : public testing::Test {};
using Optimizers = testing::Types<BFGS, LBFGS>;
TYPED_TEST_SUITE(BoundedQuasiNewton, Optimizers);

/// Neighbors are coupled; about a quarter of the components end on a bound.
const auto chained = [](std::span<const double> x, std::span<double> g) {
  double total = 0;
  for (double& v : g) v = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i] - 2 * std::sin(double(3 * i)), b = x[i + 1] - x[i];
    total += a * a / 2 + 10 * b * b + a * a * a * a;
    g[i] += a + 4 * a * a * a - 20 * b;
    g[i + 1] += 20 * b;
  }
  return total;
};

TYPED_TEST(BoundedQuasiNewton, MeetsTheConditionsOfTheMinimumOfAConvexFunction) {
  for (const std::size_t n : {2u, 10u, 100u}) {
    TrainOptions options{.lower = std::vector<double>(n), .upper = std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) {
      options.lower[i] = -0.3 + 0.2 * std::cos(double(i));
      options.upper[i] = 0.3 + 0.2 * std::cos(double(5 * i));
    }
    const auto result = detail::train_loop<double>({chained, {}}, std::span<const double>(options.lower),
                                                   TypeParam{}, options);
    std::vector<double> x(result.last.begin(), result.last.end()), g(n);
    chained(x, g);
    const Bounds<double> box{options.lower, options.upper};
    EXPECT_LT((detail::projected_gradient_norm<double>(box, x, g)), 1e-6) << n << '\n' << report(result);
    EXPECT_LT(result.iterations, 150u) << n;
    std::size_t on_a_bound = 0;
    for (std::size_t i = 0; i < n; ++i) on_a_bound += x[i] == options.lower[i] || x[i] == options.upper[i];
    EXPECT_GE(on_a_bound, n / 5);
    EXPECT_LT(on_a_bound, n);
  }
}

TYPED_TEST(BoundedQuasiNewton, DoesWhatItDoesWithoutBoundsWhereNoneIsMet) {
  const std::size_t n = 20;
  const std::vector<double> start(n, 0.5);
  const TrainOptions wide{.lower = std::vector<double>(n, -1e3), .upper = std::vector<double>(n, 1e3)};
  const auto run = [&](const TrainOptions& options) {
    return detail::train_loop<double>({chained, {}}, std::span<const double>(start), TypeParam{}, options);
  };
  EXPECT_EQ(run(wide).iterations, run({}).iterations);
  EXPECT_NEAR(run(wide).minimum, run({}).minimum, 1e-12);
}

TYPED_TEST(BoundedQuasiNewton, GoesOnFromAFileWithTheSameBits) {
  const std::size_t n = 30;
  const std::vector<double> start(n, 0);
  const std::string file = testing::TempDir() + "costate_bounded_" + TypeParam::name + ".run";
  const auto run = [&](std::size_t iterations, bool kept, bool resume) {
    return detail::train_loop<double>({chained, {}}, std::span<const double>(start), TypeParam{},
                                      {.lower = std::vector<double>(n, -0.4),
                                       .upper = std::vector<double>(n, 0.5),
                                       .max_iterations = iterations,
                                       .checkpoint = kept ? file : "",
                                       .resume = resume});
  };
  const auto whole = run(12, false, false);
  run(5, true, false);
  const auto resumed = run(12, true, true);
  std::remove(file.c_str());
  EXPECT_EQ(resumed.history, whole.history);
}

TYPED_TEST(BoundedQuasiNewton, LeavesFixedParametersAlone) {
  const std::size_t n = 6;
  std::vector<double> start(n, 0.5);
  TrainOptions options{.lower = std::vector<double>(n, -5), .upper = std::vector<double>(n, 5)};
  options.lower[2] = options.upper[2] = 0.5;
  const auto result =
      detail::train_loop<double>({chained, {}}, std::span<const double>(start), TypeParam{}, options);
  EXPECT_EQ(result.last[2], 0.5);
  EXPECT_LT(result.gradient_norm, 1e-6);
}

TYPED_TEST(BoundedQuasiNewton, StopsAtAWallInsideTheBox) {
  const auto loss = [](std::span<const double> x, std::span<double> g) {
    g[0] = -1 + 2 * (x[0] - 1), g[1] = 2 * (x[1] + 1);
    return x[0] > 1.4 ? infinity : -x[0] + (x[0] - 1) * (x[0] - 1) + (x[1] + 1) * (x[1] + 1);
  };
  const std::vector<double> start{0, 1};
  const auto result = detail::train_loop<double>({loss, {}}, std::span<const double>(start), TypeParam{},
                                                 {.lower = {-1, 0}, .upper = {2, 2}});
  EXPECT_NEAR(result.minimizer[0], 1.4, 0.05);
  EXPECT_EQ(result.minimizer[1], 0);
}

}  // namespace
}  // namespace costate
