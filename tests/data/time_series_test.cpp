#include <costate/data/csv.hpp>
#include <costate/data/scaling.hpp>
#include <costate/data/time_series.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <gtest/gtest.h>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

using Column = std::vector<double>;

TimeSeries pelts() {
  return time_series(parse_csv("year,hare,lynx\n1900,30,4\n1901,,6.1\n1903,70.2,9.8\n1904,77.4,35.2\n"),
                     "year", {"lynx", "hare"});
}

void expect_same(const TimeSeries& a, const TimeSeries& b, double tolerance) {
  EXPECT_EQ(a.t, b.t);
  EXPECT_EQ(a.names, b.names);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t k = 0; k < a.values.size(); ++k) {
    const double x = a.values.data()[k], y = b.values.data()[k];
    EXPECT_EQ(std::isnan(x), std::isnan(y));
    if (std::isnan(x)) continue;
    EXPECT_NEAR(x, y, tolerance * std::abs(y));
  }
}

TEST(TimeSeries, HoldsChosenColumnsInTheirOrder) {
  const auto series = pelts();
  EXPECT_EQ(series.t, (Column{1900, 1901, 1903, 1904}));
  EXPECT_EQ(series.components(), 2u);
  EXPECT_EQ(series.values(0, 2), 9.8);
  EXPECT_EQ(series.values(1, 3), 77.4);
  EXPECT_EQ(series.component("lynx"), (Column{4, 6.1, 9.8, 35.2}));
  EXPECT_EQ(series.missing(), 1u);
  const auto mask = series.observed();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(mask(1, i), i == 1 ? 0 : 1);
  EXPECT_EQ(refusal_of([&] { series.component("fox"); }),
            "TimeSeries: component: want one of 'lynx', 'hare', got 'fox'");
}

TEST(TimeSeries, TimesMustIncrease) {
  const auto said = [](const char* text) {
    return refusal_of([&] { time_series(parse_csv(text), "t", {"x"}); });
  };
  EXPECT_EQ(said("t,x\n0,1\n2,1\n2,1\n"),
            "TimeSeries: column 't': want strictly increasing times, got 2 in row 1 and 2 in row 2");
  EXPECT_EQ(said("t,x\n3,1\n2,1\n"),
            "TimeSeries: column 't': want strictly increasing times, got 3 in row 0 and 2 in row 1");
  EXPECT_EQ(said("t,x\n0,1\n,1\n"), "TimeSeries: column 't': want finite times, got nan in row 1");
  EXPECT_EQ(refusal_of([] {
              time_series({0, 1}, {"x"}, Matrix<double>(2, 2));
            }),
            "TimeSeries: values: want 1 x 2 numbers, got 2 x 2 numbers");
}

TEST(TimeSeries, SplitsIntoTrainedAndForecast) {
  const auto [train, forecast] = split(pelts(), 1901);
  EXPECT_EQ(train.t, (Column{1900, 1901}));
  EXPECT_EQ(forecast.t, (Column{1903, 1904}));
  EXPECT_EQ(forecast.component("hare"), (Column{70.2, 77.4}));
  EXPECT_EQ(split(pelts(), 1902.5).train.size(), 2u);
  EXPECT_EQ(refusal_of([] { split(pelts(), 1899.0); }),
            "split: last time to train on: want at least 1900 and less than 1904, got 1899");
  EXPECT_EQ(refusal_of([] { split(pelts(), 1904); }),
            "split: last time to train on: want at least 1900 and less than 1904, got 1904");
  EXPECT_EQ(between(pelts(), 1901, 1903).t, (Column{1901, 1903}));
  EXPECT_EQ(between(pelts(), 1905, 1900).size(), 0u);
}

TEST(TimeSeries, IsWhatASolutionIsComparedWith) {
  const ODEProblem decay(
      [](auto& du, const auto& u, const auto& p, auto) {
        du[0] = -p[0] * u[0];
        du[1] = p[0] * u[0];
      },
      {2.0, 0.0}, {0.0, 3.0}, {0.5});
  const TimeSeries series = time_series({0, 1, 3}, {"a", "b"},
                                        Matrix<double>{{2, 2 * std::exp(-0.5), 2 * std::exp(-1.5)},
                                                       {0, 2 - 2 * std::exp(-0.5), 2 - 2 * std::exp(-1.5)}});
  const auto solution = solve(decay, Tsit5{}, {.abstol = 1e-9, .reltol = 1e-9, .saveat = series.t});
  EXPECT_LT(squared_error(solution, series.values), 1e-14);
  TimeSeries gap = series;
  gap.values(1, 2) = std::nan("");
  EXPECT_LT(squared_error(solution, gap.values, {.missing = Missing::skip}), 1e-14);
  gap.values(0, 2) += 0.5;
  EXPECT_NEAR(squared_error(solution, gap.values, {.missing = Missing::skip}), 0.25, 1e-7);
  const TimeSeries found = time_series(solution, {"a", "b"});
  EXPECT_EQ(found.t, series.t);
  EXPECT_EQ(found.component("b")[2], solution[2][1]);
  const Scaling scaling{{0, 1}, {1, 2}};
  EXPECT_EQ(scaling.undo(solution.component(1), 1)[2], 1 + 2 * solution[2][1]);
}

TEST(TimeSeries, IsATableAgain) {
  const Table table = to_table(pelts(), "year");
  EXPECT_EQ(table.names(), (std::vector<std::string>{"year", "lynx", "hare"}));
  expect_same(time_series(table, "year", {"lynx", "hare"}), pelts(), 0);
}

TEST(Scaling, IsUndone) {
  const auto series = pelts();
  for (const Scaling& scaling :
       {standardize(series), to_unit(series), logarithms({20, 30}), Scaling{{1, 2}, {-3, 4}}}) {
    const auto scaled = scaling.apply(series);
    EXPECT_EQ(scaled.missing(), 1u);
    expect_same(scaling.undo(scaled), series, 1e-14);
    EXPECT_EQ(scaling.undo(scaled.component(0), 0), scaling.undo(scaled).component(0));
    EXPECT_EQ(scaling.apply(9.8, 0), scaled.values(0, 2));
  }
}

TEST(Scaling, DoesWhatItsNameSays) {
  const auto series = pelts();
  const auto standard = standardize(series).apply(series);
  for (const auto& name : series.names) {
    double sum = 0, squares = 0, count = 0;
    for (const double x : standard.component(name)) {
      if (std::isnan(x)) continue;
      sum += x;
      squares += x * x;
      count += 1;
    }
    EXPECT_NEAR(sum, 0, 1e-14);
    EXPECT_NEAR(squares / count, 1, 1e-14);
  }
  const auto unit = to_unit(series).apply(series).component("hare");
  EXPECT_EQ(unit[0], 0);
  EXPECT_EQ(unit[3], 1);
  EXPECT_DOUBLE_EQ(logarithms({20, 30}).apply(series).values(1, 2), std::log(70.2 / 30));
}

TEST(Scaling, RefusesWhatItCannotScale) {
  const auto series = time_series({0, 1}, {"x", "y"}, Matrix<double>{{1, 1}, {0, 2}});
  EXPECT_EQ(refusal_of([&] { standardize(series); }),
            "Scaling: component 'x': want two different values, got only 1");
  EXPECT_EQ(refusal_of([&] {
              logarithms({1, 1}).apply(series);
            }),
            "Scaling: component 'y' at t = 0: want a positive value, to take its logarithm, got 0");
  EXPECT_EQ(refusal_of([&] { logarithms({1}).apply(series); }), "Scaling: series: want 1 components, got 2");
  EXPECT_EQ(refusal_of([] { logarithms({-1}); }), "logarithms: units: want positive numbers, got -1");
  EXPECT_EQ(refusal_of([&] {
              Scaling{{0, 0}, {1, 0}}.undo(series);
            }),
            "Scaling: scale: want numbers other than 0, got 0");
}

}  // namespace
}  // namespace costate
