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
#include <limits>
#include <model_problems/lotka_volterra.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace costate {
namespace {

using model_problems::LotkaVolterra;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// u' = p u², u(0) = 1: 1 / (1 − p t), infinite at t = 1 / p.
const ErasedRhs square{[](VectorView<double>& du, const VectorView<const double>& u,
                          const VectorView<const double>& p, const double&) { du[0] = p[0] * u[0] * u[0]; }};
ErasedProblem explosion(double end, double p = 1.0, double u0 = 1.0) {
  return ErasedProblem(square, Vector<double>{u0}, {0.0, end}, Vector<double>{p});
}
template <class Visitor>
void for_each_adaptive_method(Visitor visit) {
  std::apply([&](const auto&... method) { (visit(method), ...); },
             std::tuple<BS3, DP5, Tsit5, Vern7, Vern9>());
}
template <class Solution>
bool is_missing(const Solution& solution, std::size_t i) {
  for (std::size_t j = 0; j < solution.state_size(); ++j)
    if (!std::isnan(solution[i][j])) return false;
  return true;
}

TEST(Failure, OfAStateThatBecomesInfiniteIsAStatus) {
  for_each_adaptive_method([](const auto& method) {
    const auto solution = solve(explosion(2.0), method, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.25});
    EXPECT_TRUE(solution.status() == Status::unstable || solution.status() == Status::dt_below_minimum)
        << method.name;
    EXPECT_FALSE(solution.successful());
    EXPECT_LT(solution.statistics().steps, 20000u) << "no endless tiny steps, " << method.name;
    ASSERT_EQ(solution.size(), 9u);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(solution[i][0], 1 / (1 - 0.25 * static_cast<double>(i)), 1e-5) << method.name;
    for (std::size_t i = 5; i < 9; ++i)
      EXPECT_TRUE(is_missing(solution, i)) << method.name << " at " << solution.t()[i];
    // the way there is a solution; beyond it nothing is known
    EXPECT_NEAR(solution(0.6)[0], 2.5, 1e-5);
    EXPECT_TRUE(std::isnan(solution(1.5)[0]));
  });
}

TEST(Failure, AtTheVeryEndIsNoSuccess) {
  for_each_adaptive_method([](const auto& method) {
    const auto solution = solve(explosion(1.0), method);
    EXPECT_TRUE(!solution.successful() || std::isfinite(solution.back()[0])) << method.name;
  });
  // the last step overflows although its stages do not
  const auto growth = [](auto& du, const auto&, const auto&, double) { du[0] = 1e308; };
  for (const double end : {1.9, 3.0}) {
    const auto solution = solve(ODEProblem(growth, {0.0}, {0.0, end}), Vern7{});
    EXPECT_EQ(solution.status(), Status::unstable) << end;
    const auto fixed = solve(ODEProblem(growth, {0.0}, {0.0, end}), RK4{}, {.dt = end});
    EXPECT_EQ(fixed.status(), Status::unstable) << end;
  }
}

TEST(Failure, OfFixedStepsIsAStatusToo) {
  for (const double dt : {0.1, 0.5}) {
    const auto euler = solve(explosion(20.0), Euler{}, {.dt = dt, .saveat = 1.0});
    EXPECT_EQ(euler.status(), Status::unstable);
    ASSERT_EQ(euler.size(), 21u);
    EXPECT_TRUE(is_missing(euler, 20));
    EXPECT_EQ(solve(explosion(20.0), Tsit5{}, {.dt = dt, .adaptive = false}).status(), Status::unstable);
  }
}

TEST(Failure, OfTheInitialValuesKeepsTheRequestedSize) {
  const auto nan_u0 = explosion(1.0, 1.0, nan), nan_p = explosion(1.0, nan),
             infinite = explosion(1.0, 1.0, infinity);
  for (const ErasedProblem& problem : {nan_u0, nan_p, infinite}) {
    const auto solution = solve(problem, Tsit5{}, {.saveat = 0.1});
    EXPECT_EQ(solution.status(), Status::initial_failure);
    ASSERT_EQ(solution.size(), 11u);
    for (std::size_t i = 1; i < 11; ++i) EXPECT_TRUE(is_missing(solution, i));
    EXPECT_EQ(solution.t()[10], 1.0);
    EXPECT_TRUE(std::isnan(solution(0.5)[0])) << "not the initial value";
    EXPECT_EQ(solve(problem, RK4{}, {.dt = 0.1}).status(), Status::initial_failure);
  }
  EXPECT_EQ(solve(explosion(1.0, nan), Tsit5{})(0.0)[0], 1.0) << "the initial value is known";
  EXPECT_EQ(solve(explosion(0.0, 1.0, nan), Tsit5{}).status(), Status::initial_failure)
      << "over no time at all";
  // a NaN that f does not read harms nobody
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  EXPECT_TRUE(solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, 1.0}, Vector<double>{nan}), Tsit5{})
                  .successful());
}

TEST(Failure, OfARightHandSideThatTurnsNaN) {
  const ErasedRhs broken{[](VectorView<double>& du, const VectorView<const double>&,
                            const VectorView<const double>&,
                            const double& t) { du[0] = t > 0.5 ? nan : 1.0; }};
  const ErasedProblem problem(broken, Vector<double>{0.0}, {0.0, 1.0}, Vector<double>());
  for_each_adaptive_method([&](const auto& method) {
    const auto solution = solve(problem, method, {.saveat = {0.25, 0.75, 1.0}});
    EXPECT_EQ(solution.status(), Status::unstable) << method.name;
    EXPECT_LT(solution.statistics().rejected_steps, 200u);
    EXPECT_NEAR(solution[0][0], 0.25, 1e-12);
    EXPECT_TRUE(is_missing(solution, 1));
    EXPECT_TRUE(is_missing(solution, 2));
  });
  EXPECT_EQ(solve(problem, RK4{}, {.dt = 0.1}).status(), Status::unstable);
  // at the last point of the span only: an FSAL method would evaluate it there, but needs it not
  const ErasedRhs late{[](VectorView<double>& du, const VectorView<const double>&,
                          const VectorView<const double>&,
                          const double& t) { du[0] = t >= 1.0 ? nan : 1.0; }};
  const ErasedProblem edge(late, Vector<double>{0.0}, {0.0, 1.0}, Vector<double>());
  EXPECT_NE(solve(edge, Tsit5{}).status(), Status::success) << "its error estimate reads f at the end";
}

TEST(Failure, GivesNaNAtTheEndOfTheSpanWhereEveryStepIsSaved) {
  const auto solution = solve(explosion(2.0), Tsit5{});
  ASSERT_FALSE(solution.successful());
  EXPECT_EQ(solution.t().back(), 2.0);
  EXPECT_TRUE(std::isnan(solution.back()[0])) << "a loss on the last state must not see an earlier one";
  EXPECT_EQ(solution.t()[0], 0.0);
  EXPECT_EQ(solution[0][0], 1.0);
  EXPECT_GT(solution[solution.size() - 2][0], 1.0) << "the way there is kept";
  const auto ends = solve(explosion(2.0), Tsit5{}, {.save_everystep = false});
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_TRUE(std::isnan(ends.back()[0]));
  const auto both = solve(explosion(2.0), Tsit5{}, {.saveat = {0.5, 1.5, 2.0}, .save_everystep = true});
  std::vector<double> missing;
  for (std::size_t i = 0; i < both.size(); ++i)
    if (is_missing(both, i)) missing.push_back(both.t()[i]);
  EXPECT_EQ(missing, (std::vector<double>{1.5, 2.0}));
}

TEST(Failure, InFloatIsAStatus) {
  const auto f = [](auto& du, const auto& u, const auto&, double) { du[0] = u[0] * u[0]; };
  const auto solution = solve(ODEProblem(f, {1.0f}, {0.0, 2.0}), Tsit5{}, {.saveat = 0.5});
  EXPECT_FALSE(solution.successful());
  ASSERT_EQ(solution.size(), 5u);
  EXPECT_NEAR(solution[1][0], 2.0f, 1e-2f);
  EXPECT_TRUE(is_missing(solution, 4));
}

TEST(Failure, HasAMessageThatSaysWhatToTry) {
  for (const Status status :
       {Status::max_steps_reached, Status::dt_below_minimum, Status::unstable, Status::initial_failure}) {
    EXPECT_GT(message(status).size(), 30u);
    EXPECT_FALSE(is_successful(status));
  }
  EXPECT_TRUE(is_successful(Status::success));
  EXPECT_TRUE(is_successful(Status::terminated));
}

struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(Failure, OfARightHandSideThatThrowsPassesTheExceptionThrough) {
  const auto wanted = solve(model_problems::problem<LotkaVolterra>(), Vern7{});
  for (const int limit : {1, 2, 3, 20, 77}) {
    int calls = 0;
    const auto throwing = [&](auto& du, const auto& u, const auto& p, double t) {
      if (++calls == limit) throw Refusal("call " + std::to_string(limit));
      LotkaVolterra::f(du, u, p, t);
    };
    const auto out_of_place = [&](const auto& u, const auto&, double) {
      Vector<double> du(u.size());  // memory of the thread's pool, given back while the exception passes
      if (++calls == 2 * limit) throw Refusal("call " + std::to_string(limit));
      return du;
    };
    const ODEProblem problem(throwing, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
    try {
      (void)solve(problem, Vern7{});
      FAIL() << "the exception was lost";
    } catch (const Refusal& refusal) {
      EXPECT_EQ(std::string(refusal.what()), "call " + std::to_string(limit));
    }
    EXPECT_THROW(solve(ODEProblem(out_of_place, {1.0, 1.0}, {0.0, 1e9}), Tsit5{}, {.dtmax = 1.0}), Refusal);
  }
  const auto again = solve(model_problems::problem<LotkaVolterra>(), Vern7{});
  EXPECT_EQ(again.statistics().rhs_evaluations, wanted.statistics().rhs_evaluations);
  EXPECT_EQ(again.back()[0], wanted.back()[0]) << "the thread goes on as if nothing had happened";
}

}  // namespace
}  // namespace costate
