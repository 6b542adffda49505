#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/order_conditions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <contracts/tableau_facts.hpp>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate {

/// The controller that OrdinaryDiffEq.jl gives to a method, of all but DP5 and DP8 by its order alone.
template <class Method>
inline constexpr PIController controller_of_sciml = {.beta1 = 7.0 / (10 * Method::tableau.order),
                                                     .beta2 = 2.0 / (5 * Method::tableau.order)};

/// What the table of every explicit Runge–Kutta method promises: `INSTANTIATE_TYPED_TEST_SUITE_P(Tsit5,
/// ExplicitTableauContract, Tsit5);`
template <class Method>
class ExplicitTableauContract : public testing::Test {
 protected:
  // The conditions sum products of rounded coefficients: a few hundred in Vern7's stages, 1e4 in its and
  // Vern9's r.
  static double largest_r() {
    double largest = 1.0;
    for (const auto& row : Method::tableau.r) {
      for (double x : row) largest = std::max(largest, std::abs(x));
    }
    return largest;
  }
};

TYPED_TEST_SUITE_P(ExplicitTableauContract);

TYPED_TEST_P(ExplicitTableauContract, IsLowerTriangularAndSaysWhetherItIsFsal) {
  EXPECT_TRUE(is_well_formed(TypeParam::tableau));
}

TYPED_TEST_P(ExplicitTableauContract, HasRowSumsEqualToItsNodes) {
  EXPECT_LT(row_sum_residual(TypeParam::tableau), 1e-13);
}

TYPED_TEST_P(ExplicitTableauContract, HasExactlyItsOrder) {
  const auto& tableau = TypeParam::tableau;
  EXPECT_LT(order_residual(tableau, tableau.order), 1e-13);
  EXPECT_GT(order_residual(tableau, tableau.order + 1), 1e-7);
}

TYPED_TEST_P(ExplicitTableauContract, EmbedsExactlyItsLowerOrder) {
  const auto& tableau = TypeParam::tableau;
  if (tableau.embedded_order == 0) {
    for (double e : tableau.e) EXPECT_EQ(e, 0.0);
  } else {
    EXPECT_LT(embedded_order_residual(tableau, tableau.embedded_order), 1e-13);
    EXPECT_GT(embedded_order_residual(tableau, tableau.embedded_order + 1), 1e-6);
  }
}

TYPED_TEST_P(ExplicitTableauContract, HasDenseOutputOfExactlyItsOrder) {
  const auto& tableau = TypeParam::tableau;
  EXPECT_LT(dense_order_residual(tableau, tableau.dense_order), 1e-14 * this->largest_r());
  EXPECT_GT(dense_order_residual(tableau, tableau.dense_order + 1), 1e-3);
}

TYPED_TEST_P(ExplicitTableauContract, EndsItsDenseOutputWhereTheStepEnds) {
  EXPECT_LT(end_point_residual(TypeParam::tableau), 1e-15 * this->largest_r());
}

TYPED_TEST_P(ExplicitTableauContract, StartsItsDenseOutputWithTheFirstSlope) {
  const auto& r = TypeParam::tableau.r;
  EXPECT_EQ(r[0][0], 1.0);
  for (std::size_t j = 1; j < r.size(); ++j) EXPECT_EQ(r[j][0], 0.0) << j;
}

TYPED_TEST_P(ExplicitTableauContract, EndsItsDenseOutputWithTheNextStepsFirstSlope) {
  const auto& tableau = TypeParam::tableau;
  const std::size_t next = tableau.fsal ? tableau.b.size() - 1 : tableau.b.size();
  for (std::size_t j = 0; j < tableau.r.size(); ++j) {
    double slope = 0.0;
    for (std::size_t q = 0; q < tableau.degree; ++q) slope += static_cast<double>(q + 1) * tableau.r[j][q];
    EXPECT_NEAR(slope, j == next ? 1.0 : 0.0, 1e-14 * this->largest_r()) << j;
  }
}

TYPED_TEST_P(ExplicitTableauContract, NamesTheControllerOfSciML) {
  constexpr PIController wanted = controller_of_sciml<TypeParam>;
  EXPECT_DOUBLE_EQ(TypeParam::controller.beta1, wanted.beta1);
  EXPECT_DOUBLE_EQ(TypeParam::controller.beta2, wanted.beta2);
  EXPECT_EQ(TypeParam::controller.gamma, wanted.gamma);
  EXPECT_DOUBLE_EQ(TypeParam::controller.qmin, wanted.qmin);
  EXPECT_EQ(TypeParam::controller.qmax, wanted.qmax);
}

REGISTER_TYPED_TEST_SUITE_P(ExplicitTableauContract, IsLowerTriangularAndSaysWhetherItIsFsal,
                            HasRowSumsEqualToItsNodes, HasExactlyItsOrder, EmbedsExactlyItsLowerOrder,
                            HasDenseOutputOfExactlyItsOrder, EndsItsDenseOutputWhereTheStepEnds,
                            StartsItsDenseOutputWithTheFirstSlope,
                            EndsItsDenseOutputWithTheNextStepsFirstSlope, NamesTheControllerOfSciML);

}  // namespace costate
