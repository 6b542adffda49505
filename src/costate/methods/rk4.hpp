#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// The classical Runge–Kutta method of order 4.
///
///     u(t + h) = u + h/6 (k₁ + 2k₂ + 2k₃ + k₄)
///
/// Order 4, no error estimate (the step is fixed), four evaluations of f a step, dense output of order 3
/// (cubic Hermite with the slope at the new point, which the next step takes over). Choose it for fixed-step
/// work and for comparison with other people's programs; Tsit5 adapts its step and is more accurate for the
/// same work.
///
/// W. Kutta, Z. Math. Phys. 46 (1901) 435–453; Hairer, Nørsett & Wanner I (1993), §II.1, Table 1.2.
struct RK4 {
  static constexpr std::string_view name = "RK4";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 40.0, .beta2 = 2.0 / 20.0};
  static constexpr ExplicitTableau<5, 0, 3> tableau = with_hermite_dense_output<4>({
      .order = 4,
      .embedded_order = 0,
      .c = {0.0, 1.0 / 2.0, 1.0 / 2.0, 1.0},
      .a = {{{},  //
             {1.0 / 2.0},
             {0.0, 1.0 / 2.0},
             {0.0, 0.0, 1.0}}},
      .b = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0},
      .e = {},
  });
};

}  // namespace costate
