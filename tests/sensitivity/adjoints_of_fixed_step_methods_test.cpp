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

}  // namespace costate
