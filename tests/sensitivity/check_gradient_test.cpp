#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

const auto loss = [](const auto& p) {
  const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 6.0}, p);
  return random_reads(solve(problem, Tsit5{}, {.saveat = 0.5}), {0.77});  // default tolerances: a rough mesh
};

}  // namespace

TEST(CheckGradient, AgreesOnARightGradientAndSaysWhatTheMeshAdds) {
  const auto comparison = check_gradient(loss, Vector{1.1, 0.8, 1.7});
  EXPECT_LT(comparison.max_relative_difference, 1e-8);
  EXPECT_GT(comparison.free_mesh_difference, 1e-6)
      << "the jumps of step-size control, which the frozen mesh hides";
  EXPECT_LT(comparison.free_mesh_difference, 0.1);
  const auto same = gradient(loss, Vector{1.1, 0.8, 1.7});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(comparison.reverse[i], same[i]);
}

TEST(CheckGradient, TakesASizeKnownAtRunTimeAndMoreThanOnePassOfDirections) {
  const auto many = [](const auto& x) {
    using S = scalar_of<decltype(x)>;
    S total(0);
    for (std::size_t i = 0; i < x.size(); ++i) total += costate::sin(x[i] * x[(i + 1) % x.size()]);
    const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 1.0}, Vector{x[0], x[5], x[10]});
    return total * solve(problem, Tsit5{}, {.reltol = 1e-6}).back()[0];
  };
  const auto comparison =
      check_gradient(many, std::vector<double>{1.1, 0.2, 0.3, 0.4, 0.5, 0.8, 0.7, 0.9, 1.0, 1.3, 1.7});
  EXPECT_EQ(comparison.reverse.size(), 11u);
  EXPECT_LT(comparison.max_relative_difference, 1e-8);
}

// one vjp with a wrong sign
TEST(CheckGradient, FindsAWrongGradientOfTheUser) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto&) { du[0] = -p[0] * u[0]; };
  const auto with_sign = [&](double sign) {
    const auto vjp = [sign](auto& ubar, auto& pbar, const auto& lambda, const auto& u, const auto& p,
                            double) {
      ubar[0] += -p[0] * lambda[0];
      pbar[0] += sign * u[0] * lambda[0];
    };
    return check_gradient(
        [&](const auto& p) {
          return solve(ODEProblem(ODEFunction(f).with_vjp(vjp), {1.0}, {0.0, 1.0}, p), Tsit5{}).back()[0];
        },
        Vector{0.7});
  };
  EXPECT_LT(with_sign(-1).max_relative_difference, 1e-8);
  EXPECT_NEAR(with_sign(+1).max_relative_difference, 2, 1e-6);
}

TEST(CheckGradient, SaysInfinityOrNaNOfAFailedSolveWithoutReadingBeyondItsMesh) {
  const auto failing = [](const auto& p) {
    const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 6.0}, p);
    return solve(problem, Tsit5{}, {.max_steps = 4}).back()[0];
  };
  const auto comparison = check_gradient(failing, Vector{1.1, 0.8, 1.7});
  EXPECT_EQ(comparison.reverse[0], 0.0);
  EXPECT_FALSE(comparison.max_relative_difference < 1e-3)
      << "a loss without a gradient must not pass the check";
}

TEST(CheckGradient, SeesAKinkAsADisagreement) {
  const auto kink = [](const auto& x) { return costate::max(x[0], 0.0) + x[1]; };
  EXPECT_LT(check_gradient(kink, Vector{0.3, 1.0}).max_relative_difference, 1e-8);
  EXPECT_GT(check_gradient(kink, Vector{0.0, 1.0}).max_relative_difference, 0.4);
}

}  // namespace costate
