#include <costate/methods/bs3.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/order_conditions.hpp>
#include <costate/methods/rk4.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern9.hpp>

#include <array>
#include <cmath>
#include <contracts/explicit_tableau_contract.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace costate {

template <>
inline constexpr PIController controller_of_sciml<DP5> = {.beta1 = 0.17, .beta2 = 0.04};

namespace {

struct MethodNames {
  template <class Method>
  static std::string GetName(int) {
    return std::string(Method::name);
  }
};
using Methods = testing::Types<Euler, RK4, BS3, DP5, Tsit5, Vern7, Vern9>;
INSTANTIATE_TYPED_TEST_SUITE_P(Table, ExplicitTableauContract, Methods, MethodNames);

// Cayley: the n!/(σγ) monotone labelings of the trees with n vertices are (n-1)! in all; a missing or
// repeated tree, or a wrong σ or γ, breaks it.
TEST(RootedTrees, HaveFactoriallyManyMonotoneLabelings) {
  std::vector<double> labelings(detail::max_tree_order + 1, 0.0);
  double factorial[detail::max_tree_order + 1] = {1.0};
  for (int n = 1; n <= detail::max_tree_order; ++n) factorial[n] = n * factorial[n - 1];
  for (const detail::RootedTree& tree : detail::rooted_trees) {
    labelings[static_cast<std::size_t>(tree.order)] += factorial[tree.order] / (tree.symmetry * tree.density);
  }
  for (int n = 1; n <= detail::max_tree_order; ++n) {
    EXPECT_NEAR(labelings[static_cast<std::size_t>(n)] / factorial[n - 1], 1.0, 1e-13) << n;
  }
}

TEST(OrderConditions, NoticeOneDigit) {
  auto tableau = Tsit5::tableau;
  tableau.a[4][2] += 1e-11;
  EXPECT_GT(row_sum_residual(tableau), 5e-12);
  EXPECT_GT(order_residual(tableau, 5), 1e-12);
  tableau = Tsit5::tableau;
  tableau.r[5][2] += 1e-10;
  EXPECT_GT(dense_order_residual(tableau, 4), 1e-11);
  EXPECT_GT(end_point_residual(tableau), 1e-11);
  auto vern9 = Vern9::tableau;
  vern9.a[14][12] += 1e-9;
  EXPECT_GT(order_residual(vern9, 9), 1e-12);
}

TEST(OrderConditions, RefuseOrdersBeyondTheirTrees) {
  EXPECT_THROW(order_residual(Tsit5::tableau, 11), std::invalid_argument);
  EXPECT_THROW(order_residual(Tsit5::tableau, 0), std::invalid_argument);
}

// SUNDIALS 7.5, ARKODE_BOGACKI_SHAMPINE_4_2_3.
constexpr SecondSource<4> bs3_second = {
    .a = {{{}, {1 / 2.}, {0, 3 / 4.}, {2 / 9., 1 / 3., 4 / 9.}}},
    .b = {2 / 9., 1 / 3., 4 / 9.},
    .b_hat = {7 / 24., 1 / 4., 1 / 3., 1 / 8.},
};

// SUNDIALS 7.5, ARKODE_DORMAND_PRINCE_7_4_5, which lists the embedded weights; dp5.hpp has their differences.
constexpr SecondSource<7> dp5_second = {
    .a = {{{},
           {1 / 5.},
           {3 / 40., 9 / 40.},
           {44 / 45., -56 / 15., 32 / 9.},
           {19372 / 6561., -25360 / 2187., 64448 / 6561., -212 / 729.},
           {9017 / 3168., -355 / 33., 46732 / 5247., 49 / 176., -5103 / 18656.},
           {35 / 384., 0, 500 / 1113., 125 / 192., -2187 / 6784., 11 / 84.}}},
    .b = {35 / 384., 0, 500 / 1113., 125 / 192., -2187 / 6784., 11 / 84.},
    .b_hat = {5179 / 57600., 0, 7571 / 16695., 393 / 640., -92097 / 339200., 187 / 2100., 1 / 40.},
};

// SUNDIALS 7.5, ARKODE_TSITOURAS_7_4_5, for a and b; its embedded weights are another choice, so b_hat is the
// list that OrdinaryDiffEq.jl keeps in a comment beside the differences.
constexpr SecondSource<7> tsit5_second = {
    .a = {{{},
           {0.161},
           {-0.0084806554923569885, 0.33548065549235699},
           {2.8971530571054934, -6.3594484899750748, 4.3622954328695814},
           {5.3258648284392566, -11.748883564062828, 7.4955393428898362, -0.092495066361755249},
           {5.86145544294642, -12.920969317847109, 8.1593678985761586, -0.071584973281400997,
            -0.028269050394068383},
           {0.09646076681806523, 0.01, 0.47988965041449957, 1.3790085741037419, -3.2900695154360807,
            2.324710524099774}}},
    .b = {0.09646076681806523, 0.01, 0.47988965041449957, 1.3790085741037419, -3.2900695154360807,
          2.324710524099774, 0},
    .b_hat = {0.09468075576583945, 0.009183565540343254, 0.4877705284247616, 1.234297566930479,
              -2.7077123499835256, 1.866628418170587, 1.0 / 66.0},
};

// SUNDIALS 7.5, ARKODE_VERNER_10_6_7: decimals, where vern7.hpp descends from Verner's rationals.
constexpr SecondSource<10> vern7_second = {
    .a = {{{},
           {0.005},
           {-1.0767901234567901, 1.185679012345679},
           {0.040833333333333333, 0, 0.1225},
           {0.63891392362557268, 0, -2.4556726382236568, 2.2722587145980841},
           {-2.6615773750187571, 0, 10.804513886456138, -8.3539146573961994, 0.82048759495665698},
           {6.067741434696771, 0, -24.711273635911086, 20.427517930788894, -1.9061579788166472,
            1.006172249242068},
           {12.054670076253203, 0, -49.754784950468989, 41.142888638604677, -4.4617601499740042,
            2.042334822239175, -0.098348436654061074},
           {10.138146522881808, 0, -42.641136031717502, 35.76384003992257, -4.3480228403929077,
            2.0098622683770359, 0.34874904603382724, -0.27143900510483128},
           {-45.030072034298677, 0, 187.32724376545888, -154.02882369350187, 18.564653063475362,
            -7.1418096792950789, 1.3088085781613786, 0, 0}}},
    .b = {0.047155618486272222, 0, 0, 0.25750564298434152, 0.2621665397741262, 0.15216092656738557,
          0.49399691700324842, -0.29430311714032504, 0.0813174723249511, 0},
    .b_hat = {0.044608606606341176, 0, 0, 0.26716403785713727, 0.2201018300177293, 0.21884317031431568,
              0.22898717054112029, 0, 0, 0.020295184663356282},
};

// SUNDIALS 7.5, ARKODE_VERNER_16_8_9: decimals, where vern9.hpp descends from numbers in Q(sqrt 6).
constexpr SecondSource<16> vern9_second = {
    .a = {{{},
           {0.03462},
           {-0.038933543885728733, 0.13595789452450918},
           {0.036384131489542667, 0, 0.109152394468628},
           {2.0257639143939696, 0, -7.638023836496292, 6.1732599221023224},
           {0.051122755894060609, 0, 0, 0.17708237945550215, 0.00080277624092225015},
           {0.13160063579752163, 0, 0, -0.29572762526696364, 0.087813780356429524, 0.62130529752252748},
           {0.071666666666666667, 0, 0, 0, 0, 0.33055335789153194, 0.24277997544180139},
           {0.071806640625, 0, 0, 0, 0, 0.32943802832281772, 0.11651900292718228, -0.034013671875},
           {0.04836757646340647, 0, 0, 0, 0, 0.03928989925676164, 0.10547409458903446, -0.021438652846483127,
            -0.10412291746271944},
           {-0.026645614872014786, 0, 0, 0, 0, 0.033333333333333333, -0.16310722448724672,
            0.033960816841277612, 0.15723194138146261, 0.21522674780318796},
           {0.036890092487086223, 0, 0, 0, 0, -0.14651815767255429, 0.22425777681720243, 0.022944057170660726,
            -0.0035850052905728761, 0.086692233164443855, 0.43838406519683378},
           {-0.48660122151133408, 0, 0, 0, 0, -6.304602650282853, -0.28124561828947256, -2.6790192362198491,
            0.51881566392415751, 1.3653531876033417, 5.8850910885039466, 2.8028087862720629},
           {0.41853674577534714, 0, 0, 0, 0, 6.7245475819064594, -0.42544428016461179, 3.3432791530012656,
            0.61708166311753776, -0.92996612393993283, -6.0999488047510107, -3.002206187889399,
            0.25532025294434455},
           {-0.77937408612288466, 0, 0, 0, 0, -13.937342538107777, 1.2520488533793573, -14.691500408016869,
            -0.49470505853314169, 2.2429749091462367, 13.367893803828644, 14.396650486650686,
            -0.79758133317768004, 0.44093537095342778},
           {2.0580513374668864, 0, 0, 0, 0, 22.357937727968033, 0.90949810997556333, 35.891100982402641,
            -3.4425150276244534, -4.8654813580363688, -18.909803813543426, -34.263544480304518,
            1.2647565216956426, 0, 0}}},
    .b = {0.014611976858423153, 0, 0, 0, 0, 0, 0, -0.39152118623313391, 0.23109325002895064,
          0.12747667699928524, 0.22464341762041577, 0.56843526897485129, 0.058258715572158272,
          0.13643174034822156, 0.030570139830827974, 0},
    .b_hat = {0.019969965148867731, 0, 0, 0, 0, 0, 0, 2.1914993049493301, 0.08857071848208438,
              0.11405602348659656, 0.25331638053451071, -2.056564386240941, 0.34080967990131199, 0, 0,
              0.048342313738239583},
};

TEST(SecondSources, HaveTheSameDigits) {
  expect_same<BS3>(bs3_second);
  expect_same<DP5>(dp5_second);
  expect_same<Tsit5>(tsit5_second);
  expect_same<Vern7>(vern7_second);
  expect_same<Vern9>(vern9_second);
}

// The nested form that CONTD5 of Hairer, Norsett & Wanner evaluates, with its six numbers d.
TEST(DP5, HasTheDenseOutputOfContd5) {
  const double d[7] = {-12715105075. / 11282082432.,  0,
                       87487479700. / 32700410799.,   -10690763975. / 1880347072.,
                       701980252875. / 199316789632., -1453857185. / 822651844.,
                       69997945. / 29380423.};
  for (double theta : {0.1, 0.5, 0.85, 1.0}) {
    for (std::size_t j = 0; j < 7; ++j) {
      const double first = j == 0 ? 1.0 : 0.0, last = j == 6 ? 1.0 : 0.0, difference = DP5::tableau.b[j];
      const double spline = first - difference, other = difference - last - spline, rest = 1.0 - theta;
      EXPECT_NEAR(weight<DP5>(j, theta),
                  theta * (difference + rest * (spline + theta * (other + rest * d[j]))), 1e-14);
    }
  }
}

// Tsitouras' factored polynomials, as in Geant4's G4TsitourasRK45 and in torchdiffeq; tsit5.hpp has them
// expanded.
TEST(Tsit5, HasTheFactoredInterpolantOfThePaper) {
  for (double t : {0.1, 0.5, 0.85, 1.0}) {
    const double printed[7] = {
        -1.0530884977290216 * t * (t - 1.3299890189751412) *
            (t * t - 1.4364028541716351 * t + 0.7139816917074209),
        0.1017 * t * t * (t * t - 2.1966568338249754 * t + 1.2949852507374631),
        2.490627285651252793 * t * t * (t * t - 2.38535645472061657 * t + 1.57803468208092486),
        -16.54810288924490272 * (t - 1.21712927295533244) * (t - 0.61620406037800089) * t * t,
        47.37952196281928122 * (t - 1.203071208372362603) * (t - 0.658047292653547382) * t * t,
        -34.87065786149660974 * (t - 1.2) * (t - 0.666666666666666667) * t * t,
        2.5 * (t - 1) * (t - 0.6) * t * t};
    for (std::size_t j = 0; j < 7; ++j) EXPECT_NEAR(weight<Tsit5>(j, t), printed[j], 1e-13) << j;
  }
}

// Weights of Verner's edition 240711 at two of the nodes where CyRK tabulates them.
TEST(Vern7, HasTheCorrectedInterpolantOf2024) {
  const double low[16] = {3.277576698425386e-2,
                          0,
                          0,
                          2.259231276797033e-2,
                          2.300123754660304e-2,
                          1.334987149888878e-2,
                          4.334092537160098e-2,
                          -2.582074704835555e-2,
                          7.134405859904906e-3,
                          0,
                          -5.297444579557131e-3,
                          1.151396759583329e-2,
                          1.650360882337725e-2,
                          -3.000804934978917e-2,
                          -2.772220377951595e-2,
                          -3.155896419119464e-2};
  const double high[16] = {4.744843955307336e-2,
                           0,
                           0,
                           2.068095966882683e-1,
                           2.105528862493428e-1,
                           1.222044670183317e-1,
                           3.967419975215931e-1,
                           -2.363626220167608e-1,
                           6.530821406603194e-2,
                           0,
                           -2.452653649669707e-2,
                           1.611302505474629e-2,
                           2.309569314412892e-2,
                           4.276686902505347e-2,
                           5.090968853010958e-2,
                           2.913359416277822e-2};
  for (std::size_t j = 0; j < 16; ++j) {
    EXPECT_NEAR(weight<Vern7>(j, 0.0498046875), low[j], 1e-13) << j;
    EXPECT_NEAR(weight<Vern7>(j, 0.9501953125), high[j], 1e-12) << j;
  }
}

// Hairer & Wanner II (1996), §IV.2: the intervals of the truncated exponentials; OrdinaryDiffEq.jl,
// alg_stability_size, for the pairs, to the digits given there.
TEST(StabilityIntervals, AreThePublishedOnes) {
  EXPECT_NEAR(real_stability_interval<Euler>(), 2.0, 1e-9);
  EXPECT_NEAR(real_stability_interval<BS3>(), 2.5127, 5e-5);
  EXPECT_NEAR(real_stability_interval<RK4>(), 2.7853, 5e-5);
  EXPECT_NEAR(real_stability_interval<DP5>(), 3.3066, 1e-4);
  EXPECT_NEAR(real_stability_interval<Tsit5>(), 3.5068, 1e-4);
  EXPECT_NEAR(real_stability_interval<Vern7>(), 4.64, 5e-3);
  EXPECT_NEAR(real_stability_interval<Vern9>(), 4.4762, 1e-4);
}

// 3.99e-4 is the value commonly quoted for RK5(4)7M; the tables of Verner carry theirs in their names.
TEST(PrincipalErrorNorms, AreThePublishedOnes) {
  EXPECT_NEAR(std::sqrt(squared_error_norm(DP5::tableau, 6)), 3.99e-4, 5e-7);
  EXPECT_NEAR(std::sqrt(squared_error_norm(Vern7::tableau, 8)), 1.675585e-5, 5e-12);
  EXPECT_NEAR(std::sqrt(squared_error_norm(Vern9::tableau, 10)), 3.49e-7, 1e-9);
}

}  // namespace
}  // namespace costate
