#include <costate/ad/jacobian.hpp>
#include <costate/core/linspace.hpp>
#include <costate/losses/collocation_loss.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>
#include <costate/training/train.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace costate {
namespace {

const auto times = linspace(0.0, 4.0, 81);
const Vector truth{1.1, 0.8, 1.7};
const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 4.0}, Vector{0.7, 0.5, 1.5});
const auto data = solve(problem.with_p(truth), Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = times});

}  // namespace

TEST(CollocationLoss, IsTheMeanSquareOfWhatSlopesMiss) {
  const auto estimate = collocate(data, CubicSpline{});
  const auto loss = collocation_loss(problem, estimate, {.weights = {1.0, 3.0}});
  double total = 0;
  for (std::size_t i = 0; i < estimate.t.size(); ++i) {
    Vector<double, 2> du;
    problem.f()(du, estimate.u[i], problem.p(), estimate.t[i]);
    total += std::pow(du[0] - estimate.du[i][0], 2) + 3 * std::pow(du[1] - estimate.du[i][1], 2);
  }
  EXPECT_NEAR(loss(problem.p()), total / (4 * 81), 1e-14);
  const auto g = gradient(loss, problem.p());
  const auto j = jacobian([&](const auto& p) { return Vector{loss(p)}; }, problem.p());
  for (std::size_t k = 0; k < 3; ++k) {
    auto up = problem.p(), down = problem.p();
    up[k] += 1e-6, down[k] -= 1e-6;
    EXPECT_NEAR(g[k], (loss(up) - loss(down)) / 2e-6, 1e-8);
    EXPECT_NEAR(g[k], j(0, k), 1e-14);
  }
}

TEST(CollocationLoss, FindsParametersWithoutSolving) {
  for (const auto& estimate : {collocate(data, CubicSpline{}, {.at = linspace(0.1, 3.9, 77)}),
                               collocate(data, EpanechnikovKernel{}, {.bandwidth = 0.08})}) {
    const auto found = train(collocation_loss(problem, estimate), problem.p(), BFGS{},
                             {.max_iterations = 100, .progress = false});
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found.minimizer[k], truth[k], 0.06) << k;
  }
}

TEST(CollocationLoss, TakesMatricesAndFunctionsThatReturn) {
  const auto returning = [](const auto& u, const auto& p, auto) { return Vector{p[0] * u[0], -p[0] * u[1]}; };
  const ODEProblem vectors(returning, {1.0, 2.0}, {0.0, 1.0}, {0.4});
  const auto line = solve(vectors, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.05});
  const auto of_matrix = [](auto& du, const auto& u, const auto& p, auto) {
    du(0, 0) = p[0] * u(0, 0);
    du(0, 1) = -p[0] * u(0, 1);
  };
  const ODEProblem matrices(of_matrix, Matrix<double>{{1.0, 2.0}}, {0.0, 1.0}, {0.4});
  const auto batch = solve(matrices, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.05});
  const Vector p{0.7};
  const double a = collocation_loss(vectors, collocate(line, CubicSpline{}))(p);
  EXPECT_NEAR(collocation_loss(matrices, collocate(batch, CubicSpline{}))(p), a, 1e-12);
  EXPECT_GT(a, 0.01);
}

TEST(CollocationLoss, RefusesAnotherNumberOfComponents) {
  const ODEProblem one([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0]; }, {1.0}, {0.0, 1.0});
  EXPECT_EQ(refusal_of([&] { collocation_loss(one, collocate(data, CubicSpline{})); }),
            "collocation_loss: components: want 1 numbers, got 2");
}

}  // namespace costate
