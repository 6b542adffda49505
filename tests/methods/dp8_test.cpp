#include <costate/methods/dp8.hpp>

#include <cmath>
#include <contracts/explicit_method_contract.hpp>
#include <cstddef>
#include <functional>
#include <model_problems/lotka_volterra.hpp>
#include <model_problems/pendulum.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(DP8, ExplicitMethodContract, DP8);

namespace {

// The estimate of order 7 that two of orders 5 and 3 make: twice the step, 2⁸ times the error.
TEST(DP8, JudgesAStepByBothEstimates) {
  using Rhs = std::function<void(const double*, double, double*)>;
  const Rhs f = [](const double* u, double t, double* du) { du[0] = -2 * t * u[0] * u[0]; };
  const auto error_of = [&](double h) {
    detail::ExplicitRungeKutta<DP8, Rhs, double, 1> step(DP8{}, f, 1);
    double slot[16] = {0.8};
    step.restart(slot, 0.5);
    step.step(slot, 0.5, h);
    const double e =
        std::sqrt(step.error(slot, h, {.abstol = 1e-3, .reltol = 0.0, .abstols = {}, .reltols = {}}));
    double e5 = 0, e3 = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      e5 += h * DP8::tableau.e[i] * step.stage_slope(i)[0] / 1e-3;
      e3 += h * DP8::tableau.second_e[i] * step.stage_slope(i)[0] / 1e-3;
    }
    // slopes of common size cancel to 1e-10
    EXPECT_NEAR(e / (e5 * e5 / std::sqrt(e5 * e5 + 0.01 * e3 * e3)), 1.0, 1e-4);
    return e;
  };
  EXPECT_NEAR(std::log2(error_of(0.1) / error_of(0.05)), 8.0, 0.4);
  static_assert(detail::ExplicitRungeKutta<DP8, Rhs, double, 1>::error_order == 7);
}

TEST(DP8, FindsNoErrorInAStepThatHasNone) {
  const ErasedRhs constant{[](VectorView<double>& du, const VectorView<const double>&,
                              const VectorView<const double>&, const double&) { du[0] = 0.0; }};
  const auto solution =
      solve(ErasedProblem(constant, Vector<double>{1.0}, {0.0, 10.0}, Vector<double>()), DP8{});
  EXPECT_TRUE(solution.successful());
  EXPECT_EQ(solution.statistics().rejected_steps, 0u);
}

TEST(DP8, ReachesTwelveDigitsOfThePendulum) {
  using model_problems::Pendulum;
  const SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .tstops = {1.0, 5.0}};
  const auto solution = solve(erased<Pendulum>(), DP8{}, options);
  EXPECT_LT(model_problems::distance(solution(1.0), Pendulum::at_1), 1e-12);
  EXPECT_LT(model_problems::distance(solution(5.0), Pendulum::at_5), 3e-12);
  EXPECT_LT(model_problems::distance(solution.back(), Pendulum::end), 3e-12);
}

TEST(DP8, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  // twelve stages a step, of which the first belongs to the step before, and one more at the start
  (void)solve(problem, DP8{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 12);
  calls = 0;
  (void)solve(problem, DP8{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 12 + 100u * 4);
  calls = 0;
  (void)solve(problem, DP8{}, {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 12 + 2 * 4);
}

}  // namespace
}  // namespace costate
