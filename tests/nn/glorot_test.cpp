#include <costate/nn/chain.hpp>
#include <costate/nn/glorot.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace costate {
namespace {

std::vector<double> weights(std::size_t in, std::size_t out, std::uint64_t seed, std::uint32_t layer) {
  std::vector<double> w(in * out);
  GlorotUniform{}(w.data(), in, out, seed, layer);
  return w;
}

TEST(GlorotUniform, IsUniformBetweenItsBounds) {
  for (const auto& [in, out] : {std::pair<std::size_t, std::size_t>{100, 200}, {300, 20}, {1, 5000}}) {
    const auto w = weights(in, out, 1, 0);
    const double bound = std::sqrt(6.0 / static_cast<double>(in + out)), n = static_cast<double>(w.size());
    double mean = 0, variance = 0, largest = 0;
    for (const double x : w) {
      mean += x / n, variance += x * x / n;
      largest = std::fmax(largest, std::abs(x));
    }
    EXPECT_LE(largest, bound);
    EXPECT_GT(largest, 0.99 * bound);
    EXPECT_NEAR(mean, 0, 5 * bound / std::sqrt(3 * n));
    // Glorot's aim: variance 2 / (in + out)
    EXPECT_NEAR(variance, 2.0 / static_cast<double>(in + out), 5 * bound * bound * std::sqrt(4.0 / 45 / n));
  }
}

TEST(GlorotUniform, IsAFunctionOfSeedAndLayer) {
  const auto w = weights(10, 10, 1, 0);
  EXPECT_EQ(weights(10, 10, 1, 0), w);
  EXPECT_NE(weights(10, 10, 2, 0), w);
  EXPECT_NE(weights(10, 10, 1, 1), w);
  const std::uint64_t far = std::uint64_t{1} << 40;
  EXPECT_NE(weights(10, 10, 1 + far, 0), w) << "the upper half of the seed counts";
}

TEST(GlorotUniform, DiffersBetweenTheLayersOfAChainAndNotBetweenPrecisions) {
  const Chain net{Dense<4, 4>{}, activation::tanh, Dense<4, 4>{}};
  const auto p = net.initial_parameters<double>(7);
  const auto pf = net.initial_parameters<float>(7);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NE(p[i], p[20 + i]);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(pf[i], static_cast<float>(p[i]));
  const auto again = net.initial_parameters<double>(7);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(again[i], p[i]);
}

}  // namespace
}  // namespace costate
