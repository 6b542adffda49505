#include <costate/methods/rk4.hpp>

#include <contracts/explicit_method_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(RK4, ExplicitMethodContract, RK4);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), RK4{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(RK4, IsStableOnItsRealIntervalAndNotBeyond) {
  // |1 − z + z²/2 − z³/6 + z⁴/24| = 1 at z = 2.785293563405282
  for (double z = 0.01; z < 2.7852; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(2.7854)), 1.0);
}

TEST(RK4, HasTheStabilityFunctionOfTheExponentialSeries) {
  EXPECT_NEAR(stability_function(1.0), 1.0 - 1.0 + 1.0 / 2 - 1.0 / 6 + 1.0 / 24, 1e-15);
}

TEST(RK4, IsSimpsonsRuleForAQuadrature) {
  const ErasedRhs exponential{[](VectorView<double>& du, const VectorView<const double>&,
                                 const VectorView<const double>&, const double& t) { du[0] = std::exp(t); }};
  const ErasedProblem problem(exponential, Vector<double>{0.0}, {0.0, 1.0}, Vector<double>());
  EXPECT_NEAR(solve(problem, RK4{}, {.dt = 1.0}).back()[0], (1.0 + 4.0 * std::exp(0.5) + std::exp(1.0)) / 6.0,
              1e-15);
}

}  // namespace
}  // namespace costate
