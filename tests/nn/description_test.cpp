#include <costate/nn/chain.hpp>
#include <costate/nn/description.hpp>

#include <gtest/gtest.h>

namespace costate {
namespace {

struct Scale {
  std::size_t parameter_count() const { return 3; }
};
struct Equation {
  const auto& net() const { return inside; }
  Dense<2, 2, activation::gelu> inside{};
};

TEST(Description, SaysWhatALayerIs) {
  const Chain net{[](auto x) { return x * x * x; }, activation::relu, Dense<2, 50, activation::tanh>{},
                  Dense<50, 2>{}};
  EXPECT_EQ(to_string(describe(net)), "Chain{function, relu, Dense{2, 50, tanh}, Dense{50, 2}}");
  EXPECT_EQ(to_string(describe(Scale{})), "Layer{3 parameters}");
  EXPECT_EQ(to_string(describe(Equation{})), "Dense{2, 2, gelu}");
}

TEST(Description, IsTheSameForSizesOfTheTypeAndOfRunTime) {
  EXPECT_EQ(describe(Dense<2, 3, activation::tanh>{}), describe(Dense{2, 3, activation::tanh}));
  EXPECT_FALSE(describe(Dense<2, 3>{}) == describe(Dense<3, 2>{}));
  EXPECT_FALSE(describe(Dense<2, 3>{}) == describe(Dense<2, 3, activation::swish>{}));
  EXPECT_FALSE(describe(Chain{Dense<2, 3>{}}) == describe(Dense<2, 3>{}));
}

TEST(Description, NamesTheBlocksOfTheFlatVectorInOrder) {
  const Chain net{activation::sigmoid, Dense<2, 3>{}, Chain{Dense{3, 4, activation::softplus}}};
  const std::vector<ParameterBlock> wanted{{"layers.1.weight", {3, 2}},
                                           {"layers.1.bias", {3}},
                                           {"layers.2.layers.0.weight", {4, 3}},
                                           {"layers.2.layers.0.bias", {4}}};
  EXPECT_EQ(parameter_blocks(describe(net)), wanted);
  std::size_t total = 0;
  for (const auto& block : wanted) total += block.size();
  EXPECT_EQ(total, net.parameter_count());
}

}  // namespace
}  // namespace costate
