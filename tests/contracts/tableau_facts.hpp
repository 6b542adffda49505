#pragma once

#include <costate/methods/explicit_tableau.hpp>
#include <costate/methods/order_conditions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>

namespace costate {

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
    // the difference is as exact as what is taken from what
    EXPECT_LE(std::abs(tableau.b[i] - tableau.e[i] - second.b_hat[i]),
              4e-16 * std::max({1.0, std::abs(tableau.b[i]), std::abs(second.b_hat[i])}))
        << "b_hat " << i;
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
    return std::abs(sum) <= 1.0 + 1e-10;
  };
  double inside = 1.0;
  while (stable(-inside - 0.01)) inside += 0.01;
  double outside = inside + 0.01;
  for (int i = 0; i < 40; ++i)
    (stable(-0.5 * (inside + outside)) ? inside : outside) = 0.5 * (inside + outside);
  return inside;
}

}  // namespace costate
