#pragma once

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// FitzHugh's and Nagumo's simplification of the Hodgkin-Huxley equations of a nerve, firing.
///
///     v' = v − v³/3 − w + I,   w' = (v + a − b w) / tau,   p = (a, b, tau, I)
///
/// R. FitzHugh, Biophys. J. 1 (1961) 445; J. Nagumo, S. Arimoto & S. Yoshizawa, Proc. IRE 50 (1962) 2061. The
/// numbers are those of the problem library of OrdinaryDiffEq.jl.
struct FitzHughNagumo {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = u[0] - u[0] * u[0] * u[0] / 3.0 - u[1] + p[3];
    du[1] = (u[0] + p[0] - p[1] * u[1]) / p[2];
  };
  static constexpr Vector<double, 2> u0{1.0, 1.0};
  static constexpr TimeSpan<double> tspan{0.0, 10.0};
  static constexpr Vector<double, 4> p{0.7, 0.8, 12.5, 0.5};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 48 digits, with two step sizes that
  /// agree to 40; all printed digits are right.
  static constexpr Vector<double, 2> end{-1.954045952935474444, 0.9943443737838957232};
  /// At t = 1, computed likewise.
  static constexpr Vector<double, 2> at_1{1.1232216638378457308, 1.0751659635137223019};
};

}  // namespace costate::model_problems
