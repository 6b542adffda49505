#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>

#include <gtest/gtest.h>

namespace costate {
namespace {

/// u' = 0 on the way there; on the way back f drifts, so that u is off by `off` a unit of time.
Status status_of(double off, const SaveAt& saveat, bool checkpointing) {
  double drift = 0;
  const auto result = value_and_gradient(
      [&](const auto& p) {
        drift = 0;
        const auto f = [&](auto& du, const auto& u, const auto& q, auto) {
          du[0] = drift + 0.0 * (q[0] * u[0]);
        };
        const SolveOptions options{.abstol = 1e-12, .reltol = 1e-6, .saveat = saveat};
        const auto solution = solve(ODEProblem(f, Vector{1.0}, {0.0, 1.0}, p), Tsit5{}, options,
                                    BacksolveAdjoint{.checkpointing = checkpointing});
        drift = off;
        return solution.back()[0];
      },
      Vector{1.0});
  return result.status();
}

}  // namespace

// Half of the six digits that reltol asks for is 1e-3.
TEST(BacksolveAdjoint, RefusesAStateThatLostMoreThanHalfOfItsDigitsAtTheStart) {
  EXPECT_EQ(status_of(0.99e-3, {1.0}, true), Status::success);
  EXPECT_EQ(status_of(1.01e-3, {1.0}, true), Status::adjoint_failed);
}

TEST(BacksolveAdjoint, RefusesAStateThatLostThemSinceTheSavedOneBehindIt) {
  EXPECT_EQ(status_of(1.98e-3, {0.5, 1.0}, true), Status::success);
  EXPECT_EQ(status_of(1.98e-3, {0.5, 1.0}, false), Status::adjoint_failed);
  // nine tenths of the way from one saved state to the one before it
  EXPECT_EQ(status_of(1.10e-3, {0.1, 1.0}, true), Status::success);
  EXPECT_EQ(status_of(1.13e-3, {0.1, 1.0}, true), Status::adjoint_failed);
}

}  // namespace costate
