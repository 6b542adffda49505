#include <costate/optimizers/lbfgs.hpp>

#include <contracts/bounded_optimizer_contract.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(LBFGS, OptimizerContract, FloatAndDouble<LBFGS>);
INSTANTIATE_TYPED_TEST_SUITE_P(LBFGS, BoundedOptimizerContract, FloatAndDouble<LBFGS>);

/// Neighbors are coupled; condition about 80.
double chained(std::span<const double> x, std::span<double> g) {
  double total = 0;
  for (double& v : g) v = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i] - std::sin(double(i)), b = x[i + 1] - x[i];
    total += a * a / 2 + 10 * b * b + a * a * a * a;
    g[i] += a + 4 * a * a * a - 20 * b;
    g[i + 1] += 20 * b;
  }
  return total;
}

TEST(LBFGS, EqualsBFGSWhileBothKnowOnePair) {
  const auto loss = [](std::span<const double> x, std::span<double> g) { return chained(x, g); };
  const std::vector<double> start{0.2, -0.4, 0.7, 1.5};
  for (const std::size_t iterations : {1u, 2u}) {
    const auto a = detail::train_loop<double>({loss, {}}, std::span<const double>(start), BFGS{},
                                              {.max_iterations = iterations});
    const auto b = detail::train_loop<double>({loss, {}}, std::span<const double>(start), LBFGS{},
                                              {.max_iterations = iterations});
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(a.last[i], b.last[i], 1e-12);
  }
}

TEST(LBFGS, SolvesAThousandParametersWithAnyHistory) {
  const auto loss = [](std::span<const double> x, std::span<double> g) { return chained(x, g); };
  const std::vector<double> start(1000, 0.5);
  for (const std::size_t history : {1u, 3u, 10u, 50u}) {
    const auto result =
        detail::train_loop<double>({loss, {}}, std::span<const double>(start), LBFGS{.history = history});
    EXPECT_LT(result.gradient_norm, 1e-6) << history;
    EXPECT_LT(result.iterations, 400u) << history;
  }
}

TEST(LBFGS, RejectsFieldsOutOfRange) {
  EXPECT_THROW(LBFGS{.history = 0}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(LBFGS{.initial_step_norm = -1}.init<double>(1), std::invalid_argument);
}

}  // namespace
}  // namespace costate
