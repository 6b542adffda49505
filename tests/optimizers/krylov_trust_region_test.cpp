#include <costate/optimizers/krylov_trust_region.hpp>

#include <contracts/optimizer_contract.hpp>
#include <contracts/second_order_by_differences.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(KrylovTrustRegion, OptimizerContract,
                               FloatAndDouble<ByDifferences<KrylovTrustRegion>>);

TEST(KrylovTrustRegion, RefusesFieldsOutOfRange) {
  EXPECT_THROW(KrylovTrustRegion{.forcing = 1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(KrylovTrustRegion{.gradient_tolerance = -1}.init<double>(1), std::invalid_argument);
}

TEST(KrylovTrustRegion, ARefusedTrialCostsNoProducts) {
  std::size_t products = 0, trials = 0;
  const auto both = [&](std::span<const double> x, std::span<double> g) {
    ++trials;
    g[0] = 4 * x[0] * x[0] * x[0], g[1] = 2 * x[1];
    return std::fabs(x[1]) < 0.9 ? std::numeric_limits<double>::infinity()
                                 : x[0] * x[0] * x[0] * x[0] + x[1] * x[1];
  };
  const auto product = [&](std::span<const double> x, std::span<const double> v, std::span<double> out) {
    ++products;
    out[0] = 12 * x[0] * x[0] * v[0], out[1] = 2 * v[1];
  };
  const Objective<double> objective{both, {}};
  const KrylovTrustRegion optimizer{.initial_radius = 10, .forcing = 1e-3};
  auto state = optimizer.init<double>(2);
  Iterate<double> current(2);
  current.x = {1, 1};
  current.loss = both(current.x, current.gradient);
  EXPECT_EQ(optimizer.iterate(state, {objective, product}, current).outcome, StepOutcome::moved);
  EXPECT_GT(trials, 2u);
  EXPECT_EQ(products, 2u);
}

TEST(KrylovTrustRegion, SolvesAThousandParameters) {
  const auto chained = [](std::span<const double> x, std::span<double> g) {
    double total = 0;
    for (double& v : g) v = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const double a = x[i] - std::sin(double(i)), b = x[i + 1] - x[i];
      total += a * a / 2 + 10 * b * b + a * a * a * a;
      g[i] += a + 4 * a * a * a - 20 * b;
      g[i + 1] += 20 * b;
    }
    return total;
  };
  const std::vector<double> start(1000, 0.5);
  const auto result = detail::train_loop<double>({chained, {}}, std::span<const double>(start),
                                                 ByDifferences<KrylovTrustRegion>{});
  EXPECT_LT(result.gradient_norm, 1e-6);
  EXPECT_LT(result.iterations, 20u);
}

}  // namespace
}  // namespace costate
