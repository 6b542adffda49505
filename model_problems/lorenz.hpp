#pragma once

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// Lorenz' convection rolls, chaotic at p = (10, 28, 8/3).
///
///     x' = s (y − x),   y' = x (r − z) − y,   z' = x y − b z,   p = (s, r, b)
///
/// Perturbations grow by exp(0.9 t) in the mean. E. N. Lorenz, J. Atmos. Sci. 20 (1963) 130, eqs. (25)-(27).
struct Lorenz {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = p[0] * (u[1] - u[0]);
    du[1] = u[0] * (p[1] - u[2]) - u[1];
    du[2] = u[0] * u[1] - p[2] * u[2];
  };
  static constexpr Vector<double, 3> u0{1.0, 0.0, 0.0};
  static constexpr TimeSpan<double> tspan{0.0, 10.0};
  static constexpr Vector<double, 3> p{10.0, 28.0, 8.0 / 3.0};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; all printed digits are
  /// right.
  static constexpr Vector<double, 3> end{-5.85768538242409002, -5.83108248642610044, 23.9321329870275626};
  /// At t = 1 and at t = 20, computed likewise.
  static constexpr Vector<double, 3> at_1{-9.40845056705603621, -9.09619907118647897, 28.5816276243923391};
  static constexpr Vector<double, 3> at_20{-8.02114361331743707, -11.9054647491717504, 19.8563748583984131};
};

}  // namespace costate::model_problems
