#pragma once

#include <costate/core/math.hpp>

#include <cmath>
#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// An oscillator that is drawn to the unit circle while its frequency rises: nonlinear, not autonomous, not
/// separable in its components, with a closed form, so that it tests every condition of an order in either
/// direction of time.
///
///     x' = x (1 − r²) − (1 + t) y,   y' = y (1 − r²) + (1 + t) x,   r² = x² + y²
///     r(t) = (1 + (1/r0² − 1) exp(−2t))^(−1/2),   angle(t) = angle0 + t + t²/2
///
/// In polar coordinates r' = r (1 − r²), angle' = 1 + t: the Stuart-Landau equation with a chirp.
struct ChirpedOscillator {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    const auto inward = 1.0 - u[0] * u[0] - u[1] * u[1];
    du[0] = u[0] * inward - (1.0 + t) * u[1];
    du[1] = u[1] * inward + (1.0 + t) * u[0];
  };
  static constexpr Vector<double, 2> u0{0.5, 0.0};
  static constexpr TimeSpan<double> tspan{0.0, 2.0};
  static constexpr Vector<double, 0> p{};
  /// The closed form at t = 2, in 40 digits: r = 1 / sqrt(1 + 3 exp(-4)), angle = 4.
  static constexpr Vector<double, 2> end{-0.636393482908931274, -0.736829918460532792};

  static Vector<double, 2> exact(double t) {
    const double r = 1.0 / std::sqrt(1.0 + 3.0 * std::exp(-2.0 * t)), angle = t + t * t / 2;
    return {r * std::cos(angle), r * std::sin(angle)};
  }
};

}  // namespace costate::model_problems
