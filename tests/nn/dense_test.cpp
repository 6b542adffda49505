#include <costate/nn/dense.hpp>

#include <contracts/layer_contract.hpp>

namespace costate {
namespace {

struct Tanh {
  static constexpr std::size_t inputs = 3;
  static auto fixed() { return Dense<3, 4, activation::tanh>{}; }
  static auto run_time() { return Dense{3, 4, activation::tanh}; }
};
struct Linear {
  static constexpr std::size_t inputs = 2;
  static auto fixed() { return Dense<2, 3>{}; }
  static auto run_time() { return Dense{2, 3}; }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Tanh, LayerContract, Tanh);
INSTANTIATE_TYPED_TEST_SUITE_P(Linear, LayerContract, Linear);

TEST(Dense, TakesWeightsColumnByColumnThenTheBias) {
  // W = [1 3 5; 2 4 6], b = [10, 20]
  const Vector p{1, 2, 3, 4, 5, 6, 10, 20};
  const auto y = Dense<3, 2>{}(Vector{1.0, 10.0, 100.0}, p);
  EXPECT_EQ(y[0], 1 + 30 + 500 + 10);
  EXPECT_EQ(y[1], 2 + 40 + 600 + 20);
  const auto g = gradient(
      [&](const auto& q) {
        return dot(Vector{1.0, -1.0}, Dense<3, 2>{}(Vector{1.0, 10.0, 100.0}, q));
      },
      p);
  const double expected[] = {1, -1, 10, -10, 100, -100, 1, -1};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(g[i], expected[i]) << i;
}

TEST(Dense, StartsWithGlorotWeightsAndNoBias) {
  const Dense<6, 5> layer;
  const auto p = layer.initial_parameters<double>(1);
  const double bound = std::sqrt(6.0 / 11);
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_LT(std::abs(p[i]), bound);
    EXPECT_NE(p[i], 0);
  }
  for (std::size_t i = 30; i < 35; ++i) EXPECT_EQ(p[i], 0);
}

template <auto Activation>
void check_activation() {
  // three samples through every activation: value as the formula says, gradient by Dual = by Var
  const Dense<2, 5, Activation> layer;
  Vector<double> p(15);
  for (std::size_t i = 0; i < 15; ++i) p[i] = 3 * uniform(8, 0, i) - 1.5;
  const Vector x{0.7, -0.4};
  const auto y = layer(x, p);
  for (std::size_t i = 0; i < 5; ++i) {
    const double z = p[i] * x[0] + p[5 + i] * x[1] + p[10 + i];
    EXPECT_NEAR(y[i], Activation(z), 1e-14);
  }
  const Vector lambda{1.0, -2.0, 0.5, 1.5, -0.3};
  const auto reverse = gradient([&](const auto& q) { return dot(lambda, layer(x, q)); }, p);
  const auto forward = transpose(jacobian([&](const auto& q) { return layer(x, q); }, p)) * lambda;
  for (std::size_t i = 0; i < 15; ++i) EXPECT_NEAR(reverse[i], forward[i], 1e-13);
}

TEST(Dense, TakesEveryActivation) {
  check_activation<activation::sigmoid>();
  check_activation<activation::relu>();
  check_activation<activation::softplus>();
  check_activation<activation::gelu>();
  check_activation<activation::swish>();
}

TEST(Dense, MixesScalars) {
  const Dense<2, 2, activation::tanh> layer;
  const auto p = layer.initial_parameters<float>(1);
  static_assert(std::is_same_v<scalar_of<decltype(layer(Vector{1.0, 2.0}, p))>, double>);
  static_assert(std::is_same_v<scalar_of<decltype(layer(Vector{1.0f, 2.0f}, p))>, float>);
  EXPECT_NEAR(layer(Vector{1.0, 2.0}, p)[0], layer(Vector{1.0f, 2.0f}, p)[0], 1e-6);
}

template <std::size_t In, std::size_t Out>
void check_input_from_parameters(std::size_t from) {
  const Dense<In, Out, activation::tanh> layer;
  auto p = layer.template initial_parameters<double>(3);
  for (std::size_t i = 0; i < Out; ++i) p[In * Out + i] = 0.1 * double(i) - 0.3;
  const auto loss = [&](const auto& q) {
    Vector<scalar_of<decltype(q)>, In> x;
    for (std::size_t i = 0; i < In; ++i) x[i] = q[from + i];
    const auto y = layer(x, q);
    return dot(y, y);
  };
  const auto reverse = gradient(loss, p);
  const auto forward = jacobian([&](const auto& q) { return Vector{loss(q)}; }, p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(reverse[i], forward(0, i), 1e-13) << In << " " << i;
}

TEST(Dense, MayReadItsInputFromItsOwnParameters) {
  // x and p are the same row of the tape, so that both cotangents add to the same numbers
  check_input_from_parameters<2, 2>(0);
  check_input_from_parameters<3, 20>(1);
  check_input_from_parameters<20, 3>(5);
  check_input_from_parameters<9, 40>(9 * 40);
}

TEST(Dense, RefusesSizesThatContradictItsTypeOrAreZero) {
  EXPECT_THROW((Dense<2, 3>(2, 4)), std::invalid_argument);
  EXPECT_THROW((Dense<2, 3>(1, 3)), std::invalid_argument);
  EXPECT_THROW((Dense{0, 3}), std::invalid_argument);
  EXPECT_THROW((Dense{3, 0, activation::tanh}), std::invalid_argument);
}

}  // namespace
}  // namespace costate
