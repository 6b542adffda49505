#include <costate/nn/elementwise.hpp>

#include <contracts/layer_contract.hpp>

namespace costate {
namespace {

constexpr auto cubic = [](auto x) { return x * x * x - 2 * x; };

struct Function {
  static constexpr std::size_t inputs = 3;
  static auto fixed() { return Elementwise(cubic); }
  static auto run_time() { return Elementwise(cubic); }
};
struct Kernel {
  static constexpr std::size_t inputs = 5;
  static auto fixed() { return Elementwise(activation::tanh); }
  static auto run_time() { return Elementwise(activation::tanh); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Function, LayerContract, Function);
INSTANTIATE_TYPED_TEST_SUITE_P(Kernel, LayerContract, Kernel);

const Vector<double> none;

TEST(Elementwise, AppliesItsFunctionToEveryNumber) {
  const auto y = Elementwise(cubic)(Vector{1.0, 2.0, -3.0}, none);
  EXPECT_EQ(y[0], -1);
  EXPECT_EQ(y[1], 4);
  EXPECT_EQ(y[2], -21);
  EXPECT_EQ(Elementwise(cubic).parameter_count(), 0u);
  EXPECT_EQ(Elementwise(cubic)(std::vector<double>{}, none).size(), 0u);
}

TEST(Elementwise, KeepsWhatItCaptures) {
  const double factor = 2.5;
  const Elementwise scale([factor](auto x) { return factor * x; });
  EXPECT_EQ(scale(Vector{2.0}, none)[0], 5);
  EXPECT_EQ(gradient([&](const auto& x) { return scale(x, none)[0]; }, Vector{2.0})[0], 2.5);
}

TEST(Elementwise, UsesFunctionsThatServeAllScalars) {
  const Elementwise layer([](auto x) { return costate::sin(x) + costate::exp(-x); });
  const auto g = gradient([&](const auto& x) { return layer(x, none)[0]; }, Vector{0.3});
  EXPECT_NEAR(g[0], std::cos(0.3) - std::exp(-0.3), 1e-15);
}

TEST(Elementwise, IsDifferentiatedWhereItBranches) {
  const Elementwise clamp([](auto x) { return costate::max(costate::min(x, 1.0), -1.0); });
  const auto y = clamp(Vector{0.5, 3.0, -7.0}, none);
  EXPECT_EQ(y[1], 1);
  EXPECT_EQ(y[2], -1);
  const auto g = gradient(
      [&](const auto& x) {
        return dot(clamp(x, none), Vector{1.0, 1.0, 1.0});
      },
      Vector{0.5, 3.0, -7.0});
  EXPECT_EQ(g[0], 1);
  EXPECT_EQ(g[1], 0);
  EXPECT_EQ(g[2], 0);
}

}  // namespace
}  // namespace costate
