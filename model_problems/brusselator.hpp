#pragma once

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// The Brusselator without diffusion, on its limit cycle.
///
///     u' = a − (b + 1) u + u² v,   v' = b u − u² v,   p = (a, b)
///
/// R. Lefever & G. Nicolis, J. Theor. Biol. 30 (1971) 267; the numbers are those of E. Hairer, S. P. Nørsett
/// & G. Wanner, Solving Ordinary Differential Equations I (1993), §II.4.
struct Brusselator {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    const auto reaction = u[0] * u[0] * u[1];
    du[0] = p[0] - (p[1] + 1.0) * u[0] + reaction;
    du[1] = p[1] * u[0] - reaction;
  };
  static constexpr Vector<double, 2> u0{1.5, 3.0};
  static constexpr TimeSpan<double> tspan{0.0, 20.0};
  static constexpr Vector<double, 2> p{1.0, 3.0};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; all printed digits are
  /// right.
  static constexpr Vector<double, 2> end{0.498637071268347849, 4.59678034945201118};
};

}  // namespace costate::model_problems
