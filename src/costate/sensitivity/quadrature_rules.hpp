#pragma once

#include <array>
#include <cstddef>

namespace costate::detail {

/// Nodes and weights on [0, 1].
template <std::size_t Count>
struct QuadratureRule {
  std::array<double, Count> node, weight;
};

/// Gauss–Legendre quadrature, exact for polynomials of degree 2 Count − 1. The nodes are the roots of the
/// Legendre polynomial P, found by Newton steps between those of the one before it; wᵢ = 1 / ((1 − xᵢ²)
/// P'(xᵢ)²) on [0, 1]. P. Davis & P. Rabinowitz, Methods of Numerical Integration (1984), §2.7.
template <std::size_t Count>
constexpr QuadratureRule<Count> gauss_legendre() {
  struct Legendre {
    double value, slope;
    static constexpr Legendre at(double x, std::size_t degree) {
      double before = 1, value = x;
      for (std::size_t k = 2; k <= degree; ++k) {
        const double next = ((2.0 * k - 1) * x * value - (k - 1.0) * before) / k;
        before = value, value = next;
      }
      return {value, degree * (x * value - before) / (x * x - 1)};
    }
  };
  // the roots of each degree lie one by one between those of the degree below and ±1
  std::array<double, Count + 2> root{};
  root[0] = -1, root[1] = 1;
  for (std::size_t degree = 1; degree <= Count; ++degree) {
    std::array<double, Count + 2> next{};
    for (std::size_t i = 0; i < degree; ++i) {
      double low = root[i], high = root[i + 1], x = (low + high) / 2;
      for (int k = 0; k < 60; ++k) {
        const Legendre p = degree == 1 ? Legendre{x, 1} : Legendre::at(x, degree);
        // P changes sign from (−1)^degree at −1
        const bool left = (p.value > 0) == ((degree - i) % 2 == 0);
        (left ? low : high) = x;
        const double newton = x - p.value / p.slope;
        x = newton > low && newton < high ? newton : (low + high) / 2;
      }
      next[i + 1] = x;
    }
    next[0] = -1, next[degree + 1] = 1;
    root = next;
  }
  QuadratureRule<Count> rule{};
  for (std::size_t i = 0; i < Count; ++i) {
    const double x = root[i + 1];
    const double slope = Count == 1 ? 1 : Legendre::at(x, Count).slope;
    rule.node[i] = (1 + x) / 2;
    rule.weight[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

/// Kronrod's 15 nodes and weights on [−1, 1] from the middle outwards; every other node is one of Gauss'
/// seven. R. Piessens et al., QUADPACK (1983), routine QK15.
struct Kronrod15 {
  static constexpr std::array<double, 8> node{0.0,
                                              0.207784955007898467600689403773245,
                                              0.405845151377397166906606412076961,
                                              0.586087235467691130294144691693013,
                                              0.741531185599394439863864773280788,
                                              0.864864423359769072789712788640926,
                                              0.949107912342758524526189684047851,
                                              0.991455371120812639206854697526329};
  static constexpr std::array<double, 8> weight{
      0.209482141084727828012999174891714, 0.204432940075298892414161999234649,
      0.190350578064785409913256402421014, 0.169004726639267902826583426598550,
      0.140653259715525918745189590510238, 0.104790010322250183839876322541518,
      0.063092092629978553290700663189204, 0.022935322010529224963732008058970};
  /// Of Gauss' nodes: 0, 2, 4, 6 of the list.
  static constexpr std::array<double, 4> gauss_weight{
      0.417959183673469387755102040816327, 0.381830050505118944950369775488975,
      0.279705391489276667901467771423780, 0.129484966168869693270611432679082};
};

}  // namespace costate::detail
