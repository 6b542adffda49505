#include <costate/ad/gradient.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/split.hpp>

#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <string>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

TEST(Split, GivesConsecutiveViews) {
  const Vector<double> p{1, 2, 3, 4, 5, 6, 7};
  const auto [a, b, c] = split(p, 2, Dense<1, 2>{}, 1);
  EXPECT_EQ(a.size(), 2u);
  EXPECT_EQ(b.size(), 4u);
  EXPECT_EQ(c.size(), 1u);
  EXPECT_EQ(a.data(), p.data());
  EXPECT_EQ(b[0], 3);
  EXPECT_EQ(c[0], 7);
  const auto [whole] = split(p, 7u);
  EXPECT_EQ(whole.back(), 7);
  const auto [nothing, all] = split(p, 0, 7);
  EXPECT_EQ(nothing.size(), 0u);
  EXPECT_EQ(all.size(), 7u);
}

TEST(Split, TakesEveryKindOfVector) {
  const std::vector<double> numbers{1, 2, 3};
  EXPECT_EQ(std::get<1>(split(numbers, 1, 2))[1], 3);
  const Vector fixed{1.0, 2.0, 3.0};
  EXPECT_EQ(std::get<1>(split(fixed, 1, 2))[0], 2);
  EXPECT_EQ(std::get<0>(split(fixed.view(), 1, 2))[0], 1);
}

template <class V>
concept CanBeSplit = requires(V&& v) {
  split(std::forward<V>(v), 1);
};
static_assert(CanBeSplit<Vector<double>&> && CanBeSplit<const std::vector<double>&> &&
              CanBeSplit<VectorView<double>>);
static_assert(!CanBeSplit<Vector<double>> && !CanBeSplit<const Vector<double>> &&
                  !CanBeSplit<std::vector<float>>,
              "the views would outlive their numbers");

TEST(Split, WantsPartsThatUseUpTheVector) {
  const Vector<double> p(5);
  EXPECT_EQ(refusal_of([&] { split(p, 2, 2); }), "split: the sizes of the parts: want a sum of 5, got 4");
  EXPECT_EQ(refusal_of([&] { split(p, 2, Dense<1, 2>{}); }),
            "split: the sizes of the parts: want a sum of 5, got 6");
  EXPECT_EQ(refusal_of([&] { split(p, -1, 6); }), "split: part: want a count >= 0, got -1");
}

TEST(Split, PassesGradientsThrough) {
  const Vector<double> p{1, 2, 3, 4, 5, 6};
  const Dense<1, 2> layer;
  const auto g = gradient(
      [&](const auto& q) {
        const auto [weights, scale] = split(q, layer, 2);
        return scale[0] * scale[1] * dot(layer(Vector{10.0}, weights), Vector{1.0, -1.0});
      },
      p);
  // y = [1·10 + 3, 2·10 + 4], loss = p₄ p₅ (y₀ − y₁)
  const double expected[] = {300, -300, 30, -30, 6 * (13 - 24), 5 * (13 - 24)};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_DOUBLE_EQ(g[i], expected[i]) << i;
}

TEST(Concatenate, JoinsWhatSplitParted) {
  const Vector<double> p{1, 2, 3};
  const auto [a, b] = split(p, 1, 2);
  const auto joined = concatenate(a, b);
  static_assert(std::is_same_v<decltype(joined), const Vector<double>>);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(joined[i], p[i]);
  EXPECT_EQ(concatenate(p, Vector{4.0}, std::vector{5.0, 6.0}).size(), 6u);
  EXPECT_EQ(concatenate(Vector<double>(), p)[2], 3);
}

TEST(Concatenate, TakesBracesAndCommonScalars) {
  const Vector<float> p{1, 2};
  const auto with_double = concatenate(p, {0.1, 0.2});
  static_assert(std::is_same_v<decltype(with_double), const Vector<double>>);
  EXPECT_EQ(with_double[3], 0.2);
  const auto with_integers = concatenate(p, {3, 4});
  EXPECT_EQ(with_integers[3], 4);
  EXPECT_EQ(concatenate({9.0}, p)[0], 9);
}

TEST(Concatenate, PassesGradientsThrough) {
  const auto [value, da, db] = value_and_gradient(
      [](const auto& a, const auto& b) {
        const auto joined = concatenate(a, Vector{10.0}, b);
        auto total = 0.0 * joined[0];
        for (std::size_t i = 0; i < joined.size(); ++i) total = total + double(i + 1) * joined[i] * joined[i];
        return total;
      },
      Vector{1.0, 2.0}, std::vector{3.0});
  EXPECT_EQ(value, 1 + 2 * 4 + 3 * 100 + 4 * 9);
  EXPECT_EQ(da[0], 2);
  EXPECT_EQ(da[1], 8);
  EXPECT_EQ(db[0], 24);
}

}  // namespace
}  // namespace costate
