#include <costate/ad/jacobian.hpp>
#include <costate/losses/residual.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>

namespace costate {
namespace {

TEST(Residual, IsTheDifferenceNumberByNumber) {
  const auto r = residual(Vector{1.0, 5.0, 2.0}, Vector{0.5, 1.0, 4.0});
  EXPECT_EQ(r.size(), 3u);
  EXPECT_EQ(r[0], 0.5);
  EXPECT_EQ(r[1], 4.0);
  EXPECT_EQ(r[2], -2.0);
  EXPECT_EQ(residual(Vector{1.0, 5.0}, 2.0)[1], 3.0);
  EXPECT_EQ(residual(Vector{1.0, 5.0}, std::vector<double>{0, 1})[1], 4.0);
  EXPECT_EQ(residual(Matrix<double>{{1, 2}, {3, 4}}, 1.0)[1], 2.0) << "column by column";
}

TEST(Residual, PullsBackToBothSides) {
  const Vector<double, 3> x{0.3, -1.1, 0.7}, target{0.1, 0.4, -0.2}, w{1.3, -0.4, 2.2};
  const auto loss = [&](const auto& a, const auto& b) {
    const auto r = residual(a, b);
    auto total = 0.0 * r[0];
    for (std::size_t i = 0; i < 3; ++i) total = total + w[i] * r[i] * r[i];
    return total;
  };
  const auto [value, dx, dt] = value_and_gradient(loss, x, target);
  EXPECT_GT(value, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(dx[i], 2 * w[i] * (x[i] - target[i]), 1e-15);
    EXPECT_NEAR(dt[i], -2 * w[i] * (x[i] - target[i]), 1e-15);
  }
}

const auto decay = [](auto& du, const auto& u, const auto& p, auto /*t*/) { du[0] = -p[0] * u[0]; };

TEST(Residual, OfASolutionHasTheJacobianOfTheSolve) {
  const ODEProblem problem(decay, {1.0}, {0.0, 1.0}, {0.7});
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.25};
  const auto data = solve(problem.with_p(Vector{0.5}), Tsit5{}, options);
  const auto residuals = [&](const auto& p) {
    return residual(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  const auto j = jacobian(residuals, Vector{0.7});
  const Vector<double> w{0.3, -1.0, 0.6, 0.2, 1.4};
  const auto g = gradient(
      [&](const auto& p) {
        const auto r = residuals(p);
        auto total = 0.0 * r[0];
        for (std::size_t i = 0; i < r.size(); ++i) total = total + w[i] * r[i];
        return total;
      },
      Vector{0.7});
  double forward = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    const double t = 0.25 * double(i);
    EXPECT_NEAR(residuals(Vector{0.7})[i], std::exp(-0.7 * t) - std::exp(-0.5 * t), 1e-9);
    EXPECT_NEAR(j(i, 0), -t * std::exp(-0.7 * t), 1e-8);
    forward += w[i] * j(i, 0);
  }
  EXPECT_NEAR(g[0], forward, 1e-12);
}

TEST(Residual, OfAFailedSolveIsInfinite) {
  const ODEProblem blows_up([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0] * u[0]; }, {1.0},
                            {0.0, 2.0});
  const auto r = residual(solve(blows_up, Tsit5{}, {.saveat = 0.5}), 0.0);
  EXPECT_EQ(r.size(), 5u);
  for (const double v : r) EXPECT_EQ(v, std::numeric_limits<double>::infinity());
}

TEST(Residual, RefusesAnotherNumberOfTargets) {
  EXPECT_THROW(residual(Vector{1.0, 2.0}, Vector<double>{1.0}), std::invalid_argument);
}

}  // namespace
}  // namespace costate
