#include <costate/core/status.hpp>

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace costate {
namespace {

constexpr Status all[] = {Status::success,          Status::terminated, Status::max_steps_reached,
                          Status::dt_below_minimum, Status::unstable,   Status::initial_failure};

TEST(Status, HasASentenceEach) {
  std::set<std::string> sentences;
  for (const Status status : all) {
    const std::string text(message(status));
    EXPECT_EQ(text.back(), '.');
    EXPECT_GT(text.size(), 20u);
    EXPECT_TRUE(sentences.insert(text).second) << text;
  }
}

TEST(Status, SaysWhatToTry) {
  EXPECT_NE(message(Status::max_steps_reached).find("max_steps"), std::string_view::npos);
  EXPECT_NE(message(Status::dt_below_minimum).find("stiff"), std::string_view::npos);
  EXPECT_NE(message(Status::initial_failure).find("check the initial values"), std::string_view::npos);
}

TEST(Status, OnlyTheEndAndAnEventAreSuccessful) {
  for (const Status status : all)
    EXPECT_EQ(is_successful(status), status == Status::success || status == Status::terminated)
        << message(status);
  static_assert(is_successful(Status::terminated) && !is_successful(Status::unstable));
}

}  // namespace
}  // namespace costate
