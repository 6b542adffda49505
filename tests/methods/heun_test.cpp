#include <costate/methods/heun.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Heun, ExplicitMethodContract, Heun);
INSTANTIATE_TYPED_TEST_SUITE_P(Heun, ExplicitTableauContract, Heun);

namespace {

// SUNDIALS 7.5, ARKODE_HEUN_EULER_2_1_2; the last stage is the next step's first.
TEST(Heun, HasTheDigitsOfSundials) {
  expect_same<Heun>(SecondSource<3>{.a = {{{}, {1}, {1 / 2., 1 / 2.}}}, .b = {1 / 2., 1 / 2.}, .b_hat = {1}});
}

// Φ − 1/γ of the two trees of order 3: 1/2 − 1/3 over σ = 2, and −1/6.
TEST(Heun, HasTheErrorNormOfItsTwoTrees) {
  EXPECT_NEAR(std::sqrt(squared_error_norm(Heun::tableau, 3)), std::sqrt(5.0) / 12.0, 1e-15);
}

// |1 − z + z²/2| ≤ 1
TEST(Heun, IsStableUpToTwo) {
  EXPECT_NEAR(real_stability_interval<Heun>(), 2.0, 1e-9);
}

TEST(Heun, TakesTwoEvaluationsAStep) {
  std::size_t calls = 0;
  const auto solution =
      solve(erased<model_problems::LotkaVolterra>(&calls), Heun{}, {.dt = 0.01, .adaptive = false});
  EXPECT_EQ(solution.statistics().steps, 1000u);
  EXPECT_EQ(calls, 2001u);
}

}  // namespace
}  // namespace costate
