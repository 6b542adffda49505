#pragma once

#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// Hares and lynxes.
///
///     x' = a x − b x y,   y' = −c y + d x y,   p = (a, b, c, d)
///
/// V = d x − c log x + b y − a log y is constant. A. J. Lotka, J. Am. Chem. Soc. 42 (1920) 1595; V. Volterra,
/// Mem. R. Accad. Naz. dei Lincei 6 (1926) 31. The numbers of p are those of the DiffEqFlux.jl documentation.
struct LotkaVolterra {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  static constexpr Vector<double, 2> u0{1.0, 1.0};
  static constexpr TimeSpan<double> tspan{0.0, 10.0};
  static constexpr Vector<double, 4> p{1.5, 1.0, 3.0, 1.0};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; all printed digits are
  /// right.
  static constexpr Vector<double, 2> end{1.02634476757508932, 0.909691078136041618};
  /// At t = 1, computed likewise.
  static constexpr Vector<double, 2> at_1{2.77285090184111212, 0.258710878142563954};
};

}  // namespace costate::model_problems
