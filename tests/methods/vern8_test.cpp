#include <costate/methods/vern8.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/lotka_volterra.hpp>
#include <model_problems/pendulum.hpp>

namespace costate {

// At 1e-3 the estimate of order 7 lets the first steps out of the pericenter grow so that the body is lost.
template <>
inline constexpr double loosest_tolerance<Vern8> = 1e-4;

INSTANTIATE_TYPED_TEST_SUITE_P(Vern8, ExplicitMethodContract, Vern8);

namespace {

TEST(Vern8, ReachesTwelveDigitsOfThePendulum) {
  using model_problems::Pendulum;
  const SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .tstops = {1.0, 5.0}};
  const auto solution = solve(erased<Pendulum>(), Vern8{}, options);
  EXPECT_LT(model_problems::distance(solution(1.0), Pendulum::at_1), 1e-12);
  EXPECT_LT(model_problems::distance(solution(5.0), Pendulum::at_5), 3e-12);
  EXPECT_LT(model_problems::distance(solution.back(), Pendulum::end), 3e-12);
}

TEST(Vern8, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  // thirteen stages a step, of which the first belongs to the step before, and one more at the start
  (void)solve(problem, Vern8{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 13);
  calls = 0;
  (void)solve(problem, Vern8{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 13 + 100u * 8);
  calls = 0;
  (void)solve(problem, Vern8{}, {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 13 + 2 * 8);
}

}  // namespace
}  // namespace costate
