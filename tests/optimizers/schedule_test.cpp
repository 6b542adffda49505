#include <costate/optimizers/schedule.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace costate {
namespace {

/// At steps 0, 1, 10, 29, 30, 31, 70, 99, 100 and 150.
void expect_rates(const Schedule& schedule, const std::vector<double>& wanted) {
  std::size_t k = 0;
  for (const std::uint64_t step : {0, 1, 10, 29, 30, 31, 70, 99, 100, 150}) {
    EXPECT_NEAR(schedule(step), wanted[k], 1e-14) << step;
    ++k;
  }
}

TEST(Schedule, IsANumber) {
  const Schedule rate = 0.25;
  EXPECT_EQ(rate(0), 0.25);
  EXPECT_EQ(rate(1'000'000'000'000), 0.25);
  EXPECT_EQ(rate.steps(), 0u);
  EXPECT_EQ(rate, Schedule(0.25));
}

// The numbers of these are those of optax 0.2.8's schedules in double precision.
TEST(Schedule, CosineIsThatOfOptax) {
  expect_rates(cosine_schedule(1, 100),
               {1, 0.9997532801828658, 0.9755282581475768, 0.8064535268264883, 0.7938926261462367,
                0.7810416889260654, 0.2061073738537635, 0.0002467198171342, 0, 0});
  expect_rates(cosine_schedule({.from = 1, .to = 0.1, .steps = 100}),
               {1, 0.9997779521645792, 0.9779754323328191, 0.8258081741438394, 0.814503363531613,
                0.8029375200334589, 0.2854966364683872, 0.1002220478354208, 0.1, 0.1});
}

TEST(Schedule, ExponentialIsThatOfOptax) {
  expect_rates(exponential_schedule({.from = 1, .to = 0.01, .steps = 100}),
               {1, 0.954992586021436, 0.6309573444801932, 0.2630267991895382, 0.251188643150958,
                0.239883291901949, 0.03981071705534973, 0.010471285480509, 0.01, 0.01});
}

TEST(Schedule, LinearIsThatOfOptax) {
  expect_rates(linear_schedule({.from = 0, .to = 1, .steps = 100}),
               {0, 0.01000000000000001, 0.09999999999999998, 0.29, 0.3, 0.3100000000000001, 0.7, 0.99, 1, 1});
}

TEST(Schedule, OneCycleIsThatOfOptax) {
  expect_rates(one_cycle_schedule(1, 100, {.final_divisor = 25 * 1e4}),
               {0.04000000000000004, 0.04262949022322882, 0.28, 0.9973705097767712, 1, 0.9994965352845243,
                0.3887419780637107, 0.0005074647154757879, 4e-06, 4e-06});
}

TEST(Schedule, WarmsUpWithoutARateOfZero) {
  const Schedule rate = warm_up(cosine_schedule(1, 10), 4);
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(rate(k), (k + 1) / 5.0, 1e-15);
  for (int k = 0; k < 12; ++k) EXPECT_EQ(rate(4 + k), cosine_schedule(1, 10)(k));
  EXPECT_EQ(warm_up(2.0, 4)(1000), 2);
}

TEST(Schedule, PiecesFollowOneAnother) {
  const Schedule rate =
      constant_schedule(1, 5).then(linear_schedule({.from = 4, .to = 2, .steps = 2})).then(0.5);
  const std::vector<double> wanted{1, 1, 1, 1, 1, 4, 3, 0.5, 0.5};
  for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_EQ(rate(k), wanted[k]);
  EXPECT_EQ(rate.steps(), 7u);
  EXPECT_EQ(rate.segments().size(), 2u);
  EXPECT_EQ(piecewise_constant_schedule({{1, 5}, {4, 2}}, 0.5),
            constant_schedule(1, 5).then(constant_schedule(4, 2)).then(0.5));
}

TEST(Schedule, RefusesWhatIsNoSchedule) {
  EXPECT_EQ(refusal_of([] { cosine_schedule(1, 0); }), "Schedule.steps: want a number >= 1, got 0");
  EXPECT_EQ(refusal_of([] { warm_up(1, 0); }), "Schedule.steps: want a number >= 1, got 0");
  EXPECT_EQ(refusal_of([] { exponential_schedule({.from = 1, .to = 0, .steps = 3}); }),
            "Schedule: want rates > 0 at both ends of an exponential, got 0");
  EXPECT_EQ(refusal_of([] { constant_schedule(std::numeric_limits<double>::quiet_NaN(), 3); }),
            "Schedule: want finite rates, got nan");
  EXPECT_EQ(refusal_of([] { one_cycle_schedule(1, 1); }),
            "one_cycle_schedule.steps: want a number >= 2, got 1");
  EXPECT_EQ(refusal_of([] { one_cycle_schedule(1, 10, {.rising = 1}); }),
            "OneCycle.rising: want a number in (0, 1), got 1");
  EXPECT_EQ(refusal_of([] { one_cycle_schedule(1, 10, {.start_divisor = 0}); }),
            "OneCycle.start_divisor: want a number > 0, got 0");
}

}  // namespace
}  // namespace costate
