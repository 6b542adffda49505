#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>

namespace costate {

// more inputs than one pass of eight directions carries: a ring of states, each pulled by the next
TEST(ForwardSensitivity, CarriesMoreInputsThanOnePassHolds) {
  const auto ring = [](auto& du, const auto& u, const auto& p, const auto& t) {
    const std::size_t n = u.size();
    for (std::size_t i = 0; i < n; ++i)
      du[i] = costate::sin(p[i] * t) - p[(i + 3) % n] * u[i] * u[(i + 1) % n];
  };
  Vector<double> u0(11), p(11);
  RandomWeights weight;
  for (std::size_t i = 0; i < 11; ++i) u0[i] = 1 + 0.5 * weight(), p[i] = 0.5 * weight();
  const auto gradients_by = [&](auto sensitivity) {
    return gradient(
        [&](const auto& x, const auto& q) {
          const ODEProblem problem(ring, x, {0.0, 1.5}, q);
          return random_reads(solve(problem, Tsit5{}, {.reltol = 1e-6, .saveat = 0.3}, sensitivity),
                              {0.1, 1.44});
        },
        u0, p);
  };
  const auto [forward_u0, forward_p] = gradients_by(ForwardSensitivity{});
  const auto [adjoint_u0, adjoint_p] = gradients_by(DiscreteAdjoint{});
  EXPECT_LT(relative_difference(forward_u0, adjoint_u0), 1e-13);
  EXPECT_LT(relative_difference(forward_p, adjoint_p), 1e-13);
}

}  // namespace costate
