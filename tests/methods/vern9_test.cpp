#include <costate/methods/vern9.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/arenstorf.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Vern9, ExplicitMethodContract, Vern9);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), Vern9{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(Vern9, IsStableOnItsRealIntervalAndNotBeyond) {
  // 4.4762, the bound of OrdinaryDiffEq.jl's test for stiffness
  for (double z = 0.01; z < 4.475; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(4.477)), 1.0);
}

TEST(Vern9, ClosesArenstorfsOrbit) {
  using model_problems::Arenstorf;
  const auto solution =
      solve(erased<Arenstorf>(), Vern9{}, {.abstol = 1e-13, .reltol = 1e-13, .saveat = {1.0}});
  EXPECT_LT(model_problems::distance(solution[0], Arenstorf::at_1), 1e-11);
  const auto period = solve(erased<Arenstorf>(), Vern9{}, {.abstol = 1e-13, .reltol = 1e-13});
  // the two passes by the moon magnify an error by 1e5
  EXPECT_LT(model_problems::distance(period.back(), Arenstorf::end), 1e-8);
}

}  // namespace
}  // namespace costate
