#include <costate/methods/owren_zen4.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen4, ExplicitMethodContract, OwrenZen4);
INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen4, ExplicitTableauContract, OwrenZen4);

namespace {

// SpECTRE, Rk4Owren, which lists the embedded weights; the header has their differences.
TEST(OwrenZen4, HasTheDigitsOfSpectre) {
  expect_same<OwrenZen4>(
      SecondSource<6>{.a = {{{},
                             {1 / 6.},
                             {44 / 1369., 363 / 1369.},
                             {3388 / 4913., -8349 / 4913., 8140 / 4913.},
                             {-36764 / 408375., 767 / 1125., -32708 / 136125., 210392 / 408375.},
                             {1697 / 18876., 0, 50653 / 116160., 299693 / 1626240., 3375 / 11648.}}},
                      .b = {1697 / 18876., 0, 50653 / 116160., 299693 / 1626240., 3375 / 11648.},
                      .b_hat = {101 / 363., 0, -1369 / 14520., 11849 / 14520.}});
  expect_same_dense_output<OwrenZen4>(
      std::array<std::array<double, 4>, 6>{{{1, -104217 / 37466., 1806901 / 618189., -866577 / 824252.},
                                            {},
                                            {0, 861101 / 230560., -2178079 / 380424., 12308679 / 5072320.},
                                            {0, -63869 / 293440., 6244423 / 5325936., -7816583 / 10144640.},
                                            {0, -1522125 / 762944., 982125 / 190736., -624375 / 217984.},
                                            {0, 165 / 131., -461 / 131., 296 / 131.}}});
}

// SpECTRE, Rk4Owren::stable_step, in steps of Euler's interval, of which eight digits hold: the root of
// 1 − z + z²/2 − z³/6 + z⁴/24 − 55z⁵/5032 = −1 is 2.8735177747632.
TEST(OwrenZen4, IsStableAsFarAsSpectreSays) {
  EXPECT_NEAR(real_stability_interval<OwrenZen4>(), 2 * 1.4367588951002057, 2e-8);
  EXPECT_NEAR(real_stability_interval<OwrenZen4>(), 2.8735177747632, 1e-10);
}

TEST(OwrenZen4, IsNoLessAccurateBetweenTheEndsOfAStep) {
  const double at_the_end = std::sqrt(squared_error_norm(OwrenZen4::tableau, 5));
  EXPECT_NEAR(dense_error_norm<OwrenZen4>(1.0), at_the_end, 1e-12);
  for (double theta = 0.01; theta < 1.0; theta += 0.01)
    EXPECT_LE(dense_error_norm<OwrenZen4>(theta), at_the_end);
}

TEST(OwrenZen4, TakesNothingForItsDenseOutput) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  (void)solve(problem, OwrenZen4{}, {.dt = 0.1, .adaptive = false, .saveat = 0.03});
  EXPECT_EQ(calls, 100u * 5 + 1);
}

}  // namespace
}  // namespace costate
