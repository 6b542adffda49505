#include <costate/ad/gradient.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/nn/activation.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/sensitivity/quadrature_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_function.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

// u' = A u³ by components, and a network in its place
const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, const auto& /*t*/) {
  const auto x = u[0] * u[0] * u[0], y = u[1] * u[1] * u[1];
  du[0] = -0.1 * x - 2.0 * y;
  du[1] = 2.0 * x - 0.1 * y;
};
struct SpiralNetwork {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    const Chain net{[](const auto& x) { return x * x * x; }, Dense<2, 50, activation::tanh>{},
                    Dense<50, 2>{}};
    const auto value = net(u, p);
    for (std::size_t i = 0; i < 2; ++i) du[i] = value[i];
  }
};

template <class Sensitivity>
class NeuralReference : public testing::Test {};
using Sensitivities = testing::Types<DiscreteAdjoint, InterpolatingAdjoint, QuadratureAdjoint, GaussAdjoint,
                                     GaussKronrodAdjoint, BacksolveAdjoint>;
TYPED_TEST_SUITE(NeuralReference, Sensitivities);

}  // namespace

// Computed for this project in 80-bit floating point by RK4 with forward dual numbers at two fixed step
// sizes. Parameter k of the flat vector is 0.3 sin(k), k = 1 … 252.
TYPED_TEST(NeuralReference, SpiralNeuralODE) {
  std::vector<double> times;
  for (int i = 0; i < 30; ++i) times.push_back(i == 29 ? 1.5 : 1.5 * i / 29);
  const SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .saveat = times, .dense = false};
  const auto data =
      solve(ODEProblem(erased_function(spiral), Vector<double>{2.0, 0.0}, {0.0, 1.5}, Vector<double>{}),
            Vern7{}, options);
  Vector<double> parameters(252);
  for (std::size_t k = 0; k < 252; ++k) parameters[k] = 0.3 * std::sin(static_cast<double>(k + 1));
  const auto [loss, g] = value_and_gradient(
      [&](const auto& p) {
        const ODEProblem problem(erased_function(SpiralNetwork{}), Vector<double>{2.0, 0.0}, {0.0, 1.5}, p);
        const auto solution = solve(problem, Vern7{}, options, TypeParam{});
        scalar_of<decltype(p)> total(0);
        for (std::size_t i = 0; i < solution.size(); ++i)
          for (std::size_t k = 0; k < 2; ++k)
            total += (solution[i][k] - data[i][k]) * (solution[i][k] - data[i][k]);
        return total;
      },
      parameters);
  EXPECT_NEAR(loss, 193.01736346485, 1e-8 * 193);
  double square = 0;
  for (const double x : g) square += x * x;
  EXPECT_NEAR(std::sqrt(square), 703.90605266837, 1e-8 * 704);
  EXPECT_NEAR(g[0], 5.1843097439, 1e-8 * 5.2);
  EXPECT_NEAR(g[150], 67.5289610779, 1e-8 * 67);
  EXPECT_NEAR(g[251], 26.2377786908, 1e-8 * 26);
}

}  // namespace costate
