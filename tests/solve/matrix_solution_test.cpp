#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/integral.hpp>
#include <costate/solve/matrix_solution.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

// rotation with speed p: every column goes around its own circle
const auto rotation = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  for (std::size_t j = 0; j < u.cols(); ++j) {
    du(0, j) = -p[0] * u(1, j);
    du(1, j) = p[0] * u(0, j);
  }
};
Matrix<double> starts() {
  Matrix<double> m(2, 3);
  for (std::size_t j = 0; j < 3; ++j) m(0, j) = 1.0 + double(j);
  return m;
}
const SolveOptions tight{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.25};

TEST(MatrixSolution, HasTheShapeOfTheStarts) {
  const ODEProblem problem(rotation, starts(), {0.0, 1.0}, {2.0});
  const auto solution = solve(problem, Tsit5{}, tight);
  static_assert(std::is_same_v<decltype(solution), const MatrixSolution<double>>);
  static_assert(std::is_same_v<decltype(solution[0]), MatrixView<const double>>);
  static_assert(std::is_same_v<decltype(solve(problem, Tsit5{}, tight)[0]), Matrix<double>>);
  ASSERT_EQ(solution.size(), 5u);
  EXPECT_EQ(solution.rows(), 2u);
  EXPECT_EQ(solution.cols(), 3u);
  EXPECT_EQ(solution.state_size(), 6u);
  EXPECT_EQ(solution.values().size(), 30u);
  EXPECT_EQ(solution.t()[2], 0.5);
  EXPECT_TRUE(solution.successful());
  EXPECT_EQ(solution.statistics().method, "Tsit5");
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_NEAR(solution[i](0, j), (1.0 + double(j)) * std::cos(0.5 * double(i)), 1e-8);
      EXPECT_NEAR(solution[i](1, j), (1.0 + double(j)) * std::sin(0.5 * double(i)), 1e-8);
      EXPECT_EQ(solution[i](1, j), solution.component(1, j)[i]);
      EXPECT_EQ(solution[i](1, j), solution.sample(j)(1, i));
    }
  EXPECT_EQ(solution.back()(1, 2), solution[4](1, 2));
  const Matrix<double> between = solution(0.6);
  EXPECT_NEAR(between(1, 2), 3 * std::sin(1.2), 1e-7);
  EXPECT_EQ(plain(solution).values()[7], solution.values()[7]);
}

TEST(MatrixSolution, IsWhatTheVectorOfItsNumbersIs) {
  const auto flat = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    for (std::size_t j = 0; j < 3; ++j) {
      du[2 * j] = -p[0] * u[2 * j + 1];
      du[2 * j + 1] = p[0] * u[2 * j];
    }
  };
  const Matrix<double> m = starts();
  const Vector<double> v(VectorView<const double>(m.data(), m.size()));
  const auto a = solve(ODEProblem(rotation, m, {0.0, 1.0}, {2.0}), Tsit5{}, tight);
  const auto b = solve(ODEProblem(flat, v, {0.0, 1.0}, {2.0}), Tsit5{}, tight);
  for (std::size_t k = 0; k < 30; ++k) EXPECT_EQ(a.values()[k], b.values()[k]);
  EXPECT_EQ(a.statistics().rhs_evaluations, b.statistics().rhs_evaluations);
}

TEST(MatrixSolution, TakesFunctionsThatReturnMatrices) {
  const auto f = [](const auto& u, const auto& p, auto /*t*/) { return -p[0] * u; };
  const auto solution = solve(ODEProblem(f, starts(), {1.0, 0.0}, {2.0}), Tsit5{}, tight);
  EXPECT_NEAR(solution.back()(0, 1), 2 * std::exp(2.0), 1e-7);
  const auto product = [](const auto& u, const auto& /*p*/, auto /*t*/) {
    return Matrix<double>{{0, -1}, {1, 0}} * u;
  };
  EXPECT_NEAR(solve(ODEProblem(product, starts(), {0.0, 1.0}), Tsit5{}, tight).back()(1, 2),
              3 * std::sin(1.0), 1e-8);
}

TEST(MatrixSolution, TakesFloatAndFixedShapesAndAMethodByRule) {
  const Matrix<float, 2, 2> u0{{1, 2}, {0, 0}};
  const auto solution = solve(ODEProblem(rotation, u0, {0.0, 1.0}, std::vector{1.0f}), {.saveat = 0.5});
  static_assert(std::is_same_v<decltype(solution), const MatrixSolution<float>>);
  EXPECT_NEAR(solution.back()(1, 1), 2 * std::sin(1.0f), 1e-2f);
  EXPECT_EQ(solution.statistics().method, "Tsit5");
}

TEST(MatrixSolution, HasRunningCosts) {
  const auto squares = [](const auto& u, const auto& /*p*/, auto /*t*/) {
    auto total = u(0, 0) * u(0, 0);
    for (std::size_t j = 1; j < u.cols(); ++j) total = total + u(0, j) * u(0, j);
    return total;
  };
  const ODEProblem problem(rotation, starts(), {0.0, 1.0}, {2.0});
  // ∫ cos²(2t) dt = 1/2 + sin(4)/8, times 1 + 4 + 9
  EXPECT_NEAR(integral(problem, squares, Tsit5{}, tight), 14 * (0.5 + std::sin(4.0) / 8), 1e-8);
  const auto g = gradient(
      [&](const auto& u0) { return integral(problem.with_u0(u0), squares, Tsit5{}, tight); }, starts());
  EXPECT_NEAR(g(0, 2), 6 * (0.5 + std::sin(4.0) / 8), 1e-7);
}

TEST(MatrixSolution, RefusesWhatDoesNotFit) {
  const ODEProblem problem(rotation, starts(), {0.0, 1.0}, {2.0});
  EXPECT_EQ(refusal_of([&] { solve(problem.with_u0(Matrix<double>(2, 0)), Tsit5{}); }),
            "ODEProblem: u0: want a matrix of at least one row and one column, got 2 x 0");
  const auto wrong = [](const auto& u, const auto& /*p*/, auto /*t*/) { return transpose(u); };
  EXPECT_EQ(refusal_of([&] {
              solve(ODEProblem(wrong, starts(), {0.0, 1.0}), Tsit5{});
            }),
            "f(u, p, t): returned matrix: want 2 x 3 numbers, got 3 x 2 numbers");
  EXPECT_EQ(refusal_of([&] {
              solve(problem, Tsit5{}, {.abstol = {1e-6, 1e-6}});
            }),
            refusal_of([&] {
              solve(ODEProblem([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0]; },
                               std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0}, {0.0, 1.0}),
                    Tsit5{}, {.abstol = {1e-6, 1e-6}});
            }));
  const auto solution = solve(problem, Tsit5{}, tight);
  EXPECT_EQ(refusal_of([&] { solution.component(2, 0); }),
            "MatrixSolution::component: row: want an index below 2, got 2");
  EXPECT_EQ(refusal_of([&] { solution.sample(3); }), "MatrixSolution::sample: want an index below 3, got 3");
  EXPECT_THROW(solution(1.5), std::invalid_argument);
}

TEST(MatrixSolution, OfAFailedSolveKeepsItsSize) {
  const auto blow_up = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    for (std::size_t j = 0; j < u.cols(); ++j) du(0, j) = u(0, j) * u(0, j), du(1, j) = 0;
  };
  const auto solution = solve(ODEProblem(blow_up, starts(), {0.0, 2.0}), Tsit5{}, {.saveat = 0.5});
  EXPECT_FALSE(solution.successful());
  ASSERT_EQ(solution.size(), 5u);
  EXPECT_TRUE(std::isnan(solution.back()(0, 0)));
  const auto result = value_and_gradient(
      [&](const auto& u0) {
        return sum(solve(ODEProblem(blow_up, u0, {0.0, 2.0}), Tsit5{}, {.saveat = 0.5}));
      },
      starts());
  EXPECT_TRUE(std::isinf(result.value()));
  EXPECT_EQ(std::get<1>(result)(0, 2), 0);
  EXPECT_FALSE(is_successful(result.status()));
}

TEST(MatrixSolution, InsideAGradientIsMadeOfVariables) {
  const auto loss = [&](const auto& u0, const auto& p) {
    const auto solution = solve(ODEProblem(rotation, u0, {0.0, 1.0}, p), Tsit5{}, tight);
    return solution[4](1, 2) + 2.0 * solution(0.6)(0, 1) + 3.0 * solution.component(1, 0)[2] +
           sum(solution.sample(1)) + mean(solution.back());
  };
  const auto [value, by_u0, by_p] = value_and_gradient(loss, starts(), Vector{2.0});
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(by_u0)>, Matrix<double>>);
  EXPECT_NEAR(value, loss(starts(), Vector{2.0}), 1e-12);
  const double h = 1e-5;
  for (std::size_t k = 0; k < 6; ++k) {
    auto up = starts(), down = starts();
    up.data()[k] += h, down.data()[k] -= h;
    EXPECT_NEAR(by_u0.data()[k], (loss(up, Vector{2.0}) - loss(down, Vector{2.0})) / (2 * h), 1e-7);
  }
  EXPECT_NEAR(by_p[0], (loss(starts(), Vector{2.0 + h}) - loss(starts(), Vector{2.0 - h})) / (2 * h), 1e-6);
}

}  // namespace
}  // namespace costate
