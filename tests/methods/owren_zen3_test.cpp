#include <costate/methods/owren_zen3.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen3, ExplicitMethodContract, OwrenZen3);
INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen3, ExplicitTableauContract, OwrenZen3);

namespace {

// SpECTRE, Rk3Owren, which lists the embedded weights; the header has their differences.
TEST(OwrenZen3, HasTheDigitsOfSpectre) {
  expect_same<OwrenZen3>(
      SecondSource<4>{.a = {{{}, {12 / 23.}, {-68 / 375., 368 / 375.}, {31 / 144., 529 / 1152., 125 / 384.}}},
                      .b = {31 / 144., 529 / 1152., 125 / 384.},
                      .b_hat = {1 / 24., 23 / 24.}});
  expect_same_dense_output<OwrenZen3>(std::array<std::array<double, 3>, 4>{
      {{1, -65 / 48., 41 / 72.}, {0, 529 / 384., -529 / 576.}, {0, 125 / 128., -125 / 192.}, {0, -1, 1}}});
}

// SpECTRE, Rk3Owren::stable_step, in steps of Euler's interval.
TEST(OwrenZen3, IsStableAsFarAsSpectreSays) {
  EXPECT_NEAR(real_stability_interval<OwrenZen3>(), 2 * 1.2563726633091645, 1e-9);
}

TEST(OwrenZen3, IsNoLessAccurateBetweenTheEndsOfAStep) {
  const double at_the_end = std::sqrt(squared_error_norm(OwrenZen3::tableau, 4));
  EXPECT_NEAR(dense_error_norm<OwrenZen3>(1.0), at_the_end, 1e-12);
  for (double theta = 0.01; theta < 1.0; theta += 0.01)
    EXPECT_LE(dense_error_norm<OwrenZen3>(theta), at_the_end);
}

TEST(OwrenZen3, TakesNothingForItsDenseOutput) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  (void)solve(problem, OwrenZen3{}, {.dt = 0.1, .adaptive = false, .saveat = 0.03});
  EXPECT_EQ(calls, 100u * 3 + 1);
}

}  // namespace
}  // namespace costate
