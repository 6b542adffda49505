#include <costate/core/linspace.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/vector.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace costate {
namespace {

std::string what_of(const SolveOptions& options, std::size_t n = 2, double t0 = 0, double t1 = 10,
                    bool has_estimate = true) {
  try {
    detail::validate(options, n, t0, t1, has_estimate);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "accepted";
}

std::vector<double> times(const SolveOptions& options, double t0 = 0, double t1 = 10) {
  detail::Buffer<double> kept;
  detail::resolve_save_times(options, t0, t1, kept);
  return {kept.begin(), kept.end()};
}
std::vector<double> stops(const SolveOptions& options, double t0 = 0, double t1 = 10) {
  detail::Buffer<double> kept;
  detail::resolve_stops(options, t0, t1, kept);
  return {kept.begin(), kept.end()};
}

TEST(SolveOptions, LeavesUnsetWhatDependsOnTheProblem) {
  const SolveOptions options;
  EXPECT_FALSE(options.abstol.is_set());
  EXPECT_FALSE(options.reltol.is_set());
  EXPECT_FALSE(options.dt.has_value());
  EXPECT_TRUE(options.adaptive);
  EXPECT_FALSE(options.dtmin.has_value());
  EXPECT_FALSE(options.dtmax.has_value());
  EXPECT_EQ(options.max_steps, 1'000'000u);
  EXPECT_FALSE(options.saveat.is_set());
  EXPECT_TRUE(options.tstops.empty());
  EXPECT_TRUE(options.dense);
  EXPECT_FALSE(options.save_everystep.has_value());
  EXPECT_FALSE(options.save_noise);
  EXPECT_EQ(what_of(options), "accepted");
}

TEST(SolveOptions, KeepsItsFieldsInOrder) {
  const SolveOptions options{.abstol = 1e-8,
                             .reltol = {1e-3, 1e-4},
                             .dt = 0.1,
                             .adaptive = false,
                             .dtmin = 1e-9,
                             .dtmax = 1,
                             .max_steps = 10,
                             .saveat = 0.5,
                             .tstops = {1.0, 2.0},
                             .dense = false,
                             .save_everystep = true,
                             .save_noise = false};
  EXPECT_EQ(what_of(options), "accepted");
  EXPECT_EQ(options.reltol.values()[1], 1e-4);
  EXPECT_EQ(options.abstol.value_or(0), 1e-8);
}

TEST(SaveAt, ASpacingSavesBothEnds) {
  EXPECT_EQ(times({.saveat = 4}), (std::vector<double>{0, 4, 8, 10}));
  EXPECT_EQ(times({.saveat = 20}), (std::vector<double>{0, 10}));
  EXPECT_EQ(times({.saveat = 4}, 10, 0), (std::vector<double>{10, 6, 2, 0}));
  EXPECT_EQ(times({.saveat = 0.1}).size(), 101u);
  EXPECT_EQ(times({.saveat = 0.1}).back(), 10.0);
  EXPECT_EQ(times({.saveat = 0.3}, 0, 0.9).size(), 4u);
  EXPECT_EQ(times({.saveat = 1e-3}, 0, 10).size(), 10001u);
  EXPECT_EQ(times({.saveat = 0.1}, 5, 5), (std::vector<double>{5}));
}

TEST(SaveAt, AListSavesExactlyTheList) {
  EXPECT_EQ(times({.saveat = {0.5, 2.5}}), (std::vector<double>{0.5, 2.5}));
  EXPECT_EQ(times({.saveat = {0.5}}), (std::vector<double>{0.5})) << "one number in braces is a list";
  EXPECT_EQ(times({.saveat = linspace(0, 10, 3)}), (std::vector<double>{0, 5, 10}));
  EXPECT_EQ(times({.saveat = Vector{1.0, 2.0}}), (std::vector<double>{1, 2}));
  EXPECT_TRUE(times({.saveat = std::vector<double>{}}).empty());
  EXPECT_TRUE((SolveOptions{.saveat = std::vector<double>{}}).saveat.is_set())
      << "nothing asked for is asked for";
}

TEST(TStops, AreSortedInTheDirectionOfTimeAndEndWithTheEnd) {
  EXPECT_EQ(stops({}), (std::vector<double>{10}));
  EXPECT_EQ(stops({.tstops = {7, 3, 7, 0, 10}}), (std::vector<double>{3, 7, 10}));
  EXPECT_EQ(stops({.tstops = {3, 7}}, 10, 0), (std::vector<double>{7, 3, 0}));
}

TEST(SolveOptions, RefusesWhatNoSolveCouldHonour) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(what_of({.abstol = -1e-6}), "SolveOptions.abstol: want a finite number >= 0, got -1e-06");
  EXPECT_EQ(what_of({.reltol = {1e-3, nan}}).substr(0, 53),
            "SolveOptions.reltol[1]: want a finite number >= 0, go");
  EXPECT_EQ(what_of({.abstol = {1e-3, 1e-3, 1e-3}}), "SolveOptions.abstol: want 2 numbers, got 3");
  EXPECT_EQ(what_of({.abstol = std::vector<double>{}}), "SolveOptions.abstol: want 2 numbers, got 0");
  const std::string both_zero = "SolveOptions.abstol: want abstol > 0 or reltol > 0";
  EXPECT_EQ(what_of({.abstol = 0, .reltol = 0}).substr(0, both_zero.size()), both_zero);
  EXPECT_EQ(what_of({.abstol = {1e-3, 0}, .reltol = 0}).substr(0, both_zero.size()), both_zero);
  EXPECT_EQ(what_of({.abstol = {1e-3, 0}, .reltol = {0, 1e-3}}), "accepted");
  EXPECT_EQ(what_of({.abstol = 0, .reltol = 1e-3}), "accepted");
  EXPECT_EQ(what_of({.dt = -0.1}),
            "SolveOptions.dt: want a finite number > 0 in either direction of time, got -0.1");
  EXPECT_EQ(what_of({.dt = infinity}),
            "SolveOptions.dt: want a finite number > 0 in either direction of time, got inf");
  EXPECT_EQ(what_of({.dtmin = 0}),
            "SolveOptions.dtmin: want a finite number > 0 in either direction of time, got 0");
  EXPECT_EQ(what_of({.dtmin = 2, .dtmax = 1}), "SolveOptions.dtmin: want dtmin <= dtmax = 1, got 2");
  EXPECT_EQ(what_of({.adaptive = false}), "SolveOptions.dt: want a step where adaptive = false, got none");
  EXPECT_EQ(what_of({}, 2, 0, 10, false),
            "SolveOptions.dt: want a step for a method that has no error estimate, got none");
  EXPECT_EQ(what_of({.max_steps = 0}), "SolveOptions.max_steps: want at least 1, got 0");
  EXPECT_EQ(what_of({.save_noise = true}),
            "SolveOptions.save_noise: want false for an equation without noise, got true");
  EXPECT_EQ(what_of({.saveat = -0.5}),
            "SolveOptions.saveat: want a finite spacing > 0 in either direction of time, got -0.5");
  EXPECT_EQ(what_of({.saveat = {1.0, 11.0}}), "SolveOptions.saveat[1]: want within the span [0, 10], got 11");
  EXPECT_EQ(
      what_of({.saveat = {2.0, 1.0}}),
      "SolveOptions.saveat[1]: want times sorted in the direction of integration, at or after 2, got 1");
  EXPECT_EQ(what_of({.saveat = {2.0, 1.0}}, 2, 10, 0), "accepted");
  EXPECT_EQ(what_of({.saveat = {nan}}).substr(0, 50), "SolveOptions.saveat[0]: want within the span [0, 1");
  EXPECT_EQ(what_of({.tstops = {5, -1}}), "SolveOptions.tstops[1]: want within the span [0, 10], got -1");
  EXPECT_EQ(what_of({}, 0), "ODEProblem: u0: want at least 1 number, got 0");
  EXPECT_EQ(what_of({}, 2, nan).substr(0, 43), "ODEProblem: tspan start: want a finite time");
  EXPECT_EQ(what_of({}, 2, 0, infinity), "ODEProblem: tspan end: want a finite time, got inf");
}

}  // namespace
}  // namespace costate
