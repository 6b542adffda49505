#include <costate/methods/tsit_pap8.hpp>

#include <contracts/explicit_method_contract.hpp>
#include <contracts/explicit_tableau_contract.hpp>

namespace costate {

// Backward in time the slope of a single step rises from 6.9 to 7.9, where double ends; in 40 digits, on a
// predator-prey equation with a forcing, it reaches 7.97 forward and 8.03 backward at h = 1/128.
template <>
inline constexpr double slack_of_dense_order<TsitPap8> = 0.5;

INSTANTIATE_TYPED_TEST_SUITE_P(TsitPap8, ExplicitMethodContract, TsitPap8);
INSTANTIATE_TYPED_TEST_SUITE_P(TsitPap8, ExplicitTableauContract, TsitPap8);

namespace {

// rklib, rktp86: the rationals of twice ten digits that the authors give out with the pair 8(6), which has
// the same twelve stages; and CESDSOL, TsitourasPapakostas87, in 16 digits, for the thirteenth stage and the
// estimate.
TEST(TsitPap8, HasTheDigitsOfRklib) {
  expect_same<TsitPap8>(SecondSource<13>{
      .a = {{{},
             {9. / 142.},
             {178422123. / 9178574137., 685501333. / 8224473205.},
             {12257. / 317988., 0, 12257. / 105996.},
             {2584949729. / 6554704252., 0, -9163901916. / 6184003973., 26222057794. / 17776421907.},
             {4418011. / 96055225., 0, 0, 2947922107. / 12687381736., 3229973413. / 17234960414.},
             {2875139539. / 47877267651., 0, 0, 2702377211. / 24084535832., -135707089. / 4042230341.,
              299874140. / 17933325691.},
             {-7872176137. / 5003514694., 0, 0, -35136108789. / 26684798878., -114433184681. / 9760995895.,
              299204996517. / 32851421233., 254. / 39.},
             {-3559950777. / 7399971898., 0, 0, -29299291531. / 4405504148., -42434013379. / 9366905709.,
              20642871700. / 5300635453., 12951197050. / 1499985011., 59527523. / 6331620793.},
             {-8196723582. / 10570795981., 0, 0, -46181454005. / 5775132776., -196277106011. / 29179424052.,
              63575135343. / 11491868333., 120535663067. / 11060780187., 195434294. / 9727139945.,
              -617468037. / 15757346105.},
             {-6373809055. / 5357779452., 0, 0, -150772749657. / 21151088080., -58076657383. / 6089469394.,
              9252721190. / 1221566797., 132381309631. / 11748965576., 704633904. / 13813696331.,
              656417033. / 8185349658., -1669806516. / 10555289849.},
             {-2726346953. / 6954959789., 0, 0, 24906446731. / 6359105161., -65277767625. / 23298960463.,
              39128152317. / 16028215273., -40638357893. / 16804059016., -7437361171. / 21911114743.,
              1040125706. / 5334949109., -1129865134. / 5812907645., 6253441118. / 10543852725.},
             {-1.484706308129189, 0, 0, -2.390723588981498, -11.18430677284053, 8.720804667459817,
              7.33673830753461, 0.01289874999394761, 0.0425832898426577, -0.05328834487981156}}},
      .b = {438853193. / 9881496838., 0, 0, 0, 0, 11093525429. / 31342013414., 481311443. / 1936695762.,
            -3375294558. / 10145424253., 9830993862. / 5116981057., -138630849943. / 50747474617.,
            7152278206. / 5104393345., 5118195927. / 53798651926.},
      .b_hat = {438853193. / 9881496838. + 7.259091782802626e-5, 0, 0, 0, 0,
                11093525429. / 31342013414. + 0.0010728916072503584,
                481311443. / 1936695762. - 0.0002666668345794398,
                -3375294558. / 10145424253. - 2.091533979096395,
                9830993862. / 5116981057. - 0.3213186752428666,
                -138630849943. / 50747474617. + 0.921013671395284, 0, 0, 2.9872967453726327}});
}

// From the rationals of the paper in 60 digits, by a program of its own: 5.90688348 and 7.34865537e-7.
TEST(TsitPap8, HasTheStabilityAndTheErrorOfItsTable) {
  EXPECT_NEAR(real_stability_interval<TsitPap8>(), 5.90688348, 1e-8);
  EXPECT_NEAR(std::sqrt(squared_error_norm(TsitPap8::tableau, 9)), 7.34865537e-7, 1e-13);
}

// The node of the first stage of ours; what is between the ends of a step, beside the 3.9e-5 of DOP853.
TEST(TsitPap8, HasTheDenseOutputThatItsHeaderDescribes) {
  const double c = TsitPap8::tableau.c[14];
  EXPECT_NEAR(14 * c * c - 14 * c + 3, 0.0, 1e-15);
  for (double theta = 0.01; theta <= 1.0; theta += 0.01)
    EXPECT_LE(dense_error_norm<TsitPap8>(theta), 3.12e-6);
}

TEST(TsitPap8, EvaluatesTheExtraStagesOnlyWhereTheyAreRead) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  (void)solve(problem, TsitPap8{}, {.dt = 0.1, .adaptive = false, .dense = false});
  EXPECT_EQ(calls, 100u * 13);
  calls = 0;
  (void)solve(problem, TsitPap8{}, {.dt = 0.1, .adaptive = false});
  EXPECT_EQ(calls, 100u * 17);
  calls = 0;
  (void)solve(problem, TsitPap8{},
              {.dt = 0.1, .adaptive = false, .saveat = {0.05, 0.07, 5.05}, .dense = false});
  EXPECT_EQ(calls, 100u * 13 + 2 * 4);
}

}  // namespace
}  // namespace costate
