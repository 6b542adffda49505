#include <costate/methods/bs3.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/vern9.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <model_problems/arenstorf.hpp>
#include <model_problems/brusselator.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <string>
#include <tuple>
#include <vector>

namespace costate {
namespace {

using model_problems::Arenstorf;
using model_problems::distance;
using model_problems::LotkaVolterra;

template <class Visitor>
void for_each_method(Visitor visit) {
  std::apply([&](const auto&... method) { (visit(method), ...); },
             std::tuple<Euler, RK4, BS3, DP5, Tsit5, Vern7, Vern9>());
}

TEST(Solve, CountsItsEvaluationsExactly) {
  for_each_method([](const auto& method) {
    constexpr bool adaptive = std::remove_cvref_t<decltype(method)>::tableau.embedded_order > 0;
    const std::vector<SolveOptions> ways = {
        {},
        {.dense = false},
        {.saveat = 0.37},
        {.saveat = 0.37, .dense = false},
        {.saveat = {0.1, 0.2, 5.0}, .dense = false},
        {.tstops = {0.3, 0.31, 9.999}},
        {.dt = 0.01},
        {.max_steps = 17},
        {.dense = false, .save_everystep = false},
    };
    std::size_t rejected = 0;
    for (SolveOptions options : ways) {
      if (!adaptive && !options.dt) options.dt = 0.05;
      std::size_t calls = 0;
      // the close passes by the moon make steps fail
      const auto problem = ErasedProblem(erased<Arenstorf>(&calls).with_tspan(TimeSpan{0.0, 10.0}));
      const auto solution = solve(problem, method, options);
      EXPECT_EQ(solution.statistics().rhs_evaluations, calls)
          << method.name << ", way " << &options - ways.data();
      EXPECT_EQ(solution.statistics().method, method.name);
      rejected += solution.statistics().rejected_steps;
      if (options.max_steps < 100) {
        EXPECT_EQ(solution.status(), Status::max_steps_reached);
        EXPECT_EQ(solution.statistics().steps + solution.statistics().rejected_steps, options.max_steps);
      }
    }
    EXPECT_EQ(rejected > 0, adaptive) << method.name << ": the count must be right with rejected steps";
  });
}

TEST(Solve, SaysWhatItDidInOneLine) {
  const auto solution = solve(erased<LotkaVolterra>(), Tsit5{});
  const std::string line = to_string(solution.statistics());
  for (const std::string part : {"Tsit5", " steps", " rejected", " right-hand sides"})
    EXPECT_NE(line.find(part), std::string::npos) << line;
}

TEST(Solve, ReachesTheEndWithSuccess) {
  for (const double end : {10.0, -1.0, 1e-300, 1e-9}) {
    const auto problem = ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{0.0, end}));
    const auto solution = solve(problem, Tsit5{});
    EXPECT_EQ(solution.status(), Status::success) << message(solution.status());
    EXPECT_TRUE(solution.successful());
    EXPECT_EQ(solution.t().front(), 0.0);
    EXPECT_EQ(solution.t().back(), end);
  }
}

TEST(Solve, ChoosesAMethodByRuleAndNamesIt) {
  const auto problem = erased<LotkaVolterra>();
  EXPECT_EQ(solve(problem).statistics().method, "Tsit5");
  EXPECT_EQ(solve(problem, {.reltol = 1e-6}).statistics().method, "Tsit5");
  EXPECT_EQ(solve(problem, {.reltol = 1e-7}).statistics().method, "Vern7");
  EXPECT_EQ(solve(problem, {.abstol = 1e-12}).statistics().method, "Tsit5");
  EXPECT_EQ(solve(problem, {.reltol = {1e-3, 1e-8}}).statistics().method, "Vern7");
}

TEST(Solve, ChoosesTaylorWhereFIsKnownShortAndSmooth) {
  const SolveOptions tight{.abstol = 1e-9, .reltol = 1e-9};
  const auto chosen = [&](const auto& f) {
    return solve(ODEProblem(f, {1.0, 0.5}, {0.0, 1.0}, {2.0}), tight).statistics().method;
  };
  const auto smooth = [](auto& du, const auto& u, const auto& p, const auto& t) {
    du[0] = p[0] * u[1] - costate::sin(t) * u[0];
    du[1] = -u[0] * u[0] / (1.0 + costate::exp(u[1]));
  };
  EXPECT_EQ(chosen(smooth), "Taylor");
  const auto kink = [](auto& du, const auto& u, const auto& p, auto) {
    du[0] = p[0] * u[1];
    du[1] = -costate::abs(u[0]);
  };
  EXPECT_EQ(chosen(kink), "Vern7");
  const auto ends = [](auto& du, const auto& u, const auto& p, auto) {
    du[0] = p[0] * u[1];
    du[1] = -costate::sqrt(u[0]);
  };
  EXPECT_EQ(chosen(ends), "Vern7");
  const auto branches = [](auto& du, const auto& u, const auto& p, auto) {
    du[0] = p[0] * u[1];
    du[1] = u[0] > 0 ? -u[0] : u[0];
  };
  EXPECT_EQ(chosen(branches), "Vern7");
  const double data = 3;
  EXPECT_EQ(chosen([data](auto& du, const auto& u, const auto&, auto) { du[0] = data, du[1] = u[0]; }),
            "Vern7");
}

TEST(Solve, TakesToleranceOfOneNumberAsThatOfEachComponent) {
  const auto problem = erased<model_problems::Brusselator>();
  const auto one = solve(problem, Tsit5{}, {.abstol = 1e-7, .reltol = 1e-5});
  const auto each = solve(problem, Tsit5{}, {.abstol = {1e-7, 1e-7}, .reltol = {1e-5, 1e-5}});
  const auto mixed = solve(problem, Tsit5{}, {.abstol = {1e-7, 1e-7}, .reltol = 1e-5});
  EXPECT_EQ(one.statistics().steps, each.statistics().steps);
  EXPECT_EQ(one.back()[0], each.back()[0]);
  EXPECT_EQ(one.back()[0], mixed.back()[0]);
  EXPECT_GT(solve(problem, Tsit5{}, {.abstol = {1e-7, 1e-12}, .reltol = {1e-5, 1e-10}}).statistics().steps,
            one.statistics().steps);
}

// The norm is a mean: the system written twice takes the same steps.
TEST(Solve, TakesTheSameStepsForTheSystemWrittenTwice) {
  const auto twice = [](auto& du, const auto& u, const auto& p, const auto&) {
    for (const std::size_t k : {0u, 2u}) {
      du[k] = p[0] * u[k] - p[1] * u[k] * u[k + 1];
      du[k + 1] = -p[2] * u[k + 1] + p[3] * u[k] * u[k + 1];
    }
  };
  const auto once = solve(erased<LotkaVolterra>(), Tsit5{});
  const auto solution =
      solve(ODEProblem(twice, {1.0, 1.0, 1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0}), Tsit5{});
  EXPECT_EQ(solution.statistics().steps, once.statistics().steps);
  EXPECT_NEAR(solution.back()[2], once.back()[0], 1e-12);
}

TEST(Solve, TakesAllFormsOfARightHandSide) {
  const auto wanted = solve(model_problems::problem<LotkaVolterra>(), Tsit5{}).back();
  const auto by_value = [](auto du, auto u, auto p, double) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  const auto out_of_place = [](const auto& u, const auto& p, double) {
    return Vector{p[0] * u[0] - p[1] * u[0] * u[1], -p[2] * u[1] + p[3] * u[0] * u[1]};
  };
  const auto run_time_sized = [](const auto& u, const auto& p, double) {
    Vector<double> du(2);
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
    return du;
  };
  const auto check = [&](const auto& f) {
    const auto solution = solve(ODEProblem(f, {1, 1}, {0, 10}, {1.5, 1.0, 3.0, 1.0}), Tsit5{});
    EXPECT_LT(distance(solution.back(), wanted), 1e-12);
  };
  check(by_value);
  check(out_of_place);
  check(run_time_sized);
}

TEST(Solve, SolvesWithoutParameters) {
  const auto decay = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = -u[0]; };
  const auto solution =
      solve(ODEProblem(decay, {1.0}, {0.0, 1.0}), Tsit5{}, {.abstol = 1e-10, .reltol = 1e-10});
  EXPECT_NEAR(solution.back()[0], std::exp(-1.0), 1e-9);
}

TEST(Solve, IsTheSameTwiceInARow) {
  const auto problem = erased<LotkaVolterra>();
  const auto first = solve(problem, Vern7{}), second = solve(problem, Vern7{});
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(distance(first[i], second[i]), 0.0);
}

}  // namespace
}  // namespace costate
