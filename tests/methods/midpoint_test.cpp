#include <costate/methods/midpoint.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Midpoint, ExplicitMethodContract, Midpoint);
INSTANTIATE_TYPED_TEST_SUITE_P(Midpoint, ExplicitTableauContract, Midpoint);

namespace {

// SUNDIALS 7.5, ARKODE_EXPLICIT_MIDPOINT_EULER_2_1_2; the last stage is the next step's first.
TEST(Midpoint, HasTheDigitsOfSundials) {
  expect_same<Midpoint>(SecondSource<3>{.a = {{{}, {1 / 2.}, {0, 1}}}, .b = {0, 1}, .b_hat = {1}});
}

// Φ − 1/γ of the two trees of order 3: 1/4 − 1/3 over σ = 2, and −1/6.
TEST(Midpoint, HasTheErrorNormOfItsTwoTrees) {
  EXPECT_NEAR(std::sqrt(squared_error_norm(Midpoint::tableau, 3)), std::sqrt(17.0) / 24.0, 1e-15);
}

// |1 − z + z²/2| ≤ 1
TEST(Midpoint, IsStableUpToTwo) {
  EXPECT_NEAR(real_stability_interval<Midpoint>(), 2.0, 1e-9);
}

TEST(Midpoint, TakesTwoEvaluationsAStep) {
  std::size_t calls = 0;
  const auto solution =
      solve(erased<model_problems::LotkaVolterra>(&calls), Midpoint{}, {.dt = 0.01, .adaptive = false});
  EXPECT_EQ(solution.statistics().steps, 1000u);
  EXPECT_EQ(calls, 2001u);
}

}  // namespace
}  // namespace costate
