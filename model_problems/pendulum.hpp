#pragma once

#include <costate/core/math.hpp>

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// A pendulum let go from the horizontal, p = g / length.
///
///     angle'' = −p sin(angle),   u = (angle, angle')
///
/// The energy u_1² / 2 − p cos u_0 is constant.
struct Pendulum {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = u[1];
    du[1] = -p[0] * sin(u[0]);
  };
  static constexpr Vector<double, 2> u0{1.57079632679489662, 0.0};
  static constexpr TimeSpan<double> tspan{0.0, 10.0};
  static constexpr Vector<double, 1> p{9.81};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; all printed digits are
  /// right.
  static constexpr Vector<double, 2> end{0.278680673569982948, -4.34316069286468305};
  /// At t = 1 and at t = 5, computed likewise.
  static constexpr Vector<double, 2> at_1{-1.40502731152479915, -1.79930901690707862};
  static constexpr Vector<double, 2> at_5{1.22945181148538556, -2.56278756819262946};
};

}  // namespace costate::model_problems
