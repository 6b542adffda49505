#include <costate/methods/vern6.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <model_problems/pendulum.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Vern6, ExplicitMethodContract, Vern6);

namespace {

// The rounded coefficients, of up to 176 in b and 208 in the main stages, hold the conditions of order 6 to
// 3e-11: more digits are not to be had in double.
TEST(Vern6, ReachesTenDigitsOfThePendulum) {
  using model_problems::Pendulum;
  const SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .tstops = {1.0, 5.0}};
  const auto solution = solve(erased<Pendulum>(), Vern6{}, options);
  EXPECT_LT(model_problems::distance(solution(1.0), Pendulum::at_1), 2e-11);
  EXPECT_LT(model_problems::distance(solution(5.0), Pendulum::at_5), 5e-11);
  EXPECT_LT(model_problems::distance(solution.back(), Pendulum::end), 1e-10);
}

TEST(Vern6, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  // eight stages a step, the last one taken over by the next, and one at the start
  (void)solve(problem, Vern6{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 8 + 1);
  calls = 0;
  (void)solve(problem, Vern6{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 8 + 1 + 100u * 3);
  calls = 0;
  (void)solve(problem, Vern6{}, {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 8 + 1 + 2 * 3);
}

}  // namespace
}  // namespace costate
