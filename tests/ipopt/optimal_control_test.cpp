#include <costate/ipopt/ipopt.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <gtest/gtest.h>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

const SolveOptions accurate{.abstol = 1e-10, .reltol = 1e-10};

TEST(IpoptControl, BringsACarToRestAtItsTarget) {
  // [control]
  // place, speed, and the effort ∫ a² dt, where the acceleration is a(t) = p₀ + p₁ t + p₂ t²
  const auto car = [](auto& du, const auto& u, const auto& p, auto t) {
    const auto a = p[0] + t * (p[1] + t * p[2]);
    du[0] = u[1];
    du[1] = a;
    du[2] = a * a;
  };
  const ODEProblem problem(car, {0.0, 0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0, 0.0});
  const auto drive = [&](const auto& p) { return solve(problem.with_p(p), Tsit5{}, accurate); };
  const auto effort = [&](const auto& p) { return drive(p).back()[2]; };
  const auto arrival = [&](const auto& p) {
    const auto end = drive(p).back();
    return Vector{end[0], end[1]};  // where it is, and how fast
  };
  const auto result = train(effort, problem.p(), Ipopt(arrival, {.lower = {1, 0}, .upper = {1, 0}}));
  // [/control]
  ASSERT_EQ(result.stop_reason, StopReason::converged) << report(result);
  const auto end = drive(result.minimizer).back();
  EXPECT_NEAR(end[0], 1, 1e-8);
  EXPECT_NEAR(end[1], 0, 1e-8);
  EXPECT_NEAR(result.minimum, 12, 1e-6);  // a = 6 − 12 t by the Euler–Lagrange equation a'' = 0
  EXPECT_NEAR(result.minimizer[0], 6, 1e-4);
  EXPECT_NEAR(result.minimizer[1], -12, 1e-3);
  EXPECT_NEAR(result.minimizer[2], 0, 1e-3);
  EXPECT_NEAR(result.multipliers[0], -24, 1e-4);  // effort 12 x² for the distance x
}

TEST(IpoptControl, KeepsASpeedLimitOnTheWay) {
  const auto car = [](auto& du, const auto& u, const auto& p, auto t) {
    const auto s = 2.0 * t - 1.0;
    const auto a = p[0] + s * (p[1] + s * (p[2] + s * (p[3] + s * (p[4] + s * p[5]))));
    du[0] = u[1];
    du[1] = a;
    du[2] = a * a;
  };
  const ODEProblem problem(car, {0.0, 0.0, 0.0}, {0.0, 1.0}, {1.0, 0.0, 0.0, 0.0, 0.0, 0.0});
  const auto effort = [&](const auto& p) { return solve(problem.with_p(p), Tsit5{}, accurate).back()[2]; };
  const auto speeds = [&](const auto& p) {
    auto options = accurate;
    options.saveat = 0.05;
    const auto way = solve(problem.with_p(p), Tsit5{}, options);
    Vector<scalar_of<std::remove_cvref_t<decltype(p)>>> c(22);
    c[0] = way.back()[0];
    for (std::size_t i = 0; i < 21; ++i) c[i + 1] = way[i][1];
    return c;
  };
  std::vector<double> lower(22, -INFINITY), upper(22, 1.25);
  lower[0] = upper[0] = 1;
  lower[21] = upper[21] = 0;
  const auto result = train(effort, problem.p(), Ipopt(speeds, {.lower = lower, .upper = upper}));
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  EXPECT_TRUE(result.feasible);
  for (std::size_t i = 1; i < 22; ++i) EXPECT_LE(result.constraints[i], 1.25 + 1e-6);
  // 8 V² / (3 s), s = 1.5 (1 − 1 / V), over all accelerations that keep the speed below V = 1.25 everywhere
  EXPECT_GT(result.minimum, 13.7);
  EXPECT_LT(result.minimum, 15);
}

TEST(IpoptControl, TurnsRoundWhereASolveFails) {
  // u(1) = 1 / (1 − p): no solution from p = 1 on
  const ODEProblem problem([](auto& du, const auto& u, const auto& p, auto) { du[0] = p[0] * u[0] * u[0]; },
                           {1.0}, {0.0, 1.0}, {0.0});
  std::size_t failed = 0;
  const auto end = [&](const auto& p) {
    if (plain(p[0]) >= 1) ++failed;
    return Vector{solve(problem.with_p(p), Tsit5{}, accurate).back()[0]};
  };
  const auto loss = [](const auto& p) { return (p[0] - 30.0) * (p[0] - 30.0); };
  const auto result = train(loss, problem.p(), Ipopt(end, {.upper = {4}}));
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  EXPECT_GT(failed, 0u);
  EXPECT_NEAR(result.minimizer[0], 0.75, 1e-7);
  EXPECT_NEAR(result.constraints[0], 4, 1e-6);
}

}  // namespace
}  // namespace costate
