#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/erased_function.hpp>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate {
namespace {

constexpr std::size_t states = 6;
constexpr double state_bytes = 8.0 * states;

const auto rotations = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  for (std::size_t i = 0; i < u.size(); i += 2) {
    du[i] = p[0] * u[i + 1];
    du[i + 1] = -p[0] * u[i];
  }
};

/// What the record of a solve of so many steps takes, without what the solution itself keeps.
template <class Sensitivity>
double recorded(std::size_t steps, const Sensitivity& sensitivity) {
  double bytes = 0;
  gradient(
      [&](const auto& p) {
        const ODEProblem problem(erased_function(rotations), Vector<double>{1, 2, 3, 4, 5, 6},
                                 {0.0, 0.01 * static_cast<double>(steps)}, p);
        const auto solution =
            solve(problem, Tsit5{}, {.dt = 0.01, .adaptive = false, .dense = false, .save_everystep = false},
                  sensitivity);
        EXPECT_EQ(solution.statistics().steps, steps);
        bytes = static_cast<double>(solution.statistics().recorded_bytes);
        return sum(solution.back());
      },
      Vector<double>{1.0});
  return bytes;
}
template <class Sensitivity>
double bytes_a_step(const Sensitivity& sensitivity) {
  return (recorded(4000, sensitivity) - recorded(1000, sensitivity)) / 3000;
}

}  // namespace

// The promises of docs/sensitivity: Tsit5 has 7 stages and an interpolant of 5 vectors.
TEST(RecordedBytes, AreThoseThatASensitivityPromises) {
  EXPECT_DOUBLE_EQ(bytes_a_step(DiscreteAdjoint{}), 7 * state_bytes + 40);
  EXPECT_DOUBLE_EQ(bytes_a_step(InterpolatingAdjoint{}), 5 * state_bytes + 56);
  EXPECT_DOUBLE_EQ(bytes_a_step(GaussAdjoint{}), 5 * state_bytes + 56);
  EXPECT_EQ(bytes_a_step(BacksolveAdjoint{}), 0.0);
}

TEST(RecordedBytes, CheckpointsLeaveTheMesh) {
  // the states themselves do not grow with the number of steps; how many stand after doubling their distance
  // does a little
  const double states_kept = 20 * 2 * state_bytes / 3000;
  EXPECT_NEAR(bytes_a_step(DiscreteAdjoint{.checkpoints = 20}), 40, states_kept);
  EXPECT_NEAR(bytes_a_step(InterpolatingAdjoint{.checkpoints = 20}), 40, states_kept);
}

}  // namespace costate
