#include <costate/control/with_control.hpp>
#include <costate/methods/dp5.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/arenstorf.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(DP5, ExplicitMethodContract, DP5);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), DP5{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(DP5, IsStableOnItsRealIntervalAndNotBeyond) {
  // 3.3066 in the tables of stability intervals
  for (double z = 0.01; z < 3.306; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(3.307)), 1.0);
}

// DOPRI5 on Arenstorf's orbit with rtol = atol = 1e-7: 1430 evaluations, 238 steps, 217 accepted, 21
// rejected. E. Hairer's Fortran code and its driver, as recorded by the russell project. The starting steps
// differ, and a controller needs powers to a per mille only.
TEST(DP5, TakesTheStepsOfDopri5OnArenstorfsOrbit) {
  using model_problems::Arenstorf;
  const PIController dopri5{
      .beta1 = 0.2 - 0.75 * 0.04, .beta2 = 0.04, .gamma = 0.9, .qmin = 0.2, .qmax = 10.0};
  std::size_t calls = 0;
  const auto solution =
      solve(erased<Arenstorf>(&calls), with_control(DP5{}, dopri5), {.abstol = 1e-7, .reltol = 1e-7});
  const auto& statistics = solution.statistics();
  EXPECT_EQ(statistics.method, "DP5");
  EXPECT_EQ(statistics.rhs_evaluations, calls);
  EXPECT_NEAR(static_cast<double>(calls), 1430, 0.05 * 1430);
  EXPECT_NEAR(static_cast<double>(statistics.steps), 217, 0.05 * 217);
  EXPECT_NEAR(static_cast<double>(statistics.steps + statistics.rejected_steps), 238, 0.05 * 238);
  // DOPRI5's own error there is 1.6e-3: the orbit passes the moon twice
  EXPECT_LT(model_problems::distance(solution.back(), Arenstorf::end), 1e-2);
}

}  // namespace
}  // namespace costate
