#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve_each.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>

namespace costate {
namespace {

// stiffer columns need more steps
const auto decay = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = -p[0] * u[0] * u[0] * u[0];
  du[1] = u[0] - u[1];
};
Matrix<double> starts() {
  return Matrix<double>{{0.1, 1.0, 10.0}, {0.0, 0.0, 0.0}};
}
const SolveOptions options{.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.5};

TEST(SolveEach, GivesEveryColumnItsOwnSteps) {
  const ODEProblem problem(decay, {0.0, 0.0}, {0.0, 1.0}, {1.0});
  const auto solutions = solve_each(problem, starts(), Tsit5{}, options);
  ASSERT_EQ(solutions.size(), 3u);
  static_assert(extent_of<decltype(solutions[0][0])> == 2);
  EXPECT_LT(solutions[0].statistics().steps, solutions[2].statistics().steps);
  for (std::size_t j = 0; j < 3; ++j) {
    const auto alone = solve(problem.with_u0({starts()(0, j), 0.0}), Tsit5{}, options);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(solutions[j][i][1], alone[i][1]);
  }
}

TEST(SolveEach, TakesAProblemOfAMatrix) {
  const auto f = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    for (std::size_t j = 0; j < u.cols(); ++j) {
      du(0, j) = -p[0] * u(0, j) * u(0, j) * u(0, j);
      du(1, j) = u(0, j) - u(1, j);
    }
  };
  const auto matrices = solve_each(ODEProblem(f, starts(), {0.0, 1.0}, {1.0}), Tsit5{}, options);
  const auto vectors =
      solve_each(ODEProblem(decay, {0.0, 0.0}, {0.0, 1.0}, {1.0}), starts(), Tsit5{}, options);
  ASSERT_EQ(matrices.size(), 3u);
  for (std::size_t j = 0; j < 3; ++j) {
    EXPECT_EQ(matrices[j].cols(), 1u);
    EXPECT_NEAR(matrices[j].back()(1, 0), vectors[j].back()[1], 1e-9);
  }
}

TEST(SolveEach, IsDifferentiated) {
  const ODEProblem problem(decay, {0.0, 0.0}, {0.0, 1.0}, {1.0});
  const auto loss = [&](const auto& u0, const auto& p) {
    auto total = p[0] * 0.0;
    for (const auto& solution : solve_each(problem.with_p(p), u0, Tsit5{}, options))
      total += squared_error(solution, 0.5);
    return total;
  };
  const Vector p{1.0};
  const auto [value, by_u0, by_p] = value_and_gradient(loss, starts(), p);
  const double h = 1e-6;
  EXPECT_NEAR(by_p[0], (loss(starts(), Vector{1 + h}) - loss(starts(), Vector{1 - h})) / (2 * h), 1e-6);
  for (std::size_t k = 0; k < 6; ++k) {
    auto up = starts(), down = starts();
    up.data()[k] += h, down.data()[k] -= h;
    EXPECT_NEAR(by_u0.data()[k], (loss(up, p) - loss(down, p)) / (2 * h), 1e-5);
  }
}

TEST(SolveEach, OfANeuralODE) {
  const Chain net{Dense<2, 6, activation::tanh>{}, Dense<6, 2>{}};
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
  const auto p = net.initial_parameters<double>(1);
  const auto solutions = node.each(starts(), p);
  ASSERT_EQ(solutions.size(), 3u);
  EXPECT_EQ(solutions[1].back()[0], node(Vector<double>(starts().column(1)), p).back()[0]);
}

TEST(SolveEach, RefusesColumnsOfAnotherSize) {
  const ODEProblem problem(decay, {0.0, 0.0}, {0.0, 1.0}, {1.0});
  try {
    solve_each(problem, Matrix<double>(3, 2), Tsit5{});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "solve_each: a column of starts: want 2 numbers, got 3");
  }
  EXPECT_TRUE(solve_each(problem, Matrix<double>(2, 0), Tsit5{}).empty());
}

}  // namespace
}  // namespace costate
