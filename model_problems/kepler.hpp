#pragma once

#include <costate/core/math.hpp>

#include <cmath>
#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// Kepler's orbit of eccentricity 0.6 and major semiaxis 1, once around from the pericenter.
///
///     x'' = −m x / r³,   y'' = −m y / r³,   r² = x² + y²,   u = (x, y, x', y'),   p = m
///
/// The period is exactly 2π at m = 1; energy = (x'² + y'²) / 2 − m / r = −1/2 and angular momentum
/// x y' − y x' = sqrt(1 − e²) = 0.8 are constant. E. Hairer, C. Lubich & G. Wanner, Geometric Numerical
/// Integration (2006), §I.2.
struct Kepler {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    const auto square = u[0] * u[0] + u[1] * u[1];
    const auto pull = p[0] / (square * sqrt(square));
    du[0] = u[2];
    du[1] = u[3];
    du[2] = -pull * u[0];
    du[3] = -pull * u[1];
  };
  static constexpr double eccentricity = 0.6;
  /// (1 − e, 0, 0, sqrt((1 + e) / (1 − e)))
  static constexpr Vector<double, 4> u0{0.4, 0.0, 0.0, 2.0};
  static constexpr TimeSpan<double> tspan{0.0, 6.283185307179586477};
  static constexpr Vector<double, 1> p{1.0};
  /// One period: back at the start.
  static constexpr Vector<double, 4> end = u0;
  /// At t = 20, by Kepler's equation in 50 digits (see `exact`).
  static constexpr Vector<double, 4> at_20{-0.77007557841124044927, 0.78834481699442438906,
                                           -0.89418373198869149703, -0.12346176415844095881};

  template <class U>
  static double energy(const U& u) {
    return (u[2] * u[2] + u[3] * u[3]) / 2 - 1 / std::hypot(u[0], u[1]);
  }
  template <class U>
  static double angular_momentum(const U& u) {
    return u[0] * u[3] - u[1] * u[2];
  }

  /// (cos E − e, s sin E, −sin E / d, s cos E / d) with E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static Vector<double, 4> exact(double t) {
    double anomaly = t;
    for (int i = 0; i < 50; ++i)
      anomaly -= (anomaly - eccentricity * std::sin(anomaly) - t) / (1 - eccentricity * std::cos(anomaly));
    const double s = std::sqrt(1 - eccentricity * eccentricity), d = 1 - eccentricity * std::cos(anomaly);
    return {std::cos(anomaly) - eccentricity, s * std::sin(anomaly), -std::sin(anomaly) / d,
            s * std::cos(anomaly) / d};
  }
};

/// The orbit of eccentricity 0.5, once around from the pericenter.
struct KeplerHalf {
  static constexpr auto f = Kepler::f;
  /// (1 − e, 0, 0, sqrt((1 + e) / (1 − e)))
  static constexpr Vector<double, 4> u0{0.5, 0.0, 0.0, 1.7320508075688772935};
  static constexpr TimeSpan<double> tspan = Kepler::tspan;
  static constexpr Vector<double, 1> p{1.0};
  /// One period: back at the start.
  static constexpr Vector<double, 4> end = u0;
};

}  // namespace costate::model_problems
