#include <costate/methods/owren_zen5.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen5, ExplicitMethodContract, OwrenZen5);
INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen5, ExplicitTableauContract, OwrenZen5);

namespace {

// SpECTRE, Rk5Owren, which lists the embedded weights; the header has their differences.
TEST(OwrenZen5, HasTheDigitsOfSpectre) {
  expect_same<OwrenZen5>(SecondSource<8>{
      .a = {{{},
             {1 / 6.},
             {1 / 16., 3 / 16.},
             {1 / 4., -3 / 4., 1},
             {-3 / 4., 15 / 4., -3, 1 / 2.},
             {369 / 1372., -243 / 343., 297 / 343., 1485 / 9604., 297 / 4802.},
             {-133 / 4512., 1113 / 6016., 7945 / 16544., -12845 / 24064., -315 / 24064., 156065 / 198528.},
             {83 / 945., 0, 248 / 825., 41 / 180., 1 / 36., 2401 / 38610., 6016 / 20475.}}},
      .b = {83 / 945., 0, 248 / 825., 41 / 180., 1 / 36., 2401 / 38610., 6016 / 20475.},
      .b_hat = {-1 / 9., 0, 40 / 33., -7 / 4., -1 / 12., 343 / 198.}});
  expect_same_dense_output<OwrenZen5>(std::array<std::array<double, 5>, 8>{
      {{1, -3292 / 819., 17893 / 2457., -4969 / 819., 596 / 315.},
       {},
       {0, 5112 / 715., -43568 / 2145., 1344 / 65., -1984 / 275.},
       {0, -123 / 52., 3161 / 234., -1465 / 78., 118 / 15.},
       {0, -63 / 52., 1061 / 234., -413 / 78., 2},
       {0, -40817 / 33462., 60025 / 50193., 2401 / 1521., -9604 / 6435.},
       {0, 18048 / 5915., -637696 / 53235., 96256 / 5915., -48128 / 6825.},
       {0, -18 / 13., 75 / 13., -109 / 13., 4}}});
}

// SpECTRE, Rk5Owren::stable_step, in steps of Euler's interval.
TEST(OwrenZen5, IsStableAsFarAsSpectreSays) {
  EXPECT_NEAR(real_stability_interval<OwrenZen5>(), 2 * 1.5961737362090775, 1e-9);
}

TEST(OwrenZen5, IsNoLessAccurateBetweenTheEndsOfAStep) {
  const double at_the_end = std::sqrt(squared_error_norm(OwrenZen5::tableau, 6));
  EXPECT_NEAR(dense_error_norm<OwrenZen5>(1.0), at_the_end, 1e-12);
  for (double theta = 0.01; theta < 1.0; theta += 0.01)
    EXPECT_LE(dense_error_norm<OwrenZen5>(theta), at_the_end);
}

TEST(OwrenZen5, TakesNothingForItsDenseOutput) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  (void)solve(problem, OwrenZen5{}, {.dt = 0.1, .adaptive = false, .saveat = 0.03});
  EXPECT_EQ(calls, 100u * 7 + 1);
}

}  // namespace
}  // namespace costate
