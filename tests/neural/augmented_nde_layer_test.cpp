#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/augmented_nde_layer.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/dense.hpp>
#include <costate/nn/split.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>

#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <type_traits>

namespace costate {
namespace {

const Chain net{Dense<3, 5, activation::tanh>{}, Dense<5, 3>{}};
const SolveOptions tight{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.5, .dense = false};
const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, tight);
const AugmentedNDELayer augmented(node, 1);
const auto p = augmented.initial_parameters<double>(3);

TEST(AugmentedNDELayer, StartsTheNodeWithZerosBelowTheInput) {
  const auto solution = augmented({0.8, -1.1}, p);
  const auto by_hand = node({0.8, -1.1, 0.0}, p);
  ASSERT_EQ(solution.size(), by_hand.size());
  for (std::size_t i = 0; i < by_hand.size(); ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(solution[i][j], by_hand[i][j]);
  EXPECT_NE(solution.back()[2], 0.0);
  EXPECT_EQ(augmented.parameter_count(), node.parameter_count());
  EXPECT_EQ(p[7], node.initial_parameters<double>(3)[7]);
}

TEST(AugmentedNDELayer, AugmentsEveryColumnOfABatch) {
  const Matrix<double> x{{0.8, 0.2}, {-1.1, 0.4}};
  const auto together = augmented(x, p);
  const auto apart = augmented.each(x, p);
  ASSERT_EQ(together.rows(), 3u);
  ASSERT_EQ(apart.size(), 2u);
  for (std::size_t j = 0; j < 2; ++j) {
    const auto alone = augmented(x.column(j), p);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(together.back()(i, j), alone.back()[i], 1e-9);
      EXPECT_EQ(apart[j].back()[i], alone.back()[i]);
    }
  }
}

TEST(AugmentedNDELayer, AppendsAsManyZerosAsAskedFor) {
  const AugmentedNDELayer two(node, 2);
  EXPECT_EQ(two({0.8}, p).back()[0], node({0.8, 0.0, 0.0}, p).back()[0]);
  const AugmentedNDELayer none(node, 0);
  EXPECT_EQ(none({0.8, 0.1, 0.3}, p).back()[0], node({0.8, 0.1, 0.3}, p).back()[0]);
}

TEST(AugmentedNDELayer, HasTheGradientOfDifferencesByInputAndParameters) {
  const auto loss = [](const auto& x, const auto& q) {
    const auto u = augmented(x, q).back();
    return 0.3 * u[0] - 0.7 * u[1] + 1.1 * u[2];
  };
  const Vector x{0.8, -1.1};
  const auto [value, by_x, by_p] = value_and_gradient(loss, x, p);
  ASSERT_EQ(by_x.size(), 2u);
  const auto difference = [](const auto& f, auto z, std::size_t i) {
    const double at = z[i], h = 1e-5;
    z[i] = at + h;
    const double up = f(z);
    z[i] = at - h;
    return (up - f(z)) / (2 * h);
  };
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_NEAR(by_x[i], difference([&](const auto& z) { return loss(z, p); }, x, i), 1e-7);
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_NEAR(by_p[i], difference([&](const auto& z) { return loss(x, z); }, p, i), 1e-7);
}

TEST(AugmentedNDELayer, StaysInSinglePrecisionAndStandsInASplit) {
  const Dense<3, 1> head;
  const auto all = concatenate(augmented.initial_parameters<float>(1), head.initial_parameters<float>(2));
  const auto [of_flow, of_head] = split(all, augmented, head);
  const Matrix<float> x{{0.8f, 0.2f}, {-1.1f, 0.4f}};
  const auto y = head(augmented(x, of_flow).back(), of_head);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(y(0, 0))>, float>);
  EXPECT_EQ(y.cols(), 2u);
}

TEST(AugmentedNDELayer, LeavesItToTheNetworkToRefuseASizeThatDoesNotFit) {
  EXPECT_EQ(refusal_of([] {
              augmented({1.0, 2.0, 3.0}, p);
            }),
            refusal_of([] {
              node({1.0, 2.0, 3.0, 0.0}, p);
            }));
  EXPECT_NE(refusal_of([] { augmented({1.0, 2.0, 3.0}, p); }), "none");
}

}  // namespace
}  // namespace costate
