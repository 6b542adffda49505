#include <costate/optimizers/newton.hpp>

#include <contracts/optimizer_contract.hpp>
#include <contracts/second_order_by_differences.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Newton, OptimizerContract, FloatAndDouble<ByDifferences<Newton>>);

TEST(Newton, RefusesFieldsOutOfRange) {
  EXPECT_THROW(Newton{.initial_radius = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(Newton{.flatness = NAN}.init<double>(1), std::invalid_argument);
}

/// s has the length of the radius or is the minimum, and no point of a fine sample of the ball is lower by
/// much.
void expect_solved(const std::vector<double>& h, const std::vector<double>& g, double radius) {
  const std::size_t n = g.size();
  std::vector<double> step(n), s(n);
  detail::TrustRegionSubproblem subproblem;
  const double fall = subproblem.solve(h, g, radius, step);
  const auto model = [&](const std::vector<double>& x) {
    double value = 0;
    for (std::size_t j = 0; j < n; ++j) {
      value += g[j] * x[j];
      for (std::size_t i = 0; i < n; ++i) value += h[j * n + i] * x[i] * x[j] / 2;
    }
    return value;
  };
  const double length = std::sqrt(detail::inner_product<double>(step, step));
  EXPECT_LE(length, 1.1 * radius + 1e-15);
  EXPECT_NEAR(fall, -model(step), 1e-12 * (1 + std::fabs(fall)));
  double lowest = 0;
  for (int k = 0; k < 20000; ++k) {
    double size = 0;
    for (std::size_t i = 0; i < n; ++i) {
      s[i] = std::sin(1.7 * k * double(i + 1) + 0.3 * double(i) + 1e-3 * k * k);
      size += s[i] * s[i];
    }
    const double to = radius * (k % 2 == 0 ? 1 : (k % 97) / 97.0) / std::sqrt(size);
    for (double& v : s) v *= to;
    lowest = std::fmin(lowest, model(s));
  }
  EXPECT_LE(model(step), 0.8 * lowest) << "radius " << radius;
  EXPECT_GT(fall, 0);
}

TEST(TrustRegionSubproblem, FindsTheLowestPointOfTheBall) {
  for (const double radius : {1e-6, 0.1, 1.0, 30.0}) {
    expect_solved({4, 1, 1, 3}, {1, -2}, radius);       // convex
    expect_solved({-4, 1, 1, 3}, {1, -2}, radius);      // indefinite
    expect_solved({-2, 0, 0, -1}, {0.3, 0.4}, radius);  // concave
    expect_solved({-2, 0, 0, 1}, {0, 1}, radius);       // hard: g at right angles to the null vector
    expect_solved({-1, 0, 0, 0, -1, 0, 0, 0, 2}, {0, 0, 1}, radius);  // hard, twice
    expect_solved({0, 0, 0, 0}, {1, 1}, radius);                      // linear
    expect_solved({1e8, 0, 0, 0, 1, 0, 0, 0, 1e-8}, {1, 1, 1}, radius);
  }
}

TEST(TrustRegionSubproblem, LeavesASaddleAlongItsNegativeCurvature) {
  std::vector<double> step(2);
  detail::TrustRegionSubproblem subproblem;
  const std::vector<double> h{-1, 0, 0, 1}, g{0, 0};
  EXPECT_NEAR(subproblem.solve(h, g, 2, step), 2, 0.5);
}

}  // namespace
}  // namespace costate
