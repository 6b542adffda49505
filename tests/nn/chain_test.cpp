#include <costate/nn/chain.hpp>
#include <costate/nn/split.hpp>

#include <contracts/layer_contract.hpp>

namespace costate {
namespace {

constexpr auto cube = [](auto x) { return x * x * x; };

struct Network {
  static constexpr std::size_t inputs = 2;
  static auto fixed() {
    return Chain{cube, Dense<2, 4, activation::tanh>{}, Dense<4, 3, activation::swish>{}, Dense<3, 2>{}};
  }
  static auto run_time() {
    return Chain{cube, Dense{2, 4, activation::tanh}, Dense{4, 3, activation::swish}, Dense{3, 2}};
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Network, LayerContract, Network);

const auto net = Network::fixed();

TEST(Chain, IsItsLayersOneAfterTheOther) {
  const auto p = net.initial_parameters<double>(4);
  EXPECT_EQ(p.size(), 12u + 15u + 8u);
  const auto [first, second, third] = split(p, Dense<2, 4>{}, Dense<4, 3>{}, Dense<3, 2>{});
  const Vector x{0.8, -1.1};
  const auto by_hand =
      Dense<3, 2>{}(Dense<4, 3, activation::swish>{}(
                        Dense<2, 4, activation::tanh>{}(Vector{cube(x[0]), cube(x[1])}, first), second),
                    third);
  const auto y = net(x, p);
  EXPECT_NEAR(y[0], by_hand[0], 1e-15);
  EXPECT_NEAR(y[1], by_hand[1], 1e-15);
}

TEST(Chain, GradientEqualsTheOneOfItsLayersByHand) {
  const auto p = net.initial_parameters<double>(4);
  const Vector x{0.8, -1.1};
  const auto chained = gradient([&](const auto& q) { return dot(net(x, q), net(x, q)); }, p);
  const auto by_hand = gradient(
      [&](const auto& q) {
        const auto [first, second, third] = split(q, Dense<2, 4>{}, Dense<4, 3>{}, Dense<3, 2>{});
        const auto y =
            Dense<3, 2>{}(Dense<4, 3, activation::swish>{}(
                              Dense<2, 4, activation::tanh>{}(Vector{cube(x[0]), cube(x[1])}, first), second),
                          third);
        return dot(y, y);
      },
      p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(chained[i], by_hand[i], 1e-14);
}

TEST(Chain, NestsAndMayEndWithAFunction) {
  const Chain inner{Dense<2, 4, activation::tanh>{}, Dense<4, 2>{}};
  const Chain outer{inner, [](auto x) { return 2 * x; }, Dense<2, 1>{}, [](auto x) { return x * x; }};
  EXPECT_EQ(outer.parameter_count(), inner.parameter_count() + 3);
  const auto p = outer.initial_parameters<double>(2);
  const auto [a, b] = split(p, inner, Dense<2, 1>{});
  const Vector x{0.3, 0.4};
  const auto hidden = Dense<2, 1>{}(2 * inner(x, a), b);
  EXPECT_NEAR(outer(x, p)[0], hidden[0] * hidden[0], 1e-15);
  const auto reverse = gradient([&](const auto& q) { return outer(x, q)[0]; }, p);
  const auto forward = jacobian([&](const auto& q) { return outer(x, q); }, p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(reverse[i], forward(0, i), 1e-14);
}

TEST(Chain, OfActivationsAloneHasNoParameters) {
  const Chain activations{activation::tanh, activation::softplus};
  EXPECT_EQ(activations.parameter_count(), 0u);
  const auto y = activations(Vector{0.5}, Vector<double>());
  EXPECT_NEAR(y[0], std::log1p(std::exp(std::tanh(0.5))), 1e-15);
}

TEST(Chain, RefusesLayersThatDoNotFitTogether) {
  const Chain wrong{Dense{2, 4}, Dense{3, 1}};
  EXPECT_EQ(wrong.parameter_count(), 12u + 4u);
  try {
    wrong(Vector{1.0, 2.0}, Vector<double>(16));
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "Dense: input: want 3 numbers, got 4");
  }
}

TEST(Chain, GivesEveryLayerItsOwnNumbers) {
  const Chain twice{Dense<3, 3>{}, Dense<3, 3>{}};
  const auto p = twice.initial_parameters<double>(1);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NE(p[i], p[12 + i]);
}

}  // namespace
}  // namespace costate
