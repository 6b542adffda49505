#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/nn/activation.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/random_reads.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace costate {
namespace {

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};

struct Outcome {
  Vector<double, 4> gradient;
  std::size_t steps;
};
Outcome run(const Vector<double, 2>& u0, double tolerance, const DiscreteAdjoint& sensitivity) {
  Outcome result{};
  result.gradient = gradient(
      [&](const auto& p) {
        const auto solution = solve(ODEProblem(lotka_volterra, u0, {0.0, 10.0}, p), Tsit5{},
                                    {.abstol = tolerance, .reltol = tolerance, .saveat = 0.5}, sensitivity);
        result.steps = solution.statistics().steps;
        return sum(solution);
      },
      Vector{1.5, 1.0, 3.0, 1.0});
  return result;
}

}  // namespace

TEST(DerivativeGuard, LeavesTheMeshOfAStateThatMoves) {
  for (const double tolerance : {1e-3, 1e-6, 1e-9}) {
    const Outcome with = run({1.0, 1.0}, tolerance, {}),
                  without = run({1.0, 1.0}, tolerance, {.control_derivative = false});
    EXPECT_EQ(with.steps, without.steps);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(with.gradient[i], without.gradient[i]);
  }
}

// (3, 1.5) is the equilibrium; beside it the state circles by 1e-7 and less than the tolerance
TEST(DerivativeGuard, ResolvesTheDerivativeBesideAnEquilibrium) {
  const auto exact = run({3.0 - 1e-7, 1.5}, 1e-12, {}).gradient;
  for (const double tolerance : {1e-3, 1e-5, 1e-7}) {
    const Outcome guarded = run({3.0 - 1e-7, 1.5}, tolerance, {});
    const double error = relative_difference(guarded.gradient, exact);
    EXPECT_LT(error, 40 * tolerance) << tolerance;
  }
  EXPECT_GT(relative_difference(run({3.0 - 1e-7, 1.5}, 1e-3, {.control_derivative = false}).gradient, exact),
            1.0)
      << "what the guard is for";
}

TEST(DerivativeGuard, ShortensTheStepsThatASeriesOfZerosWouldAllow) {
  const auto decay = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) { du[0] = -p[0] * u[0]; };
  for (const double end : {5.0, 20.0}) {
    const auto slope = gradient(
        [&](const auto& u0) {
          return solve(ODEProblem(decay, u0, {0.0, end}, {2.0}), Taylor{}, {.abstol = 1e-8, .reltol = 1e-8})
              .back()[0];
        },
        Vector{0.0});
    EXPECT_NEAR(slope[0], std::exp(-2 * end), 1e-9);
  }
}

// u' = −1000 p (u − cos t), v' = −p v + u: at the edge of stability rounding grows in u by tolerance /
// rounding
template <class Method>
void expect_stiff_gradient(const Method& method, double tolerance) {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto& t) {
    du[0] = -1000.0 * p[0] * (u[0] - cos(t));
    du[1] = -p[0] * u[1] + u[0];
  };
  const auto end = [&](const auto& p, std::size_t j, double tol, auto sensitivity) {
    const SolveOptions options{.abstol = tol, .reltol = tol, .max_steps = 200000, .saveat = 5.0};
    return solve(ODEProblem(f, {1.0, 0.5}, {0.0, 5.0}, p), method, options, sensitivity).back()[j];
  };
  const Vector p{1.0};
  for (std::size_t j = 0; j < 2; ++j) {
    const double exact =
        gradient([&](const auto& q) { return end(q, j, 1e-11, ForwardSensitivity{}); }, p)[0];
    const double got = gradient([&](const auto& q) { return end(q, j, tolerance, DiscreteAdjoint{}); }, p)[0];
    EXPECT_NEAR(got, exact, 1e-2 * std::abs(exact))
        << Method::name << ' ' << tolerance << ", component " << j;
  }
}

TEST(DerivativeGuard, KeepsTheStepsOfAStiffEquationWhereTheyDamp) {
  for (const double tolerance : {1e-5, 1e-6, 1e-7}) {
    expect_stiff_gradient(Tsit5{}, tolerance);
    expect_stiff_gradient(Vern7{}, tolerance);
  }
}

TEST(DerivativeGuard, LeavesListsThatDoNotFitToTheSolve) {
  for (const std::vector<double>& list : {std::vector<double>{}, std::vector<double>{1e-6}})
    EXPECT_THROW(gradient(
                     [&](const auto& p) {
                       const ODEProblem problem(lotka_volterra, Vector{1.0, 1.0}, {0.0, 1.0}, p);
                       return sum(solve(problem, Tsit5{}, {.reltol = list}, ForwardSensitivity{}));
                     },
                     Vector{1.5, 1.0, 3.0, 1.0}),
                 std::invalid_argument);
}

// A network that starts from zeros moves nothing, and its first gradient decides where training goes.
TEST(DerivativeGuard, ResolvesTheFirstGradientOfANetworkWhoseLastLayerIsZero) {
  const Chain net{Dense<2, 8, activation::tanh>{}, Dense<8, 2>{}};
  auto p = net.initial_parameters<double>(3);
  for (std::size_t k = 24; k < p.size(); ++k) p[k] = 0;
  const auto gradient_at = [&](double tolerance, bool guarded) {
    return gradient(
        [&](const auto& q) {
          const auto f = [&](auto& du, const auto& u, const auto& parameters, const auto& t) {
            const auto force = net(Vector{u[0], u[1] + sin(12.0 * t)}, parameters);
            du[0] = force[0];
            du[1] = force[1];
          };
          const ODEProblem problem(f, Vector{0.0, 0.0}, {0.0, 4.0}, q);
          const auto solution = solve(problem, Tsit5{}, {.abstol = tolerance, .reltol = tolerance},
                                      DiscreteAdjoint{.control_derivative = guarded});
          return solution.back()[0] + 0.3 * solution.back()[1];
        },
        p);
  };
  const auto exact = gradient_at(1e-11, true);
  EXPECT_LT(relative_difference(gradient_at(1e-6, true), exact), 1e-4);
  EXPECT_GT(relative_difference(gradient_at(1e-6, false), exact), 1e-2) << "what the guard is for";
}

}  // namespace costate
