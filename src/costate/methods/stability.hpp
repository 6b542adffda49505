#pragma once

#include <costate/methods/explicit_tableau.hpp>

#include <array>
#include <cstddef>

namespace costate::detail {

/// R(z) = Σ_k z^k bᵀAᵏ⁻¹1, what a step makes of u' = (z/h) u: the coefficients of z⁰ … z^Stages.
/// E. Hairer & G. Wanner, Solving Ordinary Differential Equations II (1996), §IV.2, eq. (2.3).
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr std::array<double, Stages + 1> stability_polynomial(
    const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  std::array<double, Stages + 1> coefficients{1.0};
  std::array<double, Stages> power{};
  for (double& x : power) x = 1.0;
  for (std::size_t k = 1; k <= Stages; ++k) {
    for (std::size_t i = 0; i < Stages; ++i) coefficients[k] += tableau.b[i] * power[i];
    for (std::size_t i = Stages; i-- > 0;) {
      double sum = 0;
      for (std::size_t j = 0; j < i; ++j) sum += tableau.a[i][j] * power[j];
      power[i] = sum;
    }
  }
  return coefficients;
}

/// The largest x, to 0.05, with |R(−y)| ≤ 1 for 0 ≤ y ≤ x.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double real_stability_interval(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  const auto coefficients = stability_polynomial(tableau);
  constexpr double step = 0.05;
  double x = 0;
  for (;;) {
    double r = 0;
    for (std::size_t k = Stages + 1; k-- > 0;) r = r * -(x + step) + coefficients[k];
    if (r > 1 + 1e-12 || r < -1 - 1e-12) return x;
    x += step;
  }
}

/// Two stages that evaluate f at the same time, the last ones; both 0 where there are none.
struct StagePair {
  std::size_t later = 0, earlier = 0;
};
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr StagePair stages_at_one_time(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  for (std::size_t i = Stages; i-- > 2;)
    for (std::size_t j = i; j-- > 1;)
      if (tableau.c[i] - tableau.c[j] < 1e-12 && tableau.c[j] - tableau.c[i] < 1e-12) return {i, j};
  return {};
}

}  // namespace costate::detail
