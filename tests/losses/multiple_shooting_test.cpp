#include <costate/core/linspace.hpp>
#include <costate/losses/multiple_shooting.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/random/philox.hpp>
#include <costate/sensitivity/check_gradient.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>
#include <costate/training/train.hpp>

#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace costate {
namespace {

using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;

struct Predation {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = p[1] * u[0] * u[1] - u[1];
  }
};
const Vector truth{1.5, 0.9};
const ODEProblem problem(Predation{}, {1.0, 1.2}, {0.0, 8.0}, Vector{1.2, 0.7});
const SolveOptions precise{.abstol = 1e-9, .reltol = 1e-9, .saveat = linspace(0.0, 8.0, 17)};
const SolveOptions piece{.abstol = 1e-9, .reltol = 1e-9};
const auto observed = solve(problem.with_p(truth), Tsit5{}, precise);

struct Series {
  std::vector<double> t;
  Matrix<double> values;
};
Series series() {
  Series result{linspace(0.0, 8.0, 17), Matrix<double>(2, 17)};
  for (std::size_t i = 0; i < 17; ++i)
    for (std::size_t j = 0; j < 2; ++j) result.values(j, i) = observed[i][j];
  return result;
}
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST(MultipleShooting, CutsTheRecordAsTheAncestorDoes) {
  EXPECT_EQ(detail::group_ranges(10, 4), (Ranges{{0, 3}, {3, 6}, {6, 9}}));
  EXPECT_EQ(detail::group_ranges(10, 5), (Ranges{{0, 4}, {4, 8}, {8, 9}}));
  EXPECT_EQ(detail::group_ranges(10, 10), (Ranges{{0, 9}}));
  for (const std::size_t size : {1, 11})
    EXPECT_EQ(refusal_of([&] { detail::group_ranges(10, size); }),
              "multiple_shooting: group_size: want 2 to 10 points, got " + std::to_string(size));
}

TEST(MultipleShooting, InOnePieceIsTheUsualLoss) {
  const auto loss = multiple_shooting(problem, observed, Tsit5{}, {.group_size = 17, .solve = piece});
  const auto usual = squared_error(solve(problem, Tsit5{}, precise), observed);
  EXPECT_EQ(loss.pieces(), 1u);
  EXPECT_NEAR(loss(problem.p()), usual, 1e-12 * usual);
  const auto free = loss.with_free_states();
  EXPECT_NEAR(free(free.pack(problem.p())), usual, 1e-12 * usual);
}

TEST(MultipleShooting, IsTheSumOfItsPieces) {
  for (const Continuity continuity : {Continuity::squared, Continuity::absolute}) {
    const auto loss = multiple_shooting(problem, observed, Tsit5{},
                                        {.group_size = 7,
                                         .continuity_weight = 3,
                                         .continuity = continuity,
                                         .solve = piece,
                                         .weights = {1.0, 0.5}});
    double wanted = 0;
    const Ranges ranges{{0, 6}, {6, 12}, {12, 16}};
    for (const auto& [first, last] : ranges) {
      SolveOptions options = precise;
      const auto t = observed.t();
      options.saveat = std::vector<double>(t.begin() + long(first), t.begin() + long(last) + 1);
      const auto solution =
          solve(problem.with_u0(observed[first]).with_tspan({t[first], t[last]}), Tsit5{}, options);
      for (std::size_t i = first; i <= last; ++i)
        for (std::size_t j = 0; j < 2; ++j)
          wanted += (j == 0 ? 1 : 0.5) * std::pow(solution[i - first][j] - observed[i][j], 2);
      for (std::size_t j = 0; last < 16 && j < 2; ++j) {
        const double jump = std::abs(solution.back()[j] - observed[last][j]);
        wanted += 3 * (continuity == Continuity::squared ? jump * jump : jump);
      }
    }
    EXPECT_NEAR(loss(problem.p()), wanted, 1e-12 * wanted);
    const auto pieces = loss.solutions(problem.p());
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[1][0][1], observed[6][1]);
    EXPECT_EQ(pieces[1].t()[0], 3.0);
    EXPECT_EQ(pieces[1](3.7).size(), 2u);
    EXPECT_NEAR(loss(truth), 0, continuity == Continuity::squared ? 1e-14 : 1e-6);
  }
}

TEST(MultipleShooting, HasTheGradientOfDifferences) {
  for (const Continuity continuity : {Continuity::squared, Continuity::absolute}) {
    const auto loss = multiple_shooting(
        problem, observed, Tsit5{},
        {.group_size = 5, .continuity_weight = 20, .continuity = continuity, .solve = piece});
    EXPECT_LT(check_gradient(loss, problem.p()).max_relative_difference, 1e-7);
    const auto free = loss.with_free_states();
    auto at = free.pack(problem.p());
    for (std::size_t i = 0; i < at.size(); ++i) at[i] *= 1 + 0.1 * (uniform(1, 0, i) - 0.5);
    EXPECT_LT(check_gradient(free, at).max_relative_difference, 1e-6);
  }
}

TEST(MultipleShooting, WithFreeStatesCountsEachObservationOnce) {
  const auto free =
      multiple_shooting(problem, observed, Tsit5{}, {.group_size = 5, .continuity_weight = 0, .solve = piece})
          .with_free_states();
  auto x = free.pack(truth);
  EXPECT_EQ(free.state_numbers(), 8u);
  EXPECT_NEAR(free(x), 0, 1e-14);
  const auto states = free.states(x);
  EXPECT_EQ(states(1, 2), observed[8][1]);
  EXPECT_EQ(free.parameters(x)[1], truth[1]);
  // the record moved by 0.1: each of its 34 numbers misses by that, once
  auto moved = series();
  for (std::size_t k = 0; k < moved.values.size(); ++k) moved.values.data()[k] += 0.1;
  const auto away =
      multiple_shooting(problem, moved, Tsit5{}, {.group_size = 5, .continuity_weight = 0, .solve = piece})
          .with_free_states();
  EXPECT_NEAR(away(x), 34 * 0.01, 1e-8);
}

TEST(MultipleShooting, WithFreeStatesFindsParametersInNoise) {
  auto noisy = series();
  for (std::size_t k = 0; k < noisy.values.size(); ++k)
    noisy.values.data()[k] += 0.04 * (uniform(3, 0, k) - 0.5);
  const auto free =
      multiple_shooting(problem, noisy, Tsit5{}, {.group_size = 5, .solve = piece}).with_free_states();
  const auto found = train(free, free.pack(problem.p()), BFGS{}, {.max_iterations = 200, .progress = false});
  const auto p = free.parameters(found.minimizer);
  EXPECT_NEAR(p[0], truth[0], 0.02);
  EXPECT_NEAR(p[1], truth[1], 0.02);
  // the whole equation from the first state that was found: no jumps are left
  const auto states = free.states(found.minimizer);
  const auto whole = solve(problem.with_p(p).with_u0(states.column(0)), Tsit5{}, precise);
  EXPECT_LT(squared_error(whole, noisy.values), 34 * 0.02 * 0.02);
}

TEST(MultipleShooting, TakesMissingObservations) {
  auto gaps = series();
  gaps.values(0, 3) = nan;
  const MultipleShootingOptions skip{.group_size = 5, .solve = piece, .missing = Missing::skip};
  EXPECT_TRUE(
      std::isnan(multiple_shooting(problem, gaps, Tsit5{}, {.group_size = 5, .solve = piece})(truth)));
  EXPECT_NEAR(multiple_shooting(problem, gaps, Tsit5{}, skip)(truth), 0, 1e-14);
  // a piece cannot start where nobody looked, unless its state is found
  gaps.values(1, 4) = nan;
  EXPECT_EQ(refusal_of([&] { multiple_shooting(problem, gaps, Tsit5{}, skip); }),
            "multiple_shooting: observed: want a whole state where a piece begins (or free states), got nan "
            "at t = 2");
}

TEST(MultipleShooting, OfAPieceThatFailsIsInfinite) {
  const auto loss =
      multiple_shooting(problem, observed, Tsit5{}, {.group_size = 5, .solve = {.max_steps = 1}});
  const auto [value, g] = value_and_gradient(loss, problem.p());
  EXPECT_EQ(value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(g[0], 0);
  EXPECT_EQ(loss(problem.p()), std::numeric_limits<double>::infinity());
}

TEST(MultipleShooting, RefusesWhatDoesNotFit) {
  auto short_series = series();
  short_series.t.pop_back();
  EXPECT_EQ(refusal_of([&] { multiple_shooting(problem, short_series, Tsit5{}); }),
            "multiple_shooting: times: want 17 numbers, got 16");
  EXPECT_EQ(refusal_of([&] { multiple_shooting(problem, observed, Tsit5{}, {.group_size = 18}); }),
            "multiple_shooting: group_size: want 2 to 17 points, got 18");
  EXPECT_EQ(refusal_of([&] { multiple_shooting(problem, observed, Tsit5{}, {.continuity_weight = -1}); }),
            "multiple_shooting: continuity_weight: want a number >= 0, got -1");
  EXPECT_THROW(multiple_shooting(problem, observed, Tsit5{}, {.solve = {.saveat = 0.1}}),
               std::invalid_argument);
  EXPECT_THROW(multiple_shooting(problem, observed, Tsit5{}, {.weights = {1.0, 2.0, 3.0}}),
               std::invalid_argument);
  const Series three{linspace(0.0, 8.0, 17), Matrix<double>(3, 17)};
  EXPECT_EQ(refusal_of([&] { multiple_shooting(problem, three, Tsit5{}); }),
            "multiple_shooting: components of the observations: want 2 numbers, got 3");
}

TEST(MultipleShooting, WorksInSinglePrecision) {
  const ODEProblem single(Predation{}, {1.0f, 1.2f}, {0.0, 8.0}, Vector{1.2f, 0.7f});
  const auto loss = multiple_shooting(single, series(), Tsit5{}, {.group_size = 5});
  const auto [value, g] = value_and_gradient(loss, single.p());
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(value)>, float>);
  const auto [wanted, h] =
      value_and_gradient(multiple_shooting(problem, series(), Tsit5{}, {.group_size = 5}), problem.p());
  EXPECT_NEAR(value, wanted, 1e-4 * wanted);
  EXPECT_NEAR(g[0], h[0], 1e-3 * std::abs(h[0]));
}

}  // namespace costate
