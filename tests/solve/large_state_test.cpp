#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern8.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

// A state of many copies of a small equation has the small one's error norm, so it takes the same steps: what
// the compiled loops over large states give is known from the small state, which does not use them.

namespace costate {
namespace {

constexpr std::size_t copies = 37;

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto t) {
  for (std::size_t i = 0; i + 1 < u.size(); i += 2) {
    du[i] = p[0] * u[i] - p[1] * u[i] * u[i + 1] + 0.01 * t;
    du[i + 1] = -p[2] * u[i + 1] + p[3] * u[i] * u[i + 1];
  }
};
template <class T>
auto problem_of(std::size_t count) {
  std::vector<T> u0;
  for (std::size_t i = 0; i < count; ++i) u0.insert(u0.end(), {T(1), T(0.5)});
  return ODEProblem(lotka_volterra, u0, {0.0, 3.0}, std::vector<T>{T(1.5), 1, 3, 1});
}

template <class Method>
class LargeState : public testing::Test {};
struct MethodNames {
  template <class Method>
  static std::string GetName(int) {
    return std::string(Method::name);
  }
};
// one whose last slope is the next first one, one that keeps none, one of two estimates, one whose dense
// output is taken from the step
using Methods = testing::Types<Tsit5, RK4, DP8, Vern8>;
TYPED_TEST_SUITE(LargeState, Methods, MethodNames);

SolveOptions options_of(bool dense) {
  return {.dt = 0.06, .adaptive = false, .saveat = {0.0, 0.3, 1.1, 2.9, 3.0}, .dense = dense};
}
SolveOptions controlled(double tolerance) {
  return {.abstol = tolerance,
          .reltol = tolerance,
          .dt = 0.2,
          .saveat = {0.0, 0.3, 1.1, 2.9, 3.0},
          .dense = false};
}

template <class Small, class Large>
void expect_copies(const Small& small, const Large& large, double tolerance) {
  ASSERT_EQ(large.size(), small.size() * copies);
  for (std::size_t i = 0; i < large.size(); ++i) {
    const std::size_t point = i / (2 * copies), m = i % 2;
    ASSERT_NEAR(large[i], small[2 * point + m], tolerance) << i;
  }
}

}  // namespace

TYPED_TEST(LargeState, IsSolvedLikeASmallOne) {
  for (const bool dense : {true, false}) {
    const auto small = solve(problem_of<double>(1), TypeParam{}, options_of(dense));
    const auto large = solve(problem_of<double>(copies), TypeParam{}, options_of(dense));
    ASSERT_TRUE(large.successful());
    EXPECT_EQ(large.statistics().steps, small.statistics().steps);
    EXPECT_EQ(large.statistics().rhs_evaluations, small.statistics().rhs_evaluations);
    expect_copies(small.values(), large.values(), 1e-12);
    if (dense) expect_copies(small(1.234), large(1.234), 1e-12);
  }
  SolveOptions ends = options_of(false);
  ends.saveat = {}, ends.save_everystep = false;
  const auto small = solve(problem_of<double>(1), TypeParam{}, ends);
  expect_copies(small.back(), solve(problem_of<double>(copies), TypeParam{}, ends).back(), 1e-12);
}

// The mesh may differ by what rounds an estimate in which large terms cancel.
TYPED_TEST(LargeState, IsControlledLikeASmallOne) {
  if (TypeParam::tableau.embedded_order == 0) return;
  const auto small = solve(problem_of<double>(1), TypeParam{}, controlled(1e-7));
  const auto large = solve(problem_of<double>(copies), TypeParam{}, controlled(1e-7));
  EXPECT_EQ(large.statistics().steps, small.statistics().steps);
  EXPECT_EQ(large.statistics().rejected_steps, small.statistics().rejected_steps);
  expect_copies(small.values(), large.values(), 1e-9);
}

TYPED_TEST(LargeState, IsDifferentiatedLikeASmallOne) {
  for (const auto& checkpoints : {std::optional<std::size_t>(), std::optional<std::size_t>(3)}) {
    const auto gradient_of = [&](std::size_t count) {
      const auto problem = problem_of<double>(count);
      // cotangents without a pattern in time, the same of all copies; a read of its own choice besides
      const auto loss = [&](const auto& u0, const auto& p) {
        const auto solution = solve(problem.with_u0(u0).with_p(p), TypeParam{}, options_of(true),
                                    DiscreteAdjoint{.checkpoints = checkpoints});
        auto total = 0.7 * sum(solution(1.234));
        for (std::size_t i = 0; i < solution.size(); ++i)
          for (std::size_t m = 0; m < u0.size(); ++m)
            total = total + std::sin(2.0 * i + 1.3 * (m % 2)) * solution[i][m];
        return total;
      };
      return value_and_gradient(loss, problem.u0(), problem.p());
    };
    const auto [small, small_u0, small_p] = gradient_of(1);
    const auto [large, large_u0, large_p] = gradient_of(copies);
    EXPECT_NEAR(large, copies * small, 1e-10);
    expect_copies(small_u0, large_u0, 1e-10);
    for (std::size_t k = 0; k < 4; ++k)
      EXPECT_NEAR(large_p[k], copies * small_p[k], 1e-9 * copies * std::abs(small_p[k]));
  }
}

TEST(LargeStateInSinglePrecision, IsSolvedLikeASmallOne) {
  expect_copies(solve(problem_of<float>(1), Tsit5{}, controlled(1e-4)).values(),
                solve(problem_of<float>(copies), Tsit5{}, controlled(1e-4)).values(), 2e-5);
}

TEST(LargeStateWithManyTolerances, IsHeldToThem) {
  SolveOptions options = controlled(1e-7);
  std::vector<double> few{1e-7, 1e-5}, many;
  for (std::size_t i = 0; i < copies; ++i) many.insert(many.end(), few.begin(), few.end());
  options.abstol = few;
  const auto small = solve(problem_of<double>(1), Tsit5{}, options);
  options.abstol = many;
  const auto large = solve(problem_of<double>(copies), Tsit5{}, options);
  EXPECT_EQ(large.statistics().steps, small.statistics().steps);
  expect_copies(small.values(), large.values(), 1e-9);
}

}  // namespace costate
