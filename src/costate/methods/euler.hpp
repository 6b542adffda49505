#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Euler's method.
///
///     u(t + h) = u + h f(u, t)
///
/// Order 1, no error estimate (the step is fixed), one evaluation of f a step, dense output of order 1
/// (cubic Hermite). Choose it to reproduce fixed-step results and as the plainest baseline; BS3 or Tsit5
/// reach the same accuracy with far less work.
///
/// L. Euler, Institutionum Calculi Integralis I (1768), §650; Hairer, Nørsett & Wanner I (1993), §I.7.
struct Euler {
  static constexpr std::string_view name = "Euler";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 10.0, .beta2 = 2.0 / 5.0};
  static constexpr ExplicitTableau<2, 0, 3> tableau = with_hermite_dense_output<1>({
      .order = 1,
      .embedded_order = 0,
      .c = {0.0},
      .a = {},
      .b = {1.0},
      .e = {},
  });
};

}  // namespace costate
