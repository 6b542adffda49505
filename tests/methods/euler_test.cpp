#include <costate/methods/euler.hpp>

#include <contracts/explicit_method_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Euler, ExplicitMethodContract, Euler);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), Euler{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(Euler, IsStableOnItsRealIntervalAndNotBeyond) {
  // 1 − z
  for (double z = 0.01; z < 2.0; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(2.001)), 1.0);
}

TEST(Euler, GivesBernoullisApproximationsOfE) {
  const ErasedRhs growth{[](VectorView<double>& du, const VectorView<const double>& u,
                            const VectorView<const double>&, const double&) { du[0] = u[0]; }};
  for (const int n : {1, 2, 10, 1000}) {
    const ErasedProblem problem(growth, Vector<double>{1.0}, {0.0, 1.0}, Vector<double>());
    const auto solution = solve(problem, Euler{}, {.dt = 1.0 / n});
    EXPECT_NEAR(solution.back()[0], std::pow(1.0 + 1.0 / n, n), 1e-12);  // the rounding of n factors
    EXPECT_EQ(solution.statistics().rhs_evaluations, static_cast<std::size_t>(n) + 1)
        << "one more for the slope at the end";
  }
}

}  // namespace
}  // namespace costate
