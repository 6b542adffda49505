#include <costate/methods/tsit5.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <model_problems/lorenz.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Tsit5, ExplicitMethodContract, Tsit5);

namespace {

/// y' = −y, y(0) = 1 in one step of z: the stability function at −z.
double stability_function(double z) {
  const ErasedRhs decay{[](VectorView<double>& du, const VectorView<const double>& u,
                           const VectorView<const double>&, const double&) { du[0] = -u[0]; }};
  return solve(ErasedProblem(decay, Vector<double>{1.0}, {0.0, z}, Vector<double>()), Tsit5{},
               {.dt = z, .adaptive = false})
      .back()[0];
}

TEST(Tsit5, IsStableOnItsRealIntervalAndNotBeyond) {
  // 3.5068, the bound of OrdinaryDiffEq.jl's test for stiffness
  for (double z = 0.01; z < 3.506; z += 0.01) EXPECT_LE(std::abs(stability_function(z)), 1.0) << z;
  EXPECT_GT(std::abs(stability_function(3.508)), 1.0);
}

// A program of its own, specialized to this problem and with OrdinaryDiffEq.jl's controller, takes 253 steps.
TEST(Tsit5, TakesTheStepsOfAHandWrittenTsit5OnLotkaVolterra) {
  using model_problems::LotkaVolterra;
  std::size_t calls = 0;
  const auto solution = solve(erased<LotkaVolterra>(&calls), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8});
  EXPECT_NEAR(static_cast<double>(solution.statistics().steps), 253, 2);
  EXPECT_EQ(solution.statistics().rejected_steps, 0u);
  EXPECT_EQ(calls, 2 + 6 * solution.statistics().steps) << "two for the starting step";
}

TEST(Tsit5, FollowsLorenzIntoChaos) {
  using model_problems::Lorenz;
  const auto problem = erased<Lorenz>();
  EXPECT_LT(model_problems::distance(solve(problem, Tsit5{}, {.abstol = 1e-12, .reltol = 1e-12}).back(),
                                     Lorenz::end),
            1e-6);
  const auto further = ErasedProblem(problem.with_tspan(TimeSpan{0.0, 20.0}));
  // errors grow by exp(0.9 · 20) = 7e7
  EXPECT_LT(model_problems::distance(solve(further, Tsit5{}, {.abstol = 1e-13, .reltol = 1e-13}).back(),
                                     Lorenz::at_20),
            1e-2);
}

}  // namespace
}  // namespace costate
