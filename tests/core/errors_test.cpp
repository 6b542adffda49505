#include <costate/core/errors.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace costate::detail {
namespace {

TEST(Errors, NameTheFieldWhatWasWantedAndWhatWasGot) {
  EXPECT_EQ(refusal_of([] { reject("TrainOptions.max_iterations", "a number >= 1", "0"); }),
            "TrainOptions.max_iterations: want a number >= 1, got 0");
  EXPECT_EQ(refusal_of([] { reject("SolveOptions.dt", "a finite number > 0", -0.25); }),
            "SolveOptions.dt: want a finite number > 0, got -0.25");
  EXPECT_EQ(refusal_of([] { reject_size("u0", 3, 2); }), "u0: want 3 numbers, got 2");
}

TEST(Errors, WriteNumbersAsShortAsTheyAreExact) {
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(-3.0), "-3");
  EXPECT_EQ(to_text(1e-300), "1e-300");
  EXPECT_EQ(to_text(0.123456789), "0.123456789");
  EXPECT_EQ(to_text(std::nan("")).substr(to_text(std::nan("")).size() - 3), "nan");
  EXPECT_EQ(to_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(std::stod(to_text(0.1 + 0.2)), 0.1 + 0.2) << "two different numbers are never written alike";
}

}  // namespace
}  // namespace costate::detail
