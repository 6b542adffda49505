#include <costate/methods/bs5.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(BS5, ExplicitMethodContract, BS5);
INSTANTIATE_TYPED_TEST_SUITE_P(BS5, ExplicitTableauContract, BS5);

namespace {

// The table in the comments of Geant4's G4BogackiShampine45, which lists the embedded weights.
TEST(BS5, HasTheDigitsOfGeant4) {
  expect_same<BS5>(SecondSource<8>{
      .a = {{{},
             {1 / 6.},
             {2 / 27., 4 / 27.},
             {183 / 1372., -162 / 343., 1053 / 1372.},
             {68 / 297., -4 / 11., 42 / 143., 1960 / 3861.},
             {597 / 22528., 81 / 352., 63099 / 585728., 58653 / 366080., 4617 / 20480.},
             {174197 / 959244., -30942 / 79937., 8152137 / 19744439., 666106 / 1039181., -29421 / 29068.,
              482048 / 414219.},
             {587 / 8064., 0, 4440339 / 15491840., 24353 / 124800., 387 / 44800., 2152 / 5985.,
              7267 / 94080.}}},
      .b = {587 / 8064., 0, 4440339 / 15491840., 24353 / 124800., 387 / 44800., 2152 / 5985., 7267 / 94080.},
      .b_hat = {2479 / 34992., 0, 123 / 416., 612941 / 3411720., 43 / 1440., 2272 / 6561., 79937 / 1113912.,
                3293 / 556956.}});
}

// RKSUITE's stbrad, 3.9, which is cut; the other numbers from the rationals, by a program of its own.
TEST(BS5, IsStableAsFarAsRksuiteSays) {
  EXPECT_NEAR(real_stability_interval<BS5>(), 3.95, 0.05);
  EXPECT_NEAR(real_stability_interval<BS5>(), 3.987927, 1e-6);
  EXPECT_NEAR(std::sqrt(squared_error_norm(BS5::tableau, 6)), 2.216933e-5, 5e-12);
}

TEST(BS5, IsNoLessAccurateBetweenTheEndsOfAStep) {
  for (double theta = 0.01; theta < 1.0; theta += 0.01) EXPECT_LE(dense_error_norm<BS5>(theta), 2.21694e-5);
}

TEST(BS5, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  (void)solve(problem, BS5{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 7 + 1);
  calls = 0;
  (void)solve(problem, BS5{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 10 + 1);
  calls = 0;
  (void)solve(problem, BS5{}, {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 7 + 1 + 2 * 3);
}

}  // namespace
}  // namespace costate
