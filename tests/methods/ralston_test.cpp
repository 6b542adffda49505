#include <costate/methods/heun.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/ralston.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

// its quadrature is Radau's of two points
template <>
inline constexpr int first_power_missed<Ralston> = 3;

INSTANTIATE_TYPED_TEST_SUITE_P(Ralston, ExplicitMethodContract, Ralston);
INSTANTIATE_TYPED_TEST_SUITE_P(Ralston, ExplicitTableauContract, Ralston);

namespace {

// SUNDIALS 7.5, ARKODE_RALSTON_EULER_2_1_2; the last stage is the next step's first.
TEST(Ralston, HasTheDigitsOfSundials) {
  expect_same<Ralston>(
      SecondSource<3>{.a = {{{}, {2 / 3.}, {1 / 4., 3 / 4.}}}, .b = {1 / 4., 3 / 4.}, .b_hat = {1}});
}

// What no method of two stages avoids is the 1/6 of the tall tree; Ralston's node makes the other vanish.
TEST(Ralston, HasTheSmallestErrorOfTwoStages) {
  EXPECT_NEAR(std::sqrt(squared_error_norm(Ralston::tableau, 3)), 1.0 / 6.0, 1e-15);
  EXPECT_LT(squared_error_norm(Ralston::tableau, 3), squared_error_norm(Midpoint::tableau, 3));
  EXPECT_LT(squared_error_norm(Ralston::tableau, 3), squared_error_norm(Heun::tableau, 3));
}

// |1 − z + z²/2| ≤ 1
TEST(Ralston, IsStableUpToTwo) {
  EXPECT_NEAR(real_stability_interval<Ralston>(), 2.0, 1e-9);
}

TEST(Ralston, TakesTwoEvaluationsAStep) {
  std::size_t calls = 0;
  const auto solution =
      solve(erased<model_problems::LotkaVolterra>(&calls), Ralston{}, {.dt = 0.01, .adaptive = false});
  EXPECT_EQ(solution.statistics().steps, 1000u);
  EXPECT_EQ(calls, 2001u);
}

}  // namespace
}  // namespace costate
