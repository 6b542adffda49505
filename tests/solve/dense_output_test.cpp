#include <costate/methods/bs3.hpp>
#include <costate/methods/vern9.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_problem.hpp>
#include <contracts/refusal.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/chirped_oscillator.hpp>
#include <stdexcept>
#include <string>

namespace costate {
namespace {

using model_problems::ChirpedOscillator;
using model_problems::distance;

ErasedProblem over(double t0, double t1) {
  return ErasedProblem(erased<ChirpedOscillator>().f(), Vector<double>(ChirpedOscillator::exact(t0)),
                       {t0, t1}, Vector<double>());
}
template <class Method>
void follows_the_solution(double t0, double t1) {
  const auto solution = solve(over(t0, t1), Method{}, {.abstol = 1e-8, .reltol = 1e-8});
  for (int i = 0; i <= 1000; ++i) {
    const double t = i == 1000 ? t1 : t0 + (t1 - t0) * i / 1000;
    EXPECT_LT(distance(solution(t), ChirpedOscillator::exact(t)), 1e-6) << Method::name << " at " << t;
  }
}
TEST(DenseOutput, FollowsTheSolutionEverywhere) {
  follows_the_solution<BS3>(0.0, 3.0);
  follows_the_solution<Tsit5>(0.0, 3.0);
  follows_the_solution<Vern7>(0.0, 3.0);
  follows_the_solution<Vern9>(0.0, 3.0);
  follows_the_solution<Tsit5>(3.0, 2.0);
  follows_the_solution<Vern7>(3.0, 2.0);
  follows_the_solution<Tsit5>(-1.0, 0.5);
}

template <class Method>
void meets_saved_points(double rounding) {
  const auto solution = solve(over(0.0, 3.0), Method{}, {.abstol = 1e-8, .reltol = 1e-8});
  for (std::size_t i = 0; i < solution.size(); ++i) {
    const double t = solution.t()[i];
    EXPECT_LT(distance(solution(t), solution[i]), rounding);
    EXPECT_LT(distance(solution(std::nextafter(t, 0.0)), solution[i]), rounding) << "from the left";
  }
  const auto saved = solve(over(0.0, 3.0), Method{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.07});
  for (std::size_t i = 0; i < saved.size(); ++i) EXPECT_LT(distance(saved(saved.t()[i]), saved[i]), rounding);
}
TEST(DenseOutput, MeetsTheSavedPointsUpToRounding) {
  meets_saved_points<BS3>(1e-14);
  meets_saved_points<Tsit5>(1e-14);
  meets_saved_points<Vern7>(1e-12);  // weights of 1e2 and, for Vern9, 1e4 that cancel
  meets_saved_points<Vern9>(1e-11);
}

TEST(DenseOutput, IsAnErrorOutsideTheSpan) {
  const auto forwards = solve(over(0.0, 3.0), Tsit5{});
  const auto backwards = solve(over(3.0, 1.0), Tsit5{});
  for (const double t : {-1e-9, 3.0000001, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(forwards(t), std::invalid_argument) << t;
    EXPECT_THROW(backwards(t), std::invalid_argument) << t;
  }
  EXPECT_EQ(refusal_of([&] { forwards(3.5); }), "Solution(t): t: want a time within [0, 3], got 3.5");
  EXPECT_EQ(refusal_of([&] { backwards(0.5); }), "Solution(t): t: want a time within [3, 1], got 0.5");
}

TEST(DenseOutput, IsAnErrorWhereItWasNotKept) {
  for (const SolveOptions& options :
       {SolveOptions{.dense = false}, SolveOptions{.saveat = 0.1, .dense = false}}) {
    const auto solution = solve(over(0.0, 3.0), Tsit5{}, options);
    EXPECT_EQ(refusal_of([&] { solution(1.0); }),
              "Solution(t): want a solve with SolveOptions.dense = true, got dense = false");
    EXPECT_THROW(solution(0.0), std::invalid_argument) << "at saved points too: one rule";
  }
}

TEST(DenseOutput, SurvivesTheEndOfItsProblem) {
  const auto solution = [] { return solve(over(0.0, 1.0), Vern7{}, {.abstol = 1e-9, .reltol = 1e-9}); }();
  EXPECT_LT(distance(solution(0.5), ChirpedOscillator::exact(0.5)), 1e-7);
  const auto copy = solution;
  EXPECT_EQ(distance(copy(0.5), solution(0.5)), 0.0);
}

TEST(DenseOutput, IsContinuousInFloat) {
  const ODEProblem problem(ChirpedOscillator::f, {0.5f, 0.0f}, {0.0f, 2.0f});
  const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-5, .reltol = 1e-5});
  for (int i = 0; i <= 100; ++i)
    EXPECT_LT(distance(solution(0.02 * i < 2 ? 0.02 * i : 2.0), ChirpedOscillator::exact(0.02 * i)), 1e-4);
}

TEST(DenseOutput, OfATimeBeyondTheReachOfAFailedSolveIsNaN) {
  // u' = u^2, u(0) = 1: 1 / (1 - t)
  const ErasedRhs square{[](VectorView<double>& du, const VectorView<const double>& u,
                            const VectorView<const double>&, const double&) { du[0] = u[0] * u[0]; }};
  const auto solution =
      solve(ErasedProblem(square, Vector<double>{1.0}, {0.0, 2.0}, Vector<double>()), Tsit5{});
  ASSERT_FALSE(solution.successful());
  EXPECT_NEAR(solution(0.5)[0], 2.0, 1e-2);
  // the numerical solution blows up an error's width from 1
  for (const double t : {1.01, 1.5, 2.0})
    EXPECT_TRUE(std::isnan(solution(t)[0])) << t << ": " << solution(t)[0];
}

}  // namespace
}  // namespace costate
