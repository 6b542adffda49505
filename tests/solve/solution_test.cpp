#include <costate/solve/solution.hpp>
#include <costate/solve/solve.hpp>

#include <concepts>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <model_problems/lotka_volterra.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {
namespace {

using model_problems::distance;
using model_problems::LotkaVolterra;

// An lvalue shows its own memory, a temporary gives copies: nothing dangles.
using S = Solution<double, 2>;
template <class X>
using Value = std::remove_cvref_t<X>;
static_assert(std::same_as<decltype(std::declval<const S&>()[0]), VectorView<const double, 2>>);
static_assert(std::same_as<decltype(std::declval<S>()[0]), Vector<double, 2>>);
static_assert(std::same_as<decltype(std::declval<const S&>().back()), VectorView<const double, 2>>);
static_assert(std::same_as<decltype(std::declval<S>().back()), Vector<double, 2>>);
static_assert(std::same_as<decltype(std::declval<const S&>().t()), std::span<const double>>);
static_assert(std::same_as<decltype(std::declval<S>().t()), std::vector<double>>);
static_assert(std::same_as<decltype(std::declval<S>().values()), Vector<double>>);
static_assert(std::same_as<decltype(std::declval<const S&>()(0.5)), Vector<double, 2>>);
static_assert(std::same_as<decltype(std::declval<S>().component(0)), Vector<double>>);
static_assert(std::same_as<Value<decltype(std::declval<S>().events())>, std::vector<EventRecord<double, 2>>>);
static_assert(!std::is_reference_v<decltype(std::declval<S>().events())>);
static_assert(std::copyable<S> && std::default_initializable<S>);
static_assert(
    std::same_as<decltype(std::declval<const Solution<float, dynamic>&>()[0]), VectorView<const float>>);
static_assert(AnySolution<S> && !AnySolution<int>);

TEST(Solution, GivesStatesTimesAndComponents) {
  const auto solution = solve(model_problems::problem<LotkaVolterra>(), Tsit5{}, {.saveat = 0.5});
  ASSERT_EQ(solution.size(), 21u);
  EXPECT_EQ(solution.state_size(), 2u);
  EXPECT_EQ(solution.t().size(), 21u);
  EXPECT_EQ(solution.values().size(), 42u);
  const auto hares = solution.component(0), lynxes = solution.component(1);
  ASSERT_EQ(hares.size(), 21u);
  for (std::size_t i = 0; i < 21; ++i) {
    EXPECT_EQ(hares[i], solution[i][0]);
    EXPECT_EQ(lynxes[i], solution[i][1]);
    EXPECT_EQ(solution.values()[2 * i + 1], solution[i][1]);
  }
  EXPECT_EQ(solution.back()[0], hares[20]);
  EXPECT_TRUE(solution.events().empty());
}

TEST(Solution, RefusesAComponentThatItHasNot) {
  const auto solution = solve(model_problems::problem<LotkaVolterra>(), Tsit5{});
  try {
    (void)solution.component(2);
    FAIL() << "component 2 of 2 was given";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()), "Solution::component: want an index below 2, got 2");
  }
}

TEST(Solution, OfATemporaryGivesTheSameNumbers) {
  const auto problem = erased<LotkaVolterra>();
  const auto solution = solve(problem, Tsit5{}, {.saveat = 1.0});
  EXPECT_EQ(distance(solve(problem, Tsit5{}, {.saveat = 1.0}).back(), solution.back()), 0.0);
  EXPECT_EQ(distance(solve(problem, Tsit5{}, {.saveat = 1.0})[3], solution[3]), 0.0);
  EXPECT_EQ(distance(solve(problem, Tsit5{}, {.saveat = 1.0})(3.3), solution(3.3)), 0.0);
  EXPECT_EQ(solve(problem, Tsit5{}, {.saveat = 1.0}).t()[4], 4.0);
  EXPECT_EQ(solve(problem, Tsit5{}, {.saveat = 1.0}).component(1)[2], solution[2][1]);
  EXPECT_EQ(solve(problem, Tsit5{}, {.saveat = 1.0}).values()[6], solution[3][0]);
}

TEST(Solution, IsAValue) {
  const auto problem = erased<LotkaVolterra>();
  auto solution = solve(problem, Tsit5{}, {.saveat = 1.0});
  const auto copy = solution;
  const double kept = copy[5][0];
  solution = solve(problem, Vern7{}, {.reltol = 1e-9, .saveat = 0.5});
  EXPECT_EQ(copy[5][0], kept);
  EXPECT_EQ(copy.size(), 11u);
  EXPECT_EQ(copy.statistics().method, "Tsit5");
  EXPECT_EQ(solution.size(), 21u);
  const auto moved = std::move(solution);
  EXPECT_EQ(moved.size(), 21u);
  EXPECT_NEAR(moved(2.5)[0], copy(2.5)[0], 0.1);
}

}  // namespace
}  // namespace costate
