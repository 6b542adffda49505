#include <costate/core/linspace.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <model_problems/lotka_volterra.hpp>
#include <span>
#include <vector>

namespace costate {
namespace {

using model_problems::distance;
using model_problems::LotkaVolterra;

ErasedProblem over(double t0, double t1) {
  return ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{t0, t1}));
}
std::vector<double> times(std::span<const double> t) {
  return {t.begin(), t.end()};
}
std::vector<double> saved_times(double t0, double t1, const SaveAt& saveat) {
  const auto solution = solve(over(t0, t1), Tsit5{}, {.saveat = saveat});
  return times(solution.t());
}

TEST(SaveAt, WithASpacingSavesBothEndsAndTheMultiplesBetween) {
  const auto t = saved_times(0.0, 10.0, 0.1);
  ASSERT_EQ(t.size(), 101u);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(t[i], 0.1 * static_cast<double>(i));
  EXPECT_EQ(t.back(), 10.0);
  EXPECT_EQ(saved_times(0.0, 1.0, 0.3), (std::vector<double>{0.0, 0.3, 0.6, 0.3 * 3, 1.0}));
  EXPECT_EQ(saved_times(0.0, 1.0, 7.0), (std::vector<double>{0.0, 1.0}));
  EXPECT_EQ(saved_times(1.0, 0.0, 0.25), (std::vector<double>{1.0, 0.75, 0.5, 0.25, 0.0}));
  EXPECT_EQ(saved_times(2.0, 2.0, 0.1), (std::vector<double>{2.0}));
}

TEST(SaveAt, TakesALastMultipleWithinRoundingOfTheEndAsTheEnd) {
  // spans whose quotient by the spacing is not exactly a whole number
  for (const int n : {3, 7, 10, 49, 100, 333, 1000, 99999}) {
    for (const double end : {1.0, 0.7, 1e-3, 3e5}) {
      const double spacing = end / n;
      SolveOptions options{.saveat = spacing};
      detail::Buffer<double> t;
      detail::resolve_save_times(options, 0.0, end, t);
      EXPECT_EQ(t.size(), static_cast<std::size_t>(n) + 1) << n << " of " << spacing << " to " << end;
      detail::resolve_save_times(options, -5.0 * end, -4.0 * end, t);
      EXPECT_EQ(t.size(), static_cast<std::size_t>(n) + 1);
    }
  }
}

TEST(SaveAt, WithAListSavesExactlyTheList) {
  EXPECT_EQ(saved_times(0.0, 10.0, {0.5, 1.5, 9.0}), (std::vector<double>{0.5, 1.5, 9.0}));
  EXPECT_EQ(saved_times(0.0, 10.0, {0.0, 10.0}), (std::vector<double>{0.0, 10.0}));
  EXPECT_EQ(saved_times(10.0, 0.0, {9.0, 1.0}), (std::vector<double>{9.0, 1.0}));
  EXPECT_EQ(saved_times(0.0, 10.0, std::vector<double>{}), std::vector<double>{})
      << "an empty list saves nothing";
  EXPECT_EQ(saved_times(0.0, 10.0, Vector{1.0, 2.0}), (std::vector<double>{1.0, 2.0}));
  EXPECT_EQ(saved_times(0.0, 10.0, linspace(0.0, 10.0, 41)).size(), 41u);
  EXPECT_EQ(saved_times(3.0, 3.0, {3.0, 3.0}), (std::vector<double>{3.0, 3.0}));
}

TEST(SaveAt, SavesATimeAsOftenAsItIsListed) {
  const std::vector<double> twice = {0.0, 0.0, 2.5, 2.5, 2.5, 10.0, 10.0};
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{}, {.saveat = twice});
  ASSERT_EQ(times(solution.t()), twice);
  EXPECT_EQ(distance(solution[0], solution[1]), 0.0);
  EXPECT_EQ(distance(solution[2], solution[4]), 0.0);
  EXPECT_EQ(distance(solution[5], solution[6]), 0.0);
}

template <class Method>
void saving_changes_nothing(const Method& method, double t0, double t1) {
  const auto problem = over(t0, t1);
  const auto every_step = solve(problem, method);
  const double middle = (t0 + t1) / 2;
  for (const SolveOptions& options :
       {SolveOptions{.saveat = std::abs(t1 - t0) / 1000}, SolveOptions{.saveat = {middle}},
        SolveOptions{.saveat = {t1}}, SolveOptions{.saveat = 0.3, .dense = false},
        SolveOptions{.dense = false}, SolveOptions{.save_everystep = false},
        SolveOptions{.saveat = 0.3, .save_everystep = true}}) {
    const auto solution = solve(problem, method, options);
    EXPECT_EQ(solution.statistics().steps, every_step.statistics().steps) << method.name;
    EXPECT_EQ(solution.statistics().rejected_steps, every_step.statistics().rejected_steps);
    if (solution.t().back() != t1) continue;
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_EQ(solution.back()[i], every_step.back()[i]) << "bit for bit, " << method.name;
  }
}
TEST(SaveAt, NeverChangesTheSteps) {
  saving_changes_nothing(Tsit5{}, 0.0, 10.0);
  saving_changes_nothing(Vern7{}, 0.0, 10.0);
  saving_changes_nothing(Tsit5{}, 2.0, -1.0);
  saving_changes_nothing(Vern7{}, 2.0, -1.0);
}

TEST(SaveAt, ReadsTheInterpolantBetweenStepsAndTheStateAtTheirEnds) {
  const auto steps = solve(erased<LotkaVolterra>(), Tsit5{});
  std::vector<double> wanted = times(steps.t());
  for (std::size_t i = 0, n = wanted.size(); i + 1 < n; ++i)
    wanted.push_back((wanted[i] + wanted[i + 1]) / 2);
  std::sort(wanted.begin(), wanted.end());
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{}, {.saveat = wanted});
  ASSERT_EQ(solution.size(), 2 * steps.size() - 1);
  for (std::size_t i = 0; i < solution.size(); ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(distance(solution[i], steps[i / 2]), 0.0)
          << "a point on the end of a step is the state itself";
    } else {
      EXPECT_LT(distance(solution[i], steps(wanted[i])), 1e-14);
    }
  }
}

TEST(SaveAt, BesidesEveryStepAddsItsPointsOnce) {
  const auto steps = solve(erased<LotkaVolterra>(), Tsit5{});
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{},
                              {.saveat = {0.0, 0.5, steps.t()[5], 10.0}, .save_everystep = true});
  EXPECT_EQ(solution.size(), steps.size() + 1);
  EXPECT_TRUE(std::is_sorted(solution.t().begin(), solution.t().end()));
}

TEST(SaveAt, OfNothingButTheEnds) {
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{}, {.save_everystep = false});
  EXPECT_EQ(times(solution.t()), (std::vector<double>{0.0, 10.0}));
  EXPECT_EQ(distance(solution[0], LotkaVolterra::u0), 0.0);
  EXPECT_LT(distance(solution[1], LotkaVolterra::end), 0.1);
}

TEST(SaveAt, WorksInFloat) {
  const ODEProblem problem(LotkaVolterra::f, {1.0f, 1.0f}, {0.0f, 10.0f}, {1.5f, 1.0f, 3.0f, 1.0f});
  const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-5, .reltol = 1e-5, .saveat = 0.1f});
  ASSERT_TRUE(solution.successful());
  // 0.1f is 1.5e-9 above 0.1: the hundredth multiple lies beyond the end
  EXPECT_EQ(solution.size(), 101u);
  EXPECT_EQ(solution.t().back(), 10.0);
  EXPECT_LT(distance(solution.back(), LotkaVolterra::end), 1e-3);
}

}  // namespace
}  // namespace costate
