#pragma once

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// Van der Pol's oscillator, not stiff at p = 1.
///
///     y' = z,   z' = p (1 − y²) z − y
///
/// B. van der Pol, Phil. Mag. (7) 2 (1926) 978. With these numbers it is problem E2 of DETEST.
struct VanDerPol {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = u[1];
    du[1] = p[0] * (1.0 - u[0] * u[0]) * u[1] - u[0];
  };
  static constexpr Vector<double, 2> u0{2.0, 0.0};
  static constexpr TimeSpan<double> tspan{0.0, 20.0};
  static constexpr Vector<double, 1> p{1.0};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; all printed digits are
  /// right.
  static constexpr Vector<double, 2> end{2.00814976217494859, -0.0425088752732021470};
};

}  // namespace costate::model_problems
