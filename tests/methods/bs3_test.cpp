#include <costate/methods/bs3.hpp>

#include <contracts/explicit_method_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(BS3, ExplicitMethodContract, BS3);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), BS3{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(BS3, IsStableOnItsRealIntervalAndNotBeyond) {
  // |1 − z + z²/2 − z³/6| = 1 at z = 2.512745, as for every method of order 3 in three stages
  for (double z = 0.01; z < 2.5127; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(2.5128)), 1.0);
}

TEST(BS3, TakesThreeEvaluationsAStep) {
  std::size_t calls = 0;
  const auto solution =
      solve(erased<model_problems::LotkaVolterra>(&calls), BS3{}, {.dt = 0.01, .adaptive = false});
  EXPECT_EQ(solution.statistics().steps, 1000u);
  EXPECT_EQ(calls, 3001u);
}

}  // namespace
}  // namespace costate
