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
/// Rows from Stages on are the extra stages; only dense output needs them. A table is checked when it is
/// built, by the order conditions of `order_conditions.hpp`. E. Hairer, S. P. Nørsett, G. Wanner, Solving
/// Ordinary Differential Equations I (1993), §II.1, §II.4, §II.6.
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

}  // namespace costate
