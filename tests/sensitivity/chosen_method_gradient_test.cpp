#include <costate/ad/gradient.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <gtest/gtest.h>

namespace costate {
namespace {

// Taylor by rule
TEST(ChosenMethodGradient, IsThatOfTheMethodNamed) {
  constexpr auto predator_prey = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = p[0] * u[0] - u[0] * u[1];
    du[1] = u[0] * u[1] - 3.0 * u[1];
  };
  const ODEProblem problem(predator_prey, {1.0, 0.5}, {0.0, 2.0}, {1.5});
  const SolveOptions tight{.abstol = 1e-9, .reltol = 1e-9};
  EXPECT_EQ(solve(problem, tight).statistics().method, "Taylor");
  const auto gradient_by = [&](const auto&... method) {
    return gradient(
        [&](const auto& u0, const auto& p) {
          const auto u = solve(problem.with_u0(u0).with_p(p), method..., tight).back();
          return 0.7 * u[0] - 1.3 * u[1];
        },
        problem.u0(), problem.p());
  };
  const auto [by_u0, by_p] = gradient_by();
  const auto [expected_by_u0, expected_by_p] = gradient_by(Taylor{});
  EXPECT_EQ(by_u0[0], expected_by_u0[0]);
  EXPECT_EQ(by_u0[1], expected_by_u0[1]);
  EXPECT_EQ(by_p[0], expected_by_p[0]);
}

}  // namespace
}  // namespace costate
