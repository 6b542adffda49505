#include <costate/control/i_controller.hpp>
#include <costate/control/with_control.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/erased_problem.hpp>
#include <gtest/gtest.h>
#include <model_problems/lotka_volterra.hpp>

namespace costate {
namespace {

using model_problems::LotkaVolterra;

// The method with a controller is a method like the one it wraps.
using WithI = WithControl<Tsit5, IController>;
static_assert(ODEMethod<WithI> && ExplicitRungeKuttaMethod<WithI>);
static_assert(ODEMethod<WithControl<WithI, PIController>>);

TEST(WithControl, ChangesTheStepsAndNotTheMethod) {
  const SolveOptions options{.abstol = 1e-7, .reltol = 1e-7};
  const auto by_default = solve(erased<LotkaVolterra>(), Tsit5{}, options);
  const auto by_integral = solve(erased<LotkaVolterra>(), with_control(Tsit5{}, IController{}), options);
  EXPECT_EQ(by_integral.statistics().method, "Tsit5");
  EXPECT_NE(by_integral.statistics().steps, by_default.statistics().steps);
  EXPECT_LT(model_problems::distance(by_integral.back(), LotkaVolterra::end), 40e-7);
}

TEST(WithControl, ChangesNothingWithTheMethodsOwnController) {
  const auto by_default = solve(erased<LotkaVolterra>(), Tsit5{});
  const auto given = solve(erased<LotkaVolterra>(), with_control(Tsit5{}, Tsit5::controller));
  EXPECT_EQ(given.statistics().rhs_evaluations, by_default.statistics().rhs_evaluations);
  EXPECT_EQ(given.back()[0], by_default.back()[0]);
}

TEST(WithControl, ReplacesAControllerThatWasGivenBefore) {
  const auto once = solve(erased<LotkaVolterra>(), with_control(Tsit5{}, IController{.gamma = 0.5}));
  const auto twice = solve(erased<LotkaVolterra>(),
                           with_control(with_control(Tsit5{}, IController{}), IController{.gamma = 0.5}));
  EXPECT_EQ(once.statistics().steps, twice.statistics().steps);
  EXPECT_GT(once.statistics().steps,
            solve(erased<LotkaVolterra>(), with_control(Tsit5{}, IController{})).statistics().steps);
}

TEST(WithControl, TakesAFixedFactorAtItsWord) {
  // growth bounded by 1: the first step is the longest
  const auto solution =
      solve(erased<LotkaVolterra>(), with_control(Tsit5{}, IController{.qmax = 1.0}), {.dt = 0.01});
  EXPECT_EQ(solution.statistics().first_dt, 0.01);
  EXPECT_GE(solution.statistics().steps, 995u);
}

}  // namespace
}  // namespace costate
