#include <costate/ad/jacobian.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/random_reads.hpp>
#include <gtest/gtest.h>

namespace costate {
namespace {

template <std::size_t N>
auto loss_of(const SolveOptions& options, const std::vector<double>& reads) {
  return [=](const auto& p) {
    auto u0 = detail::zeros<double, N>(2);
    u0[0] = 0.9, u0[1] = 1.2;
    const ODEProblem problem(DrivenPredatorPrey{}, u0, {0.0, 2.0}, p);
    return random_reads(solve(problem, Tsit5{}, options), reads);
  };
}

/// Row k of the Hessian as the gradient of the k-th component of a gradient.
template <class Loss>
Vector<double, 3> row_by_nested_gradients(const Loss& loss, std::size_t k, const Vector<double, 3>& p) {
  return gradient([&](const auto& q) { return gradient(loss, q)[k]; }, p);
}

}  // namespace

TEST(NestedGradient, ThroughASolveIsTheHessian) {
  const Vector p{1.1, 0.8, 1.7};
  const SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .saveat = 0.3};
  const std::vector reads{0.1, 1.99};
  const auto loss = loss_of<2>(options, reads);
  const auto h = hessian(loss, p);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = row_by_nested_gradients(loss, k, p);
    EXPECT_LT(relative_difference(row, Vector{h(k, 0), h(k, 1), h(k, 2)}), 1e-12);
  }
  EXPECT_NEAR(h(0, 1), h(1, 0), 1e-12 * std::abs(h(0, 1)));
}

TEST(NestedGradient, ThroughASolveOnTheTapeIsTheHessianByDuals) {
  const Vector p{1.1, 0.8, 1.7};
  const SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .saveat = 0.3};
  const auto h = hessian(loss_of<2>(options, {0.1}), p);
  const auto on_tape = hessian(loss_of<dynamic>(options, {0.1}), p);
  const auto row = row_by_nested_gradients(loss_of<dynamic>(options, {0.1}), 1, p);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(row[k], h(1, k), 1e-12 * std::abs(h(1, 1)));
    EXPECT_NEAR(on_tape(1, k), h(1, k), 1e-12 * std::abs(h(1, 1)));
  }
}

TEST(NestedGradient, ThroughTheBackwardSolveOfAContinuousAdjoint) {
  const Vector p{1.1, 0.8, 1.7};
  const SolveOptions options{.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.3};
  const auto h = hessian(loss_of<2>(options, {0.1}), p);
  const auto row_by = [&](auto sensitivity) {
    const auto loss = [=](const auto& q) {
      const ODEProblem problem(DrivenPredatorPrey{}, Vector{0.9, 1.2}, {0.0, 2.0}, q);
      return random_reads(solve(problem, Tsit5{}, options, sensitivity), {0.1});
    };
    return row_by_nested_gradients(loss, 1, p);
  };
  for (const auto& row : {row_by(InterpolatingAdjoint{}), row_by(InterpolatingAdjoint{.checkpoints = 3}),
                          row_by(GaussKronrodAdjoint{}), row_by(BacksolveAdjoint{})})
    EXPECT_LT(relative_difference(row, Vector{h(1, 0), h(1, 1), h(1, 2)}), 1e-7);
}

}  // namespace costate
