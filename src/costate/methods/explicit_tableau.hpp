#pragma once

#include <array>
#include <cstddef>

namespace costate {

/// Coefficients of an explicit Runge–Kutta pair with dense output.
///
///     kᵢ = f(u + h Σⱼ aᵢⱼ kⱼ, t + cᵢ h)                            i < Stages + Extra, j < i
///     u(t + h) = u + h Σᵢ bᵢ kᵢ                                      i < Stages
///     error estimate = h Σᵢ eᵢ kᵢ,   e = b − b̂                      i < Stages
///     u(t + θh) = u + h Σⱼ kⱼ Σ_q rⱼ_q θ^(q+1),   0 ≤ θ ≤ 1           j < Stages + Extra, q < Degree
///
/// Rows from Stages on are the extra stages; only dense output needs them. A table may carry a second error
/// estimate, of lower order; with E and E₂ the scaled norms of the two, the error of a step is then
///
///     E² / √(E² + 0.01 E₂²)
///
/// whose order as h falls is 2 embedded_order − second_embedded_order. A table is checked when it is built,
/// by the order conditions of `order_conditions.hpp`. E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary
/// Differential Equations I (1993), §II.1, §II.4, §II.6, §II.10 (two estimates).
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
struct ExplicitTableau {
  static constexpr std::size_t stages = Stages, extra = Extra, degree = Degree;

  int order;           ///< of u(t + h)
  int embedded_order;  ///< of b̂; 0: no error estimate
  int dense_order;     ///< of u(t + θh), uniformly in θ
  std::array<double, Stages + Extra> c;
  std::array<std::array<double, Stages + Extra>, Stages + Extra> a;  ///< strictly lower triangular
  std::array<double, Stages> b;
  std::array<double, Stages> e;  ///< all zero where there is no error estimate
  std::array<std::array<double, Degree>, Stages + Extra> r;
  bool fsal;  ///< the last stage is f(u(t + h), t + h): its row of a is b, its c is 1, its b is 0
  int second_embedded_order = 0;             ///< of the second estimate; 0: there is none
  std::array<double, Stages> second_e = {};  ///< all zero where there is no second estimate
};

/// A plain Runge–Kutta table: nodes, matrix, weights; `e` has one entry more, for the slope at the new point.
template <std::size_t Stages>
struct ButcherTable {
  int order;
  int embedded_order;  ///< 0: no error estimate
  std::array<double, Stages> c;
  std::array<std::array<double, Stages>, Stages> a;
  std::array<double, Stages> b;
  std::array<double, Stages + 1> e;
};

/// Adds the slope at the new point as a last stage, which the next step takes over as its first, and with it
/// cubic Hermite dense output.
///
///     u(t + θh) = u + h [(θ − 2θ² + θ³) k₁ + (3θ² − 2θ³) Σⱼ bⱼ kⱼ + (θ³ − θ²) f(u(t + h), t + h)]
///
/// Dense order min(order, 3). Hairer, Nørsett & Wanner I (1993), §II.6, eq. (6.7).
template <std::size_t Stages>
constexpr ExplicitTableau<Stages + 1, 0, 3> with_hermite_dense_output(const ButcherTable<Stages>& plain) {
  ExplicitTableau<Stages + 1, 0, 3> full{};
  full.order = plain.order;
  full.embedded_order = plain.embedded_order;
  full.dense_order = plain.order < 3 ? plain.order : 3;
  for (std::size_t i = 0; i < Stages; ++i) {
    full.c[i] = plain.c[i];
    for (std::size_t j = 0; j < i; ++j) full.a[i][j] = plain.a[i][j];
    full.a[Stages][i] = full.b[i] = plain.b[i];
    full.r[i] = {0.0, 3.0 * plain.b[i], -2.0 * plain.b[i]};
  }
  full.c[Stages] = 1.0;
  full.e = plain.e;
  full.r[0][0] += 1.0;
  full.r[0][1] -= 2.0;
  full.r[0][2] += 1.0;
  full.r[Stages] = {0.0, -1.0, 1.0};
  full.fsal = true;
  return full;
}

namespace detail {

/// Dense output as the engines evaluate it.
///
///     u(t + θh) = u + Σ_q θ^(q+1) (increment_q (u₊ − u) + h Σⱼ rest_jq kⱼ)
///
/// Where all main stages but the first enter the powers of θ in the proportion in which they enter the step,
/// r_jq = increment_q bⱼ, that share is taken from the step itself: r reaches 1e6 in Vern8, and each power
/// would be rounded by that much for itself, where a power of the increment is rounded once. Elsewhere the
/// increment is zero and the rest is r.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
struct DenseWeights {
  bool has_increment = false;
  std::array<double, Degree> increment{};
  std::array<std::array<double, Degree>, Stages + Extra> rest{};
};

template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr DenseWeights<Stages, Extra, Degree> dense_weights(
    const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  const auto absolute = [](double x) { return x < 0 ? -x : x; };
  DenseWeights<Stages, Extra, Degree> split;
  split.rest = tableau.r;
  std::size_t largest = 0, used = 0;
  for (std::size_t j = 1; j < Stages; ++j) {
    if (tableau.b[j] != 0) ++used;
    if (largest == 0 || absolute(tableau.b[j]) > absolute(tableau.b[largest])) largest = j;
  }
  if (used < 2) return split;
  std::array<double, Degree> increment{};
  for (std::size_t q = 0; q < Degree; ++q) increment[q] = tableau.r[largest][q] / tableau.b[largest];
  for (std::size_t j = 1; j < Stages; ++j) {
    if (tableau.b[j] == 0) continue;
    for (std::size_t q = 0; q < Degree; ++q) {
      const double difference = tableau.r[j][q] - increment[q] * tableau.b[j];
      if (absolute(difference) > 1e-13 * absolute(tableau.r[j][q])) return split;
    }
  }
  split.has_increment = true;
  split.increment = increment;
  for (std::size_t j = 0; j < Stages; ++j) {
    for (std::size_t q = 0; q < Degree && tableau.b[j] != 0; ++q) {
      split.rest[j][q] = j == 0 ? tableau.r[j][q] - increment[q] * tableau.b[j] : 0.0;
    }
  }
  return split;
}

}  // namespace detail

}  // namespace costate
