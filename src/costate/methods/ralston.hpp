#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Ralston's method, of order 2 with the smallest bound of the error among those of two stages.
///
///     u(t + h) = u + h/4 (k₁ + 3k₂),   k₂ = f(u + 2h/3 k₁, t + 2h/3)
///
/// Order 2 with an estimate of order 1, its difference from Euler's step; two evaluations of f a step, dense
/// output of order 2 (cubic Hermite with the slope at the new point, which the next step takes over). Choose
/// it where order 2 is asked for; BS3 needs one evaluation more and allows far longer steps.
///
/// A. Ralston, Math. Comp. 16 (1962) 431–437.
struct Ralston {
  static constexpr std::string_view name = "Ralston";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 20.0, .beta2 = 2.0 / 10.0};
  static constexpr ExplicitTableau<3, 0, 3> tableau = with_hermite_dense_output<2>({
      .order = 2,
      .embedded_order = 1,
      .c = {0.0, 2.0 / 3.0},
      .a = {{{},  //
             {2.0 / 3.0}}},
      .b = {1.0 / 4.0, 3.0 / 4.0},
      .e = {-3.0 / 4.0, 3.0 / 4.0},
  });
};

}  // namespace costate
