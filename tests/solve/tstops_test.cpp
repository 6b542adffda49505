#include <costate/ad/gradient.hpp>
#include <costate/methods/bs3.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <model_problems/lotka_volterra.hpp>
#include <utility>
#include <vector>

namespace costate {
namespace {

using model_problems::distance;
using model_problems::LotkaVolterra;

ErasedProblem over(double t0, double t1) {
  return ErasedProblem(erased<LotkaVolterra>().with_tspan(TimeSpan{t0, t1}));
}
template <class Solution>
bool saved(const Solution& solution, double t) {
  return std::count(solution.t().begin(), solution.t().end(), t) == 1;
}

TEST(Tstops, AreEndsOfSteps) {
  const std::vector<double> stops = {0.1, 0.7, 1.0 / 3.0 * 6, 9.99};
  const auto solution = solve(over(0.0, 10.0), Tsit5{}, {.tstops = stops});
  for (const double t : stops) EXPECT_TRUE(saved(solution, t)) << t;
  const auto backwards = solve(over(1.0, 0.0), Tsit5{}, {.tstops = {0.1, 0.7}});
  for (const double t : {0.1, 0.7}) EXPECT_TRUE(saved(backwards, t)) << t;
  EXPECT_TRUE(std::is_sorted(backwards.t().rbegin(), backwards.t().rend()));
}

TEST(Tstops, MayBeUnsortedAndRepeated) {
  const auto sorted = solve(over(0.0, 10.0), Tsit5{}, {.tstops = {1.0, 2.0, 3.0}});
  const auto unsorted = solve(over(0.0, 10.0), Tsit5{}, {.tstops = {3.0, 1.0, 3.0, 2.0, 1.0}});
  EXPECT_EQ(unsorted.statistics().steps, sorted.statistics().steps);
  EXPECT_EQ(unsorted.back()[0], sorted.back()[0]);
}

TEST(Tstops, AtTheEndsOfTheSpanChangeNothing) {
  const auto none = solve(over(0.0, 10.0), Tsit5{});
  const auto ends = solve(over(0.0, 10.0), Tsit5{}, {.tstops = {10.0, 0.0}});
  EXPECT_EQ(ends.statistics().steps, none.statistics().steps);
  EXPECT_EQ(ends.back()[0], none.back()[0]);
  EXPECT_TRUE(solve(over(2.0, 2.0), Tsit5{}, {.tstops = {2.0}}).successful());
}

// t + (stop - t) is often not the stop. f sees times an ulp to either side of a stop, where it may jump, and
// no time across it in a step on this side; it sees nothing outside the span, where it may not be defined.
template <class Method>
void f_sees_one_side(double t0, double t1, const std::vector<double>& stops) {
  std::vector<double> seen;
  const auto f = [&](auto& du, const auto& u, const auto&, double t) {
    seen.push_back(t);
    du[0] = -u[0];
  };
  const SolveOptions options{.dt = 0.0517, .tstops = stops};
  ASSERT_TRUE(solve(ODEProblem(f, {1.0}, {t0, t1}), Method{}, options).successful());
  std::vector<double> all = stops;
  all.push_back(t1);
  const double direction = t1 > t0 ? 1 : -1;
  std::sort(all.begin(), all.end(), [&](double a, double b) { return (b - a) * direction > 0; });
  std::size_t passed = 0;
  for (const double t : seen) {
    EXPECT_TRUE(t >= std::min(t0, t1) && t <= std::max(t0, t1))
        << Method::name << " saw " << t << " outside the span";
    while (passed + 1 < all.size() && (t - all[passed]) * direction > 0) ++passed;
    EXPECT_TRUE(passed == 0 || (t - all[passed - 1]) * direction > 0)
        << Method::name << " saw " << t << " after the stop there";
    EXPECT_FALSE(t == all[passed] && passed + 1 < all.size())
        << Method::name << " saw the stop at " << t << " itself";
  }
}
TEST(Tstops, AreNotCrossedWithinAStep) {
  std::vector<double> stops;
  for (int i = 1; i < 290; ++i) stops.push_back(0.1 + i * 0.00317);
  for (const auto& [t0, t1] :
       {std::pair(0.1, 1.3), std::pair(1.1, 0.05), std::pair(-1.0, 1.3), std::pair(0.1, 1.0 / 0.97)}) {
    f_sees_one_side<Euler>(t0, t1, stops);
    f_sees_one_side<RK4>(t0, t1, stops);
    f_sees_one_side<BS3>(t0, t1, stops);
    f_sees_one_side<Tsit5>(t0, t1, stops);
    f_sees_one_side<Vern7>(t0, t1, stops);
  }
}

TEST(Tstops, LeaveTheSizeOfTheStepThatTheyCutShort) {
  const auto free = solve(erased<LotkaVolterra>(), Tsit5{});
  const auto stopped =
      solve(erased<LotkaVolterra>(), Tsit5{},
            {.tstops = {1.0, 1.0 + 1e-7, 2.0, 2.0 + 1e-7, 4.0, 4.0 + 1e-7, 6.0, 6.0 + 1e-7}});
  // a step of 1e-7 that grew by qmax at most would need six others to be as long as before
  EXPECT_LE(stopped.statistics().steps, free.statistics().steps + 2 * 8);
}

TEST(Tstops, DoNotAddAStepOfRounding) {
  for (const int n : {3, 10, 571, 1000, 30000, 100000}) {
    for (const auto& [t0, t1] :
         {std::pair(0.0, 1.0), std::pair(2.0, 0.5), std::pair(-1.0, 0.0), std::pair(1e6, 1e6 + 1)}) {
      const SolveOptions options{
          .dt = std::abs(t1 - t0) / n, .adaptive = false, .dense = false, .save_everystep = false};
      EXPECT_EQ(solve(over(t0, t1), Euler{}, options).statistics().steps, static_cast<std::size_t>(n))
          << t0 << " to " << t1;
    }
  }
  // the same with every step limited by dtmax, and with stops at multiples of the step
  std::vector<double> multiples;
  for (int i = 1; i < 100; ++i) multiples.push_back(0.1 * i);
  const auto stopped = solve(over(0.0, 10.0), RK4{}, {.dt = 0.1, .adaptive = false, .tstops = multiples});
  EXPECT_EQ(stopped.statistics().steps, 100u);
  const auto limited =
      solve(over(0.0, 10.0), Tsit5{}, {.abstol = 1.0, .reltol = 1.0, .dt = 0.01, .dtmax = 0.01});
  EXPECT_EQ(limited.statistics().steps, 1000u);
}

TEST(Tstops, DoNotShortenTheStepsAfterThem) {
  const auto none = solve(over(0.0, 10.0), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8});
  const auto stopped = solve(over(0.0, 10.0), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .tstops = {5.0}});
  EXPECT_LE(stopped.statistics().steps, none.statistics().steps + 2);
  // a stop just behind the start of a step
  const double close = none.t()[100] + 1e-12;
  const auto very_close =
      solve(over(0.0, 10.0), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .tstops = {close}});
  EXPECT_TRUE(saved(very_close, close));
  EXPECT_LE(very_close.statistics().steps, none.statistics().steps + 2);
}

// u' = 3t² u before 1 and −2t u after it, whatever side f takes at 1 itself: u(2) = e · e⁻³.
struct Switched {
  bool old_at_the_switch;
  template <class DU, class U, class P>
  void operator()(DU& du, const U& u, const P&, double t) const {
    const bool old = old_at_the_switch ? t <= 1.0 : t < 1.0;
    du[0] = old ? 3.0 * t * t * u[0] : -2.0 * t * u[0];
  }
  static double end() { return std::exp(1.0) * std::exp(1.0 - 4.0); }
};
template <class Method>
double switched_error(bool old_at_the_switch, int steps) {
  const ODEProblem problem(Switched{old_at_the_switch}, {1.0}, {0.0, 2.0});
  return std::abs(
      solve(problem, Method{}, {.dt = 2.0 / steps, .adaptive = false, .tstops = {1.0}}).back()[0] -
      Switched::end());
}
template <class Method>
void keeps_its_order() {
  for (const bool old_at_the_switch : {true, false}) {
    const double order = std::log2(switched_error<Method>(old_at_the_switch, 20) /
                                   switched_error<Method>(old_at_the_switch, 40));
    EXPECT_GT(order, Method::tableau.order - 0.4)
        << Method::name << (old_at_the_switch ? ", t <= 1" : ", t < 1");
  }
}
TEST(Tstops, KeepTheOrderAcrossADiscontinuityOfTheRightHandSide) {
  keeps_its_order<Euler>();
  keeps_its_order<RK4>();
  keeps_its_order<BS3>();
  keeps_its_order<DP5>();
  keeps_its_order<Tsit5>();
  keeps_its_order<Vern7>();
}

TEST(Tstops, LetAGradientSeeTheRightSide) {
  // u(2) = exp(p₀ + p₁), and the value of f at the switch itself must not be seen by the pullback either
  for (const bool old_at_the_switch : {true, false}) {
    const auto f = [=](auto& du, const auto& u, const auto& p, double t) {
      const bool old = old_at_the_switch ? t <= 1.0 : t < 1.0;
      du[0] = (old ? 3.0 * t * t * p[0] : 1.0 * p[1]) * u[0];
    };
    const auto loss = [&](const auto& p) {
      return solve(ODEProblem(f, {1.0}, {0.0, 2.0}, p), Tsit5{},
                   {.abstol = 1e-9, .reltol = 1e-9, .tstops = {1.0}})
          .back()[0];
    };
    const auto gradient_of_end = gradient(loss, Vector{0.5, -0.7});
    EXPECT_NEAR(gradient_of_end[0], std::exp(-0.2), 1e-7);
    EXPECT_NEAR(gradient_of_end[1], std::exp(-0.2), 1e-7);
    const auto short_way = [&](const auto& p) {
      return solve(ODEProblem(f, {1.0}, {0.0, 2.0}, p), Tsit5{},
                   {.abstol = 1e-9, .reltol = 1e-9, .tstops = {1.0}}, DiscreteAdjoint{.checkpoints = 2})
          .back()[0];
    };
    const auto with_checkpoints = gradient(short_way, Vector{0.5, -0.7});
    EXPECT_EQ(with_checkpoints[0], gradient_of_end[0]) << "bit for bit";
    EXPECT_EQ(with_checkpoints[1], gradient_of_end[1]) << "bit for bit";
  }
}

TEST(Tstops, SpareRejectionsAtADiscontinuity) {
  for (const bool old_at_the_switch : {true, false}) {
    const ODEProblem problem(Switched{old_at_the_switch}, {1.0}, {0.0, 2.0});
    const SolveOptions blind{.abstol = 1e-9, .reltol = 1e-9};
    SolveOptions told = blind;
    told.tstops = {1.0};
    const auto with_stop = solve(problem, Tsit5{}, told), without = solve(problem, Tsit5{}, blind);
    EXPECT_LT(with_stop.statistics().rhs_evaluations, without.statistics().rhs_evaluations);
    EXPECT_LT(with_stop.statistics().rejected_steps, without.statistics().rejected_steps);
    EXPECT_NEAR(with_stop.back()[0], Switched::end(), 3e-8);
  }
}

}  // namespace
}  // namespace costate
