#include <costate/ad/gradient.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/erased_function.hpp>
#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>

namespace costate {

// A method without an error estimate takes steps of dt whatever `adaptive` says, backwards too.
TEST(FixedStepMethod, GivesItsStepToTheBackwardSolve) {
  const auto gradient_by = [](auto sensitivity) {
    return gradient(
        [&](const auto& p) {
          const ODEProblem problem(erased_function(DrivenPredatorPrey{}), Vector<double>{0.9, 1.2},
                                   {0.0, 2.5}, p);
          return random_reads(solve(problem, RK4{}, {.dt = 0.01, .saveat = 0.25}, sensitivity), {1.111});
        },
        Vector<double>{1.1, 0.8, 1.7});
  };
  const auto wanted = gradient_by(DiscreteAdjoint{});
  for (const auto& got :
       {gradient_by(InterpolatingAdjoint{}), gradient_by(GaussAdjoint{}), gradient_by(BacksolveAdjoint{})})
    EXPECT_LT(relative_difference(got, wanted), 1e-7);
}

// The loss reads the solution where f jumps, so the backward solve begins there: its first slope is that of
// the side which it enters.
TEST(FixedStepMethod, BeginsTheBackwardSolveBehindADeclaredJump) {
  const auto gradient_by = [](auto sensitivity) {
    return gradient(
        [&](const auto& p) {
          const auto f = [](auto& du, const auto& u, const auto& q, const auto& t) {
            du[0] = (t < 1.3 ? 1.0 : -2.0) * q[0] * u[0];
          };
          const ODEProblem problem(f, Vector{1.0}, {0.0, 3.0}, p);
          return solve(problem, RK4{}, {.dt = 0.01, .saveat = {1.3}, .tstops = {1.3}}, sensitivity)[0][0];
        },
        Vector{0.7});
  };
  const auto wanted = gradient_by(DiscreteAdjoint{});
  for (const auto& got : {gradient_by(InterpolatingAdjoint{}), gradient_by(BacksolveAdjoint{})})
    EXPECT_LT(relative_difference(got, wanted), 1e-8);
}

}  // namespace costate
