#include <costate/methods/vern7.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/pendulum.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Vern7, ExplicitMethodContract, Vern7);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), Vern7{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(Vern7, IsStableOnItsRealIntervalAndNotBeyond) {
  // 4.64, the bound of OrdinaryDiffEq.jl's test for stiffness
  for (double z = 0.01; z < 4.635; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(4.645)), 1.0);
}

TEST(Vern7, ReachesTwelveDigitsOfThePendulum) {
  using model_problems::Pendulum;
  const SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .tstops = {1.0, 5.0}};
  const auto solution = solve(erased<Pendulum>(), Vern7{}, options);
  EXPECT_LT(model_problems::distance(solution(1.0), Pendulum::at_1), 1e-12);
  EXPECT_LT(model_problems::distance(solution(5.0), Pendulum::at_5), 3e-12);
  EXPECT_LT(model_problems::distance(solution.back(), Pendulum::end), 3e-12);
}

TEST(Vern7, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  // ten stages a step, of which the first belongs to the step before, and one evaluation more at the start
  (void)solve(problem, Vern7{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 10);
  calls = 0;
  (void)solve(problem, Vern7{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 16);
  calls = 0;
  (void)solve(problem, Vern7{}, {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 10 + 2 * 6);
}

}  // namespace
}  // namespace costate
