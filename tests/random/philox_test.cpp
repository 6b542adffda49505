#include <costate/random/philox.hpp>

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace costate {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers for philox4x32 with 10 rounds in file kat_vectors of Random123, the authors' own library.
static_assert(philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST(Philox, GivesTheKnownAnswersAtRunTimeToo) {
  volatile std::uint32_t zero = 0;
  const std::uint32_t z = zero;
  EXPECT_EQ(philox4x32({z, z, z, z}, {z, z}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({z + 0x243f6a88, z + 0x85a308d3, z + 0x13198a2e, z + 0x03707344},
                       {z + 0xa4093822, z + 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, ChangesHalfTheBitsForOneBitOfCounterOrKey) {
  const auto flipped = [](const Words& a, const Words& b) {
    int bits = 0;
    for (int i = 0; i < 4; ++i)
      bits += __builtin_popcount(a[static_cast<std::size_t>(i)] ^ b[static_cast<std::size_t>(i)]);
    return bits;
  };
  const Words base = philox4x32({1, 2, 3, 4}, {5, 6});
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    for (std::size_t word = 0; word < 6; ++word) {
      std::array<std::uint32_t, 4> counter{1, 2, 3, 4};
      std::array<std::uint32_t, 2> key{5, 6};
      (word < 4 ? counter[word] : key[word - 4]) ^= std::uint32_t{1} << bit;
      const int bits = flipped(base, philox4x32(counter, key));
      EXPECT_GT(bits, 64 - 34) << word << " "
                               << bit;  // six standard deviations of a binomial with 128 trials
      EXPECT_LT(bits, 64 + 34) << word << " " << bit;
    }
  }
}

TEST(Uniform, IsMadeOfTheFirstTwoWords) {
  // words 0x6627e8d5, 0xe169c58d: their first 53 bits, in the middle of the cell
  constexpr std::uint64_t bits = 0x6627e8d5e169c58dull >> 11;
  EXPECT_EQ(uniform(0, 0, 0), (static_cast<double>(bits) + 0.5) * 0x1p-53);
}

TEST(Uniform, IsAPureFunctionOfSeedStreamAndIndex) {
  EXPECT_EQ(uniform(7, 2, 11), uniform(7, 2, 11));
  std::set<double> draws;
  const std::uint64_t large = std::uint64_t{1} << 32;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, large})
    for (const std::uint32_t stream : {0u, 1u, 0x80000000u})
      for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, large})
        draws.insert(uniform(seed, stream, index));
  EXPECT_EQ(draws.size(), 27u) << "the upper halves of seed and index count";
}

TEST(Uniform, IsNeverZeroNorOne) {
  constexpr std::uint64_t last = (std::uint64_t{1} << 53) - 1;
  EXPECT_GT(detail::in_open_unit_interval(0), 0.0);
  EXPECT_LT(detail::in_open_unit_interval(last), 1.0);
  EXPECT_LE(detail::in_open_unit_interval(last - 1), detail::in_open_unit_interval(last));
}

TEST(Uniform, StaysInsideAndHasTheRightMoments) {
  const std::size_t n = 100000;
  double sum = 0, squares = 0, lag = 0, previous = 0.5, low = 1, high = 0;
  std::vector<int> bins(100);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = uniform(3, 0, i);
    sum += x, squares += x * x, lag += (x - 0.5) * (previous - 0.5), previous = x;
    low = std::min(low, x), high = std::max(high, x);
    ++bins[static_cast<std::size_t>(x * 100)];
  }
  EXPECT_GT(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_LT(low, 1e-4);
  EXPECT_GT(high, 1 - 1e-4);
  const double count = static_cast<double>(n);
  EXPECT_NEAR(sum / count, 0.5, 5 / std::sqrt(12 * count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / count));
  EXPECT_NEAR(lag / count, 0, 5 / 12.0 / std::sqrt(count));
  double chi2 = 0;
  for (const int b : bins) chi2 += (b - count / 100) * (b - count / 100) / (count / 100);
  EXPECT_GT(chi2, 99 - 6 * std::sqrt(2 * 99.0));
  EXPECT_LT(chi2, 99 + 6 * std::sqrt(2 * 99.0));
}

}  // namespace
}  // namespace costate
