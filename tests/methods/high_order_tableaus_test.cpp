#include <costate/methods/dp8.hpp>
#include <costate/methods/order_conditions.hpp>
#include <costate/methods/vern6.hpp>
#include <costate/methods/vern8.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <contracts/tableau_facts.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>

namespace costate {
namespace {

// The conditions sum products of rounded coefficients, so each table has the rounding that its numbers leave:
// Vern6 weighs slopes by up to 3.8e3, and the r of Vern8 reach 1.4e6.
template <class Method>
struct Rounding;
template <>
struct Rounding<Vern6> {
  static constexpr double row = 5e-13, order = 1e-10, dense = 1e-6, end = 1e-10;
};
template <>
struct Rounding<Vern8> {
  static constexpr double row = 1e-13, order = 1e-12, dense = 1e-7, end = 1e-9;
};
template <>
struct Rounding<DP8> {
  static constexpr double row = 1e-14, order = 1e-14, dense = 1e-11, end = 1e-12;
};

template <class Method>
class HighOrderTableau : public testing::Test {};
struct MethodNames {
  template <class Method>
  static std::string GetName(int) {
    return std::string(Method::name);
  }
};
using HighOrderMethods = testing::Types<Vern6, Vern8, DP8>;
TYPED_TEST_SUITE(HighOrderTableau, HighOrderMethods, MethodNames);

TYPED_TEST(HighOrderTableau, HasExactlyItsOrders) {
  using Limit = Rounding<TypeParam>;
  const auto& tableau = TypeParam::tableau;
  EXPECT_TRUE(is_well_formed(tableau));
  EXPECT_LT(row_sum_residual(tableau), Limit::row);
  EXPECT_LT(order_residual(tableau, tableau.order), Limit::order);
  EXPECT_GT(order_residual(tableau, tableau.order + 1), 3e-7);
  EXPECT_LT(embedded_order_residual(tableau, tableau.embedded_order), Limit::order);
  EXPECT_GT(embedded_order_residual(tableau, tableau.embedded_order + 1), 1e-6);
  EXPECT_LT(dense_order_residual(tableau, tableau.dense_order), Limit::dense);
  EXPECT_GT(dense_order_residual(tableau, tableau.dense_order + 1), 1e-2);
  EXPECT_LT(end_point_residual(tableau), Limit::end);
  EXPECT_EQ(tableau.r[0][0], 1.0);
  for (std::size_t j = 1; j < tableau.r.size(); ++j) EXPECT_EQ(tableau.r[j][0], 0.0) << j;
}

TYPED_TEST(HighOrderTableau, NamesTheControllerOfSciML) {
  const auto& controller = TypeParam::controller;
  if (TypeParam::name == "DP8") {
    EXPECT_EQ(controller.beta1, 1.0 / 8);
    EXPECT_EQ(controller.beta2, 0.0);
    EXPECT_EQ(controller.qmin, 1.0 / 3);
    EXPECT_EQ(controller.qmax, 6.0);
  } else {
    EXPECT_DOUBLE_EQ(controller.beta1, 7.0 / (10 * TypeParam::tableau.order));
    EXPECT_DOUBLE_EQ(controller.beta2, 2.0 / (5 * TypeParam::tableau.order));
    EXPECT_EQ(controller.qmin, 0.2);
    EXPECT_EQ(controller.qmax, 10.0);
  }
  EXPECT_EQ(controller.gamma, 0.9);
}

// Splitting dense output into a multiple of the step and a rest changes none of its weights.
TYPED_TEST(HighOrderTableau, SplitsItsDenseOutputWithoutChangingIt) {
  const auto& tableau = TypeParam::tableau;
  const auto split = detail::dense_weights(tableau);
  EXPECT_EQ(split.has_increment, TypeParam::name != "DP8");
  for (std::size_t j = 0; j < tableau.r.size(); ++j) {
    for (std::size_t q = 0; q < tableau.degree; ++q) {
      const double b = j < tableau.stages ? tableau.b[j] : 0.0;
      const double whole = split.increment[q] * b + split.rest[j][q];
      EXPECT_NEAR(whole, tableau.r[j][q], 1e-12 * std::max(1.0, std::abs(tableau.r[j][q]))) << j << ' ' << q;
      if (split.has_increment && j > 0 && b != 0) {
        EXPECT_EQ(split.rest[j][q], 0.0) << j << ' ' << q;
      }
    }
  }
}

TEST(DP8, HasASecondEstimateOfExactlyThirdOrder) {
  EXPECT_LT(second_embedded_order_residual(DP8::tableau, 3), 1e-14);
  EXPECT_GT(second_embedded_order_residual(DP8::tableau, 4), 1e-3);
  // its weights b̂ are three numbers, and a quadrature of the nodes 0, 127/195 and 1; as printed in DOP853
  const double printed[12] = {
      0.244094488188976377952755905512,   0, 0, 0, 0, 0, 0, 0, 0.733846688281611857341361741547, 0, 0,
      0.220588235294117647058823529412e-1};
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_NEAR(DP8::tableau.b[i] - DP8::tableau.second_e[i], printed[i], 1e-15) << i;
  for (int q = 0; q < 3; ++q)
    EXPECT_NEAR(printed[0] * (q == 0) + printed[8] * std::pow(127.0 / 195, q) + printed[11], 1.0 / (q + 1),
                1e-15);
}

TEST(DP8, HasTheNodesOfThePaper) {
  // c₄ and c₅ are those of a Radau-like pair in √6 below c₆ = 1/3
  const double s = std::sqrt(6.0), c4 = (6 - s) / 30, c5 = (6 + s) / 30;
  const double nodes[16] = {0,           4 * c4 / 9, 2 * c4 / 3, c4,  c5,  1.0 / 3, 1.0 / 4, 4.0 / 13,
                            127 / 195.0, 3.0 / 5,    6.0 / 7,    1.0, 1.0, 0.1,     0.2,     7.0 / 9};
  for (std::size_t i = 0; i < 16; ++i) EXPECT_NEAR(DP8::tableau.c[i], nodes[i], 2e-16) << i;
}

// SUNDIALS 7.5, ARKODE_VERNER_9_5_6: decimals, where vern6.hpp descends from Verner's rationals. Its b̂ is
// also that of rklib and PyODEPack; OrdinaryDiffEq.jl's differs.
constexpr SecondSource<9> vern6_second = {
    .a = {{{},
           {0.059999999999999998},
           {0.019239962962962962, 0.07669337037037037},
           {0.035975, 0, 0.10792499999999999},
           {1.3186834152331484, 0, -5.0420580636285619, 4.2206746483954136},
           {-41.872591664327516, 0, 159.4325621631375, -122.11921356501003, 5.531743066200054},
           {-54.430156935316504, 0, 207.06725136501848, -158.61081378458999, 6.9918165859502421,
            -0.018597231062203234},
           {-54.663741787281978, 0, 207.95280625538936, -159.28895747449951, 7.0187437407969444,
            -0.018338785905045722, -0.00051194849978820987},
           {0.034389578683570357, 0, 0, 0.25826245556335031, 0.4209371189673537, 4.4053964696693102,
            -176.48311902429865, 172.36413340141507}}},
    .b = {0.034389578683570357, 0, 0, 0.25826245556335031, 0.4209371189673537, 4.4053964696693102,
          -176.48311902429865, 172.36413340141507},
    .b_hat = {0.049099676483824899, 0, 0, 0.22511122295165242, 0.46946822530295618, 0.80657922499888679, 0,
              -0.60711948917779601, 0.056861139440475696},
};

// SUNDIALS 7.5, ARKODE_VERNER_13_7_8: decimals, where vern8.hpp descends from Verner's rationals.
constexpr SecondSource<13> vern8_second = {
    .a = {{{},
           {0.050000000000000003},
           {-0.0069931640624999996, 0.11355566406250001},
           {0.039960937500000002, 0, 0.1198828125},
           {0.36139756280045754, 0, -1.3415240667004928, 1.3701265039000352},
           {0.049047202797202795, 0, 0, 0.23509720422144048, 0.18085559298135673},
           {0.06169289044289044, 0, 0, 0.11236568314640277, -0.038850460714513667, 0.01979188712522046},
           {-1.767630240222327, 0, 0, -62.5, -6.0618893773766693, 5.6508231982227635, 65.621696419376235},
           {-1.1809450665549708, 0, 0, -41.504734411143211, -4.4344383191037249, 4.2604081885861333,
            43.753640224461719, 0.00787142548991231},
           {-1.2814059994414884, 0, 0, -45.047139960139866, -4.7313620694495766, 4.5149670165938076,
            47.449095571729849, 0.010592282971116612, -0.0057468422638446166},
           {-1.7244701342624853, 0, 0, -60.92349008483054, -5.9515183762223929, 5.5565237306984558,
            63.983011980333053, 0.014642028250414961, 0.064604087723582032, -0.079303231690088793},
           {-3.301622667747079, 0, 0, -118.01127235975251, -10.141422388456112, 9.139311332232058,
            123.37594282840426, 4.6232443788745803, -3.3832777380682018, 4.5275921003246182,
            -5.8284954858116231},
           {-3.039515033766309, 0, 0, -109.26086808941763, -9.2906424974002935, 8.4305049817649103,
            114.20100103783314, -0.96372713421454792, -5.0348840888021895, 5.9581308240029234}}},
    .b = {0.044279894190079508, 0, 0, 0, 0, 0.3541049391724449, 0.2479692154956438, -15.694202038838084,
          25.084064965558564, -31.738367786260277, 22.938283273988784, -0.23613246330715421},
    .b_hat = {0.044312615229089795, 0, 0, 0, 0, 0.35460956423432266, 0.24784804313666531, 4.4481347324757845,
              19.846886366118735, -23.581623377465618, 0, 0, -0.36016794372897754},
};

TEST(HighOrderSecondSources, HaveTheSameDigits) {
  expect_same<Vern6>(vern6_second);
  expect_same<Vern8>(vern8_second);
}

// The nested form that CONTD8 of DOP853 evaluates, with its numbers d as printed there; dp8.hpp has them
// expanded in powers.
TEST(DP8, HasTheDenseOutputOfContd8) {
  constexpr double d[4][16] = {
      {-8.4289382761090135, 0, 0, 0, 0, 0.56671495351937773, -3.0689499459498917, 2.3846676565120699,
       2.1170345824450281, -0.87139158377797299, 2.2404374302607883, 0.63157877876946877,
       -0.088990336451333307, 18.148505520854727, -9.194632392478356, -4.4360363875948936},
      {10.427508642579134, 0, 0, 0, 0, 242.28349177525817, 165.20045171727028, -374.5467547226902,
       -22.113666853125306, 7.7334326684722638, -30.674084731089398, -9.3321305264302286, 15.697238121770845,
       -31.139403219565178, -9.3529243588444793, 35.816841486394082},
      {19.985053242002433, 0, 0, 0, 0, -387.03730874935178, -189.17813819516758, 527.80815920542364,
       -11.573902539959629, 6.8812326946963003, -1.0006050966910838, 0.77771377980534429, -2.7782057523535082,
       -60.196695231264123, 84.320405506677162, 11.992291136182789},
      {-25.69393346270375, 0, 0, 0, 0, -154.18974869023643, -231.5293791760455, 357.63911791061412,
       93.405324183624316, -37.458323136451632, 104.0996495089623, 29.840293426660502, -43.533456590011141,
       96.324553959188279, -39.177261675615441, -149.72683625798564},
  };
  for (const double x : {0.1, 0.5, 0.85, 1.0}) {
    const double y = 1 - x;
    for (std::size_t j = 0; j < 16; ++j) {
      const double first = j == 0 ? 1.0 : 0.0, last = j == 12 ? 1.0 : 0.0;
      const double difference = j < 12 ? DP8::tableau.b[j] : 0.0;
      const double spline = first - difference, other = difference - last - spline;
      const double printed =
          x * (difference +
               y * (spline + x * (other + y * (d[0][j] + x * (d[1][j] + y * (d[2][j] + x * d[3][j]))))));
      EXPECT_NEAR(weight<DP8>(j, x), printed, 1e-12) << j << ' ' << x;
    }
  }
}

// Weights at two of the nodes where CyRK tabulates Verner's interpolant; r reaches 1.4e6, so that doubles
// keep ten digits of the sum.
TEST(Vern8, HasTheInterpolantThatOthersTabulate) {
  EXPECT_NEAR(weight<Vern8>(0, 0.0380859375), 2.61711657448611784e-2, 1e-9);
  EXPECT_NEAR(weight<Vern8>(9, 0.0380859375), -1.40091581229853617e1, 1e-9);
  EXPECT_NEAR(weight<Vern8>(15, 0.0380859375), -9.81347021194943605e-2, 1e-9);
  EXPECT_NEAR(weight<Vern8>(20, 0.0380859375), -5.87692802461310795e-2, 1e-9);
  EXPECT_NEAR(weight<Vern8>(0, 0.853515625), 4.27401106410143108e-2, 1e-9);
  EXPECT_NEAR(weight<Vern8>(9, 0.853515625), -4.05278098009514146e1, 1e-9);
  EXPECT_NEAR(weight<Vern8>(15, 0.853515625), -7.61736964877591273e-2, 1e-9);
  EXPECT_NEAR(weight<Vern8>(20, 0.853515625), -1.54651757165792674e-1, 1e-9);
}

// OrdinaryDiffEq.jl, alg_stability_size, to the digits given there. DOP853 suspects stiffness beyond 6.1.
TEST(HighOrderStabilityIntervals, AreThePublishedOnes) {
  EXPECT_NEAR(real_stability_interval<Vern6>(), 4.8553, 1e-4);
  EXPECT_NEAR(real_stability_interval<Vern8>(), 5.8641, 1e-4);
  EXPECT_GT(real_stability_interval<DP8>(), 6.1);
  EXPECT_LT(real_stability_interval<DP8>(), 6.5);
}

// The tables of Verner carry theirs in their names: 1.44617e-6 and 2.82866e-7. The latter is 2.827866e-7.
TEST(HighOrderPrincipalErrorNorms, AreThePublishedOnes) {
  EXPECT_NEAR(std::sqrt(squared_error_norm(Vern6::tableau, 7)), 1.44617e-6, 1e-11);
  EXPECT_NEAR(std::sqrt(squared_error_norm(Vern8::tableau, 9)), 2.8279e-7, 1e-11);
}

}  // namespace
}  // namespace costate
