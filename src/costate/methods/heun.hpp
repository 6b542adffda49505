#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Heun's method of order 2, the explicit trapezoidal rule.
///
///     u(t + h) = u + h/2 (k₁ + k₂),   k₂ = f(u + h k₁, t + h)
///
/// Order 2 with an estimate of order 1, its difference from Euler's step; two evaluations of f a step, dense
/// output of order 2 (cubic Hermite with the slope at the new point, which the next step takes over). Choose
/// it for comparison, and where f may not be evaluated outside the values that the ends of a step have; BS3
/// allows far longer steps.
///
/// K. Heun, Z. Math. Phys. 45 (1900) 23–38; Hairer, Nørsett & Wanner I (1993), §II.1.
struct Heun {
  static constexpr std::string_view name = "Heun";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 20.0, .beta2 = 2.0 / 10.0};
  static constexpr ExplicitTableau<3, 0, 3> tableau = with_hermite_dense_output<2>({
      .order = 2,
      .embedded_order = 1,
      .c = {0.0, 1.0},
      .a = {{{},  //
             {1.0}}},
      .b = {1.0 / 2.0, 1.0 / 2.0},
      .e = {-1.0 / 2.0, 1.0 / 2.0},
  });
};

}  // namespace costate
