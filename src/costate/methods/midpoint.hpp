#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// The explicit midpoint method, also called modified Euler.
///
///     u(t + h) = u + h f(u + h/2 f(u, t), t + h/2)
///
/// Order 2 with an estimate of order 1, its difference from Euler's step; two evaluations of f a step, dense
/// output of order 2 (cubic Hermite with the slope at the new point, which the next step takes over). Choose
/// it to reproduce other people's results; BS3 needs one evaluation more and allows far longer steps.
///
/// C. Runge, Math. Ann. 46 (1895) 167–178; Hairer, Nørsett & Wanner I (1993), §II.1, eq. (1.4).
struct Midpoint {
  static constexpr std::string_view name = "Midpoint";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 20.0, .beta2 = 2.0 / 10.0};
  static constexpr ExplicitTableau<3, 0, 3> tableau = with_hermite_dense_output<2>({
      .order = 2,
      .embedded_order = 1,
      .c = {0.0, 1.0 / 2.0},
      .a = {{{},  //
             {1.0 / 2.0}}},
      .b = {0.0, 1.0},
      .e = {-1.0, 1.0},
  });
};

}  // namespace costate
