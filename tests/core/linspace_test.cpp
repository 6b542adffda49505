#include <costate/core/linspace.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace costate {
namespace {

TEST(Linspace, IncludesBothEndsExactly) {
  for (const std::size_t count : {2u, 3u, 7u, 30u, 1000u}) {
    const auto t = linspace(0.1, 1.7, count);
    ASSERT_EQ(t.size(), count);
    EXPECT_EQ(t.front(), 0.1);
    EXPECT_EQ(t.back(), 1.7);
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_NEAR(t[i], 0.1 + 1.6 * static_cast<double>(i) / static_cast<double>(count - 1), 1e-15);
  }
}

TEST(Linspace, RunsInEitherDirectionAndStandsStill) {
  const auto down = linspace(2.0, -2.0, 5);
  EXPECT_EQ(down, (std::vector<double>{2, 1, 0, -1, -2}));
  EXPECT_EQ(linspace(3.0, 3.0, 3), (std::vector<double>{3, 3, 3}));
}

TEST(Linspace, WantsTwoNumbers) {
  try {
    linspace(0.0, 1.0, 1);
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "linspace: count: want at least 2, got 1");
  }
  EXPECT_THROW(linspace(0.0, 1.0, 0), std::invalid_argument);
}

}  // namespace
}  // namespace costate
