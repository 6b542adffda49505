#include <costate/methods/rk4.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/erased_problem.hpp>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/lotka_volterra.hpp>
#include <string>
#include <vector>

namespace costate {
namespace {

using model_problems::LotkaVolterra;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// What solve says to these options on [0, 10]; f must not have been called.
std::string refused(const SolveOptions& options) {
  std::size_t calls = 0;
  const std::string text = refusal_of([&] { (void)solve(erased<LotkaVolterra>(&calls), Tsit5{}, options); });
  EXPECT_EQ(calls == 0, text != "none") << "before any work: " << text;
  return text;
}
std::string backwards(const SolveOptions& options) {
  return refusal_of([&] {
    (void)solve(ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{10.0, 0.0})), Tsit5{}, options);
  });
}

TEST(BadInput, Tolerances) {
  EXPECT_EQ(refused({.abstol = -1e-6}), "SolveOptions.abstol: want a finite number >= 0, got -1e-06");
  EXPECT_EQ(refused({.reltol = -0.5}), "SolveOptions.reltol: want a finite number >= 0, got -0.5");
  EXPECT_EQ(refused({.abstol = nan}), "SolveOptions.abstol: want a finite number >= 0, got nan");
  EXPECT_EQ(refused({.reltol = infinity}), "SolveOptions.reltol: want a finite number >= 0, got inf");
  EXPECT_EQ(refused({.reltol = nan}), "SolveOptions.reltol: want a finite number >= 0, got nan");
  EXPECT_EQ(refused({.abstol = 0.0, .reltol = 0.0}),
            "SolveOptions.abstol: want abstol > 0 or reltol > 0 for each component, got both 0");
  EXPECT_EQ(refused({.abstol = 0.0}), "none");
  EXPECT_EQ(refused({.reltol = 0.0}), "none");
}

TEST(BadInput, TolerancesOfComponents) {
  EXPECT_EQ(refused({.abstol = {1e-6, 1e-6, 1e-6}}), "SolveOptions.abstol: want 2 numbers, got 3");
  EXPECT_EQ(refused({.reltol = {1e-6}}), "SolveOptions.reltol: want 2 numbers, got 1");
  EXPECT_EQ(refused({.reltol = std::vector<double>{}}), "SolveOptions.reltol: want 2 numbers, got 0");
  EXPECT_EQ(refused({.abstol = {1e-6, -1.0}}), "SolveOptions.abstol[1]: want a finite number >= 0, got -1");
  EXPECT_EQ(refused({.reltol = {nan, 1e-3}}), "SolveOptions.reltol[0]: want a finite number >= 0, got nan");
  const std::string both_zero =
      "SolveOptions.abstol: want abstol > 0 or reltol > 0 for each component, got both 0";
  EXPECT_EQ(refused({.abstol = {1e-6, 0.0}, .reltol = 0.0}), both_zero);
  EXPECT_EQ(refused({.abstol = {1e-6, 0.0}, .reltol = {0.0, 0.0}}), both_zero);
  EXPECT_EQ(refused({.abstol = 0.0, .reltol = {1e-3, 0.0}}), both_zero);
  EXPECT_EQ(refused({.abstol = {1e-6, 0.0}, .reltol = {0.0, 1e-3}}), "none");
}

TEST(BadInput, StepSizes) {
  const std::string wanted = ": want a finite number > 0 in either direction of time, got ";
  EXPECT_EQ(refused({.dt = 0.0}), "SolveOptions.dt" + wanted + "0");
  EXPECT_EQ(refused({.dt = -0.1}), "SolveOptions.dt" + wanted + "-0.1");
  EXPECT_EQ(refused({.dt = nan}), "SolveOptions.dt" + wanted + "nan");
  EXPECT_EQ(refused({.dt = infinity}), "SolveOptions.dt" + wanted + "inf");
  EXPECT_EQ(refused({.dtmin = -1e-3}), "SolveOptions.dtmin" + wanted + "-0.001");
  EXPECT_EQ(refused({.dtmin = nan}), "SolveOptions.dtmin" + wanted + "nan");
  EXPECT_EQ(refused({.dtmax = 0.0}), "SolveOptions.dtmax" + wanted + "0");
  EXPECT_EQ(refused({.dtmax = nan}), "SolveOptions.dtmax" + wanted + "nan");
  EXPECT_EQ(backwards({.dt = -0.1}), "SolveOptions.dt" + wanted + "-0.1");
  EXPECT_EQ(backwards({.dt = 0.1}), "none");
  EXPECT_EQ(refused({.dtmin = 0.2, .dtmax = 0.1}), "SolveOptions.dtmin: want dtmin <= dtmax = 0.1, got 0.2");
  EXPECT_EQ(refused({.dt = 0.1, .dtmin = 0.2}), "SolveOptions.dt: want dt >= dtmin = 0.2, got 0.1");
  EXPECT_EQ(refused({.dt = 0.3, .dtmax = 0.2}), "SolveOptions.dt: want dt <= dtmax = 0.2, got 0.3");
  EXPECT_EQ(refused({.dtmin = 0.1, .dtmax = 0.1}), "none") << "the step may be pinned";
}

TEST(BadInput, AStepThatIsMissing) {
  EXPECT_EQ(refused({.adaptive = false}), "SolveOptions.dt: want a step where adaptive = false, got none");
  EXPECT_EQ(refusal_of([] { (void)solve(erased<LotkaVolterra>(), RK4{}); }),
            "SolveOptions.dt: want a step for a method that has no error estimate, got none");
}

TEST(BadInput, MaxSteps) {
  EXPECT_EQ(refused({.max_steps = 0}), "SolveOptions.max_steps: want at least 1, got 0");
}

TEST(BadInput, Saveat) {
  const std::string spacing =
      "SolveOptions.saveat: want a finite spacing > 0 in either direction of time, got ";
  EXPECT_EQ(refused({.saveat = 0.0}), spacing + "0");
  EXPECT_EQ(refused({.saveat = -0.1}), spacing + "-0.1");
  EXPECT_EQ(refused({.saveat = nan}), spacing + "nan");
  EXPECT_EQ(refused({.saveat = infinity}), spacing + "inf");
  EXPECT_EQ(refused({.saveat = 1e-300}),
            "SolveOptions.saveat: want a spacing that gives fewer than 2e9 points, got 1e-300");
  EXPECT_EQ(refused({.saveat = 1e-9}),
            "SolveOptions.saveat: want a spacing that gives fewer than 2e9 points, got 1e-09");
  EXPECT_EQ(refused({.saveat = {1.0, 11.0}}), "SolveOptions.saveat[1]: want within the span [0, 10], got 11");
  EXPECT_EQ(refused({.saveat = {-0.5, 1.0}}),
            "SolveOptions.saveat[0]: want within the span [0, 10], got -0.5");
  EXPECT_EQ(refused({.saveat = {1.0, nan, 2.0}}),
            "SolveOptions.saveat[1]: want within the span [0, 10], got nan");
  EXPECT_EQ(refused({.saveat = {1.0, infinity}}),
            "SolveOptions.saveat[1]: want within the span [0, 10], got inf");
  EXPECT_EQ(
      refused({.saveat = {2.0, 1.0}}),
      "SolveOptions.saveat[1]: want times sorted in the direction of integration, at or after 2, got 1");
  EXPECT_EQ(
      backwards({.saveat = {1.0, 2.0}}),
      "SolveOptions.saveat[1]: want times sorted in the direction of integration, at or after 1, got 2");
  EXPECT_EQ(backwards({.saveat = {2.0, -1.0}}),
            "SolveOptions.saveat[1]: want within the span [10, 0], got -1");
  EXPECT_EQ(backwards({.saveat = {2.0, 1.0}}), "none");
}

TEST(BadInput, Tstops) {
  EXPECT_EQ(refused({.tstops = {1.0, 10.5}}),
            "SolveOptions.tstops[1]: want within the span [0, 10], got 10.5");
  EXPECT_EQ(refused({.tstops = {-1.0}}), "SolveOptions.tstops[0]: want within the span [0, 10], got -1");
  EXPECT_EQ(refused({.tstops = {1.0, 2.0, nan}}),
            "SolveOptions.tstops[2]: want within the span [0, 10], got nan");
  EXPECT_EQ(refused({.tstops = {infinity}}), "SolveOptions.tstops[0]: want within the span [0, 10], got inf");
  EXPECT_EQ(backwards({.tstops = {11.0}}), "SolveOptions.tstops[0]: want within the span [10, 0], got 11");
  EXPECT_EQ(refused({.tstops = {2.0, 1.0}}), "none");
}

TEST(BadInput, SaveNoise) {
  EXPECT_EQ(refused({.save_noise = true}),
            "SolveOptions.save_noise: want false for an equation without noise, got true");
}

TEST(BadInput, Tspan) {
  const auto over = [](double t0, double t1) {
    return refusal_of([&] {
      (void)solve(ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{t0, t1})), Tsit5{});
    });
  };
  EXPECT_EQ(over(0.0, infinity), "ODEProblem: tspan end: want a finite time, got inf");
  EXPECT_EQ(over(0.0, nan), "ODEProblem: tspan end: want a finite time, got nan");
  EXPECT_EQ(over(-infinity, 0.0), "ODEProblem: tspan start: want a finite time, got -inf");
  EXPECT_EQ(over(nan, 0.0), "ODEProblem: tspan start: want a finite time, got nan");
  EXPECT_EQ(over(-1e308, 1e308), "ODEProblem: tspan: want a finite length, got inf");
}

TEST(BadInput, U0) {
  const ErasedProblem empty(erased<LotkaVolterra>().f(), Vector<double>(), {0.0, 1.0}, Vector<double>());
  EXPECT_EQ(refusal_of([&] { (void)solve(empty, Tsit5{}); }),
            "ODEProblem: u0: want at least 1 number, got 0");
}

TEST(BadInput, AnOutOfPlaceRightHandSideOfTheWrongSize) {
  const auto f = [](const auto& u, const auto&, double t) {
    Vector<double> du(t < 0.5 ? u.size() : u.size() + 1);
    return du;
  };
  EXPECT_EQ(refusal_of([&] {
              (void)solve(ODEProblem(f, {1.0, 1.0}, {0.0, 1.0}), Tsit5{});
            }),
            "f(u, p, t): returned vector: want 2 numbers, got 3");
  const auto g = [](const auto& u, const auto&, double) { return Vector<double>(u.size() - 1); };
  EXPECT_EQ(refusal_of([&] {
              (void)solve(ODEProblem(g, {1.0, 1.0}, {0.0, 1.0}), Tsit5{});
            }),
            "f(u, p, t): returned vector: want 2 numbers, got 1");
}

}  // namespace
}  // namespace costate
