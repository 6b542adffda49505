#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace costate {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class P>
auto solved(const P& p, const SolveOptions& options = {.saveat = 0.5}) {
  return solve(ODEProblem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 2.0}, p), Tsit5{}, options);
}
const Vector p{1.1, 0.8, 1.7};

/// The pullback against central differences.
template <class Loss>
void expect_right_gradient(const Loss& loss, const std::vector<double>& x) {
  const auto g = gradient(loss, x);
  const auto j = jacobian([&](const auto& at) { return Vector{loss(at)}; }, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto up = x, down = x;
    up[i] += 1e-6, down[i] -= 1e-6;
    EXPECT_NEAR(g[i], (plain(loss(Vector(up))) - plain(loss(Vector(down)))) / 2e-6,
                1e-8 * std::fmax(1, std::abs(g[i])))
        << i;
    EXPECT_NEAR(g[i], j(0, i), 1e-14 * std::fmax(1, std::abs(g[i]))) << i;
  }
}
const std::vector<double> x{0.4, -1.3, 2.2, 0.9};

}  // namespace

TEST(Sum, IsThatOfAllNumbers) {
  EXPECT_EQ(sum(Vector{1.0, 2.0, 4.5}), 7.5);
  EXPECT_EQ(sum(Vector<float>(std::vector<float>{1, 2})), 3.0f);
  EXPECT_EQ(sum(Vector<double>(0)), 0.0);
  const auto solution = solved(p);
  double total = 0;
  for (std::size_t i = 0; i < solution.size(); ++i) total += solution[i][0] + solution[i][1];
  EXPECT_NEAR(sum(solution), total, 1e-14);
}

TEST(Mean, IsTheSumOverTheCount) {
  EXPECT_EQ(mean(Vector{1.0, 2.0, 6.0}), 3.0);
  EXPECT_NEAR(mean(solved(p)), sum(solved(p)) / 10, 1e-15);
  EXPECT_NE(refusal_of([] { mean(Vector<double>(0)); }).find("mean: want at least 1 number, got 0"),
            std::string::npos);
}

TEST(SquaredError, TakesANumberAVectorOrASolution) {
  EXPECT_EQ(squared_error(Vector{1.0, 2.0}, 3.0), 5.0);
  EXPECT_EQ(squared_error(Vector{1.0, 2.0}, 3), 5.0);
  EXPECT_EQ(squared_error(Vector{1.0, 2.0}, Vector{0.0, 4.0}), 5.0);
  EXPECT_EQ(squared_error(Vector{1.0, 2.0}, std::vector<double>{0.0, 4.0}), 5.0);
  EXPECT_EQ(squared_error(Vector{1.0f, 2.0f}, Vector{0.0, 4.0}), 5.0);
  const auto solution = solved(p), other = solved(Vector{1.0, 0.9, 1.7});
  EXPECT_EQ(squared_error(solution, solution), 0.0);
  double total = 0;
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k)
      total += (solution[i][k] - other[i][k]) * (solution[i][k] - other[i][k]);
  EXPECT_NEAR(squared_error(solution, other), total, 1e-14);
  EXPECT_EQ(squared_error(solution, std::vector<double>(solution.values().begin(), solution.values().end())),
            0.0);
}

TEST(SquaredError, RejectsATargetOfAnotherSize) {
  EXPECT_NE(refusal_of([] {
              squared_error(solved(p), Vector{1.0, 2.0});
            }).find("squared_error: target: want 10 numbers, got 2"),
            std::string::npos);
  EXPECT_THROW(squared_error(solved(p), solved(p, {.saveat = 1.0})), std::invalid_argument);
  const auto inside = [](const auto& q) { return squared_error(solved(q), std::vector<double>(9)); };
  EXPECT_THROW(gradient(inside, p), std::invalid_argument);
}

TEST(Reductions, PullBackWhatDifferencesSay) {
  expect_right_gradient([](const auto& v) { return sum(v) * sum(v); }, x);
  expect_right_gradient([](const auto& v) { return costate::sin(mean(v)); }, x);
  expect_right_gradient([](const auto& v) { return 0.5 * squared_error(v, 0.7); }, x);
  expect_right_gradient([](const auto& v) { return squared_error(v, std::vector{1.0, -2.0, 0.5, 0.1}); }, x);
  // both sides move; one side is scattered over the tape, and holds a constant
  expect_right_gradient(
      [](const auto& v) {
        using S = scalar_of<decltype(v)>;
        const Vector mixed{v[2] * v[1], S(0.3), v[0], v[0]};
        return squared_error(v, mixed) + sum(mixed) * mean(mixed);
      },
      x);
  expect_right_gradient([](const auto& v) { return squared_error(Vector{0.1, 0.2, 0.3, 0.4}, v); }, x);
}

TEST(Reductions, OfASolutionPullBackWhatDifferencesSay) {
  const auto data = solved(Vector{1.0, 0.9, 1.7}, {.reltol = 1e-9, .saveat = 0.5});
  const auto loss = [&](const auto& q) {
    const auto solution = solved(q);
    return squared_error(solution, data) + 0.3 * mean(solution) * sum(solution) +
           squared_error(solution, 1.0) + squared_error(solution[2], Vector{0.3, 0.4}) + sum(solution.back());
  };
  EXPECT_LT(check_gradient(loss, p).max_relative_difference, 1e-8);
}

TEST(Reductions, GiveSecondDerivatives) {
  const auto h = hessian([](const auto& v) { return squared_error(v, 1.0) + sum(v) * sum(v); }, x);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(h(i, k), i == k ? 4.0 : 2.0);
}

TEST(Reductions, OfAFailedSolveAreInfinite) {
  const SolveOptions few{.max_steps = 3, .saveat = 0.5};
  EXPECT_EQ(sum(solved(p, few)), infinity);
  EXPECT_EQ(mean(solved(p, few)), infinity);
  EXPECT_EQ(squared_error(solved(p, few), 1.0), infinity);
  EXPECT_EQ(squared_error(solved(p), solved(p, few)), infinity);
  const auto losses = [&](const auto& q) {
    return Vector{sum(solved(q, few)), mean(solved(q, few)), squared_error(solved(q, few), 1.0)};
  };
  const auto j = jacobian(losses, p);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto result = value_and_gradient([&](const auto& q) { return losses(q)[k]; }, p);
    EXPECT_EQ(result.value(), infinity);
    EXPECT_EQ(result.status(), Status::max_steps_reached);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(std::get<1>(result)[i], 0.0);
      EXPECT_EQ(j(k, i), 0.0);
    }
  }
}

}  // namespace costate
