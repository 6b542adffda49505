#include <costate/ad/gradient.hpp>
#include <costate/methods/bs3.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/owren_zen3.hpp>
#include <costate/methods/owren_zen4.hpp>
#include <costate/methods/ralston.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/forward_sensitivity.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <initializer_list>

// An explicit method on a stiff equation: at steps that do not damp, the state is right to the tolerance and
// the derivative of the steps grows without a bound.
namespace costate {
namespace {

/// u' = −1000 p (u − cos t) in the direction of time that makes it stiff.
struct Relaxation {
  double sign = 1;
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    du[0] = -1000.0 * sign * p[0] * (u[0] - cos(t));
  }
};

/// du(t)/dp at p = 1 once the start is forgotten: u = (a² cos t + a sin t) / (a² + 1), a = 1000 p.
double relaxed(double t, double sign) {
  const double a = 1000 * sign, n = a * a + 1;
  return (2 * a * std::cos(t) / (n * n) + (1 - a * a) / (n * n) * std::sin(t)) * a;
}

template <class Method, class Sensitivity = DiscreteAdjoint>
void expect_right(const Method& method, std::initializer_list<double> tolerances,
                  const Sensitivity& sensitivity = {}, double sign = 1) {
  const double start = sign > 0 ? 0.0 : 5.0, end = 5.0 - start;
  const double t = sign > 0 ? 5.0 : 1.0;  // at t = 0 the derivative is as good as zero
  for (const double tolerance : tolerances) {
    const auto state = [&](const auto& p) {
      const ODEProblem problem(Relaxation{sign}, {1.0}, {start, sign > 0 ? end : 1.0}, p);
      return solve(problem, method, {.abstol = tolerance, .reltol = tolerance, .saveat = 5.0}, sensitivity)
          .back()[0];
    };
    const double exact = relaxed(t, sign), got = gradient(state, Vector{1.0})[0];
    EXPECT_NEAR(got, exact, 1e-2 * std::abs(exact)) << Method::name << ' ' << tolerance;
  }
}

}  // namespace

TEST(StiffGradients, AreRightForMethodsWithoutTwoStagesAtOneTime) {
  expect_right(BS3{}, {1e-3, 1e-6, 1e-8});
  expect_right(DP8{}, {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8});
  expect_right(OwrenZen3{}, {1e-3, 1e-4});
  expect_right(OwrenZen4{}, {1e-3, 1e-6, 1e-8});
  expect_right(Ralston{}, {1e-3});
  expect_right(Midpoint{}, {1e-3});
}
TEST(StiffGradients, AreRightForTaylor) {
  expect_right(Taylor{}, {1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10});
  expect_right(Taylor{.order = 6}, {1e-3, 1e-6});
  expect_right(Taylor{.order = 30}, {1e-4, 1e-12});
}
TEST(StiffGradients, AreRightForwards) {
  expect_right(DP8{}, {1e-4, 1e-6}, ForwardSensitivity{});
}
TEST(StiffGradients, AreRightBackInTime) {
  expect_right(DP8{}, {1e-4, 1e-6}, DiscreteAdjoint{}, -1);
  expect_right(Tsit5{}, {1e-6, 1e-7}, DiscreteAdjoint{}, -1);
}

}  // namespace costate
