#pragma once

#include <costate/core/math.hpp>

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// A periodic orbit of the restricted three-body problem: a satellite that passes close by the moon.
///
///     x'' = x + 2 y' − m' (x + m) / D1 − m (x − m') / D2,   D1 = ((x + m)² + y²)^(3/2)
///     y'' = y − 2 x' − m' y / D1 − m y / D2,                D2 = ((x − m')² + y²)^(3/2),   m' = 1 − m,   p =
///     m
///
/// u = (x, y, x', y'). R. F. Arenstorf, Am. J. Math. 85 (1963) 27; the orbit is that of E. Hairer, S. P.
/// Nørsett & G. Wanner, Solving Ordinary Differential Equations I (1993), §II.0, eq. (0.1).
struct Arenstorf {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    const auto m = p[0];
    const auto rest = 1.0 - m;
    const auto square1 = (u[0] + m) * (u[0] + m) + u[1] * u[1];
    const auto square2 = (u[0] - rest) * (u[0] - rest) + u[1] * u[1];
    const auto d1 = square1 * sqrt(square1), d2 = square2 * sqrt(square2);
    du[0] = u[2];
    du[1] = u[3];
    du[2] = u[0] + 2.0 * u[3] - rest * (u[0] + m) / d1 - m * (u[0] - rest) / d2;
    du[3] = u[1] - 2.0 * u[2] - rest * u[1] / d1 - m * u[1] / d2;
  };
  static constexpr Vector<double, 4> u0{0.994, 0.0, 0.0, -2.00158510637908252240537862224};
  /// One period.
  static constexpr TimeSpan<double> tspan{0.0, 17.0652165601579625588917206249};
  static constexpr Vector<double, 1> p{0.012277471};
  /// Back at the start: to 8e-25 with these digits, computed in 33 of them for this project.
  static constexpr Vector<double, 4> end = u0;
  /// At t = 1, computed for this project by extrapolation in 33 digits.
  static constexpr Vector<double, 4> at_1{0.313284595556102243, 0.348008974675141675, -1.04261651127878832,
                                          0.673384114096556132};
};

}  // namespace costate::model_problems
