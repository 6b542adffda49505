#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <type_traits>

namespace costate {
namespace {

const Chain net{[](auto x) { return x * x * x; }, Dense<2, 10, activation::tanh>{}, Dense<10, 2>{}};
const SolveOptions tight{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.25, .dense = false};

template <class T>
Matrix<T> circle(std::size_t samples) {
  Matrix<T> m(2, samples);
  for (std::size_t j = 0; j < samples; ++j) {
    m(0, j) = T(1.5 * std::cos(0.3 * double(j)));
    m(1, j) = T(1.5 * std::sin(0.3 * double(j)));
  }
  return m;
}

TEST(NeuralODEOnABatch, SolvesEveryColumn) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight);
  const auto p = net.initial_parameters<double>(3);
  for (const std::size_t samples : {1, 2, 7, 64, 65}) {
    const auto starts = circle<double>(samples);
    const auto together = node(starts, p);
    static_assert(std::is_same_v<decltype(together), const MatrixSolution<double>>);
    ASSERT_EQ(together.cols(), samples);
    for (std::size_t j = 0; j < samples; j += 3) {
      const auto alone = node(Vector{starts(0, j), starts(1, j)}, p);
      for (std::size_t i = 0; i < together.size(); ++i) EXPECT_NEAR(together[i](1, j), alone[i][1], 1e-8);
    }
  }
}

TEST(NeuralODEOnABatch, HasTheSumOfTheGradients) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight);
  const auto p = net.initial_parameters<double>(3);
  for (const std::size_t samples : {1, 7, 65}) {
    const auto starts = circle<double>(samples);
    const auto [value, by_u0, by_p] = value_and_gradient(
        [&](const auto& u0, const auto& q) { return squared_error(node(u0, q), 0.5); }, starts, p);
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(by_u0)>, Matrix<double>>);
    Vector<double> total(p.size());
    double scale = 0;
    for (std::size_t j = 0; j < samples; ++j) {
      const auto [v, gu, gp] =
          value_and_gradient([&](const auto& u0, const auto& q) { return squared_error(node(u0, q), 0.5); },
                             Vector{starts(0, j), starts(1, j)}, p);
      for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(by_u0(i, j), gu[i], 1e-7 * (1 + std::abs(gu[i])));
      for (std::size_t k = 0; k < p.size(); ++k)
        total[k] += gp[k], scale = std::fmax(scale, std::abs(total[k]));
    }
    for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(by_p[k], total[k], 1e-7 * scale);
  }
}

// What was kept, what is computed again and what the tape finds are the same numbers.
TEST(NeuralODEOnABatch, EveryRouteHasTheSameGradient) {
  const auto p = net.initial_parameters<double>(3);
  const auto starts = circle<double>(9);
  const auto by = [&](const auto& sensitivity, std::string_view route) {
    return gradient(
        [&](const auto& q) {
          const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight, sensitivity);
          const auto solution = node(starts, q);
          EXPECT_EQ(solution.statistics().vjp_route.substr(0, route.size()), route);
          return squared_error(solution, 0.5);
        },
        p);
  };
  const auto kept = by(DiscreteAdjoint{}, "layers on blocks");
  const auto again = by(DiscreteAdjoint{.checkpoints = 2}, "layers on blocks");
  const auto gauss = by(GaussAdjoint{}, "");
  const auto tape = gradient(
      [&](const auto& q) {
        const auto f = [](const auto& u, const auto& parameters, auto /*t*/) { return net(u, parameters); };
        const auto solution = solve(ODEProblem(f, starts, {0.0, 1.0}, q), Tsit5{}, tight);
        EXPECT_EQ(solution.statistics().vjp_route, "tape");
        return squared_error(solution, 0.5);
      },
      p);
  for (std::size_t k = 0; k < p.size(); ++k) {
    EXPECT_EQ(kept[k], again[k]);
    EXPECT_NEAR(kept[k], tape[k], 1e-10);
    EXPECT_NEAR(kept[k], gauss[k], 1e-6);
  }
}

TEST(NeuralODEOnABatch, SolvesTwiceInOneLoss) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight);
  const auto p = net.initial_parameters<double>(3);
  const auto first = circle<double>(5), second = circle<double>(17);
  const auto of = [&](const auto& starts) {
    return gradient([&](const auto& q) { return squared_error(node(starts, q), 0.5); }, p);
  };
  const auto both = gradient(
      [&](const auto& q) { return squared_error(node(first, q), 0.5) + squared_error(node(second, q), 0.5); },
      p);
  const auto a = of(first), b = of(second);
  for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(both[k], a[k] + b[k], 1e-11);
}

TEST(NeuralODEOnABatch, InSinglePrecision) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, {.abstol = 1e-5, .reltol = 1e-5, .saveat = 0.25});
  const auto p = net.initial_parameters<float>(3);
  const auto g = gradient([&](const auto& q) { return squared_error(node(circle<float>(33), q), 0.5f); }, p);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(g[0])>, float>);
  const Vector<double> in_double(p);
  const auto wanted =
      gradient([&](const auto& q) { return squared_error(node(circle<double>(33), q), 0.5); }, in_double);
  double scale = 0;
  for (const double x : wanted) scale = std::fmax(scale, std::abs(x));
  for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(g[k], wanted[k], 1e-3 * scale);
}

TEST(NeuralODEOnABatch, HessianVectorProductIsTheSumOverColumns) {
  const Chain small{Dense<2, 3, activation::tanh>{}, Dense<3, 2>{}};
  const NeuralODE node(small, {0.0, 1.0}, Tsit5{}, tight);
  const auto p = small.initial_parameters<double>(3), v = small.initial_parameters<double>(4);
  const auto starts = circle<double>(3);
  const auto together =
      hessian_vector_product([&](const auto& q) { return squared_error(node(starts, q), 0.5); }, p, v);
  Vector<double> total(p.size());
  for (std::size_t j = 0; j < 3; ++j) {
    const Vector start{starts(0, j), starts(1, j)};
    const auto alone =
        hessian_vector_product([&](const auto& q) { return squared_error(node(start, q), 0.5); }, p, v);
    for (std::size_t k = 0; k < p.size(); ++k) total[k] += alone[k];
  }
  for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(together[k], total[k], 1e-7);
}

TEST(NeuralODEOnABatch, RefusesWhatDoesNotFit) {
  const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight);
  const auto p = net.initial_parameters<double>(3);
  EXPECT_EQ(refusal_of([&] { node(Matrix<double>(3, 4), p); }), "Dense: input: want 2 numbers, got 3");
  EXPECT_EQ(refusal_of([&] { node(Matrix<double>(2, 0), p); }),
            "ODEProblem: u0: want a matrix of at least one row and one column, got 2 x 0");
  EXPECT_EQ(refusal_of([&] { node(Matrix<double>(2, 4), Vector<double>(3)); }),
            "layer(x, p): parameters p: want 52 numbers, got 3");
  const NeuralODE narrowing(Dense<2, 3>{}, {0.0, 1.0}, Tsit5{});
  EXPECT_EQ(refusal_of([&] { narrowing(Matrix<double>(2, 4), Vector<double>(9)); }),
            "NeuralODE: outputs of the network: want 2 numbers, got 3");
}

}  // namespace
}  // namespace costate
