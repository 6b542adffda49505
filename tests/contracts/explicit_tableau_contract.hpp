#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/order_conditions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
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

/// Coefficients from a source other than the one the header was made from.
template <std::size_t Stages>
struct SecondSource {
  std::array<std::array<double, Stages>, Stages> a;
  std::array<double, Stages> b, b_hat;
};

template <class Method, std::size_t Stages>
void expect_same(const SecondSource<Stages>& second) {
  const auto& tableau = Method::tableau;
  static_assert(Stages == Method::tableau.stages);
  const auto near = [](double x, double y) { return std::abs(x - y) <= 4e-16 * std::max(1.0, std::abs(y)); };
  for (std::size_t i = 0; i < Stages; ++i) {
    EXPECT_TRUE(near(tableau.b[i], second.b[i])) << "b " << i << ' ' << tableau.b[i] << ' ' << second.b[i];
    EXPECT_TRUE(near(tableau.b[i] - tableau.e[i], second.b_hat[i])) << "b_hat " << i;
    for (std::size_t j = 0; j < Stages; ++j) {
      EXPECT_TRUE(near(tableau.a[i][j], second.a[i][j])) << "a " << i << ' ' << j;
    }
  }
}

/// The same of dense output, where the second source has its powers of θ.
template <class Method, std::size_t Degree, std::size_t Stages>
void expect_same_dense_output(const std::array<std::array<double, Degree>, Stages>& second) {
  static_assert(Stages == Method::tableau.r.size() && Degree == Method::tableau.degree);
  for (std::size_t j = 0; j < Stages; ++j) {
    for (std::size_t q = 0; q < Degree; ++q) {
      EXPECT_DOUBLE_EQ(Method::tableau.r[j][q], second[j][q]) << "r " << j << ' ' << q;
    }
  }
}

/// bⱼ(θ)
template <class Method>
double weight(std::size_t j, double theta) {
  const auto& row = Method::tableau.r[j];
  double sum = 0.0;
  for (std::size_t q = row.size(); q-- > 0;) sum = theta * (row[q] + sum);
  return sum;
}

/// The size of the first error that dense output makes at t + θh: that of `squared_error_norm`, for q = dense
/// order + 1.
///
///     √(Σ over |t| = q of (Σⱼ bⱼ(θ) Φⱼ(t) − θ^q/γ(t))² / σ(t)²)
template <class Method>
double dense_error_norm(double theta) {
  const auto& tableau = Method::tableau;
  const int order = tableau.dense_order + 1;
  double sum = 0.0;
  detail::for_each_elementary_weight(tableau.a, tableau.r.size(), order,
                                     [&](const detail::RootedTree& tree, const auto& phi) {
                                       if (tree.order != order) return;
                                       double residual = -std::pow(theta, order) / tree.density;
                                       for (std::size_t j = 0; j < phi.size(); ++j)
                                         residual += weight<Method>(j, theta) * phi[j];
                                       sum += (residual / tree.symmetry) * (residual / tree.symmetry);
                                     });
  return std::sqrt(sum);
}

/// The length of the interval from 0 along the negative real axis on which |R(z)| ≤ 1, R(z) = 1 + Σ zᵏ
/// bᵀAᵏ⁻¹1.
template <class Method>
double real_stability_interval() {
  const auto& tableau = Method::tableau;
  constexpr std::size_t stages = Method::tableau.stages;
  std::array<double, stages + 1> coefficient{1.0};
  std::array<double, stages> power;
  power.fill(1.0);
  for (std::size_t k = 1; k <= stages; ++k) {
    std::array<double, stages> next{};
    for (std::size_t i = 0; i < stages; ++i) {
      coefficient[k] += tableau.b[i] * power[i];
      for (std::size_t j = 0; j < i; ++j) next[i] += tableau.a[i][j] * power[j];
    }
    power = next;
  }
  const auto stable = [&](double z) {
    double sum = 0.0;
    for (std::size_t k = stages + 1; k-- > 0;) sum = coefficient[k] + z * sum;
    return std::abs(sum) <= 1.0 + 1e-12;
  };
  double inside = 1.0;
  while (stable(-inside - 0.01)) inside += 0.01;
  double outside = inside + 0.01;
  for (int i = 0; i < 40; ++i)
    (stable(-0.5 * (inside + outside)) ? inside : outside) = 0.5 * (inside + outside);
  return inside;
}

}  // namespace costate
