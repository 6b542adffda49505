#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Bogacki and Shampine's pair of order 3(2).
///
///     u(t + h) = u + h (2/9 k₁ + 1/3 k₂ + 4/9 k₃)
///
/// Order 3 with an estimate of order 2, four stages of which the last is the next step's first: three
/// evaluations of f a step, dense output of order 3 (cubic Hermite). Choose it at loose tolerances (reltol ≥
/// 1e-3) and where f is rough; Tsit5 overtakes it as tolerances tighten.
///
/// P. Bogacki & L. F. Shampine, Appl. Math. Lett. 2 (1989) 321–325.
struct BS3 {
  static constexpr std::string_view name = "BS3";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 30.0, .beta2 = 2.0 / 15.0};
  static constexpr ExplicitTableau<4, 0, 3> tableau = with_hermite_dense_output<3>({
      .order = 3,
      .embedded_order = 2,
      .c = {0.0, 1.0 / 2.0, 3.0 / 4.0},
      .a = {{{},  //
             {1.0 / 2.0},
             {0.0, 3.0 / 4.0}}},
      .b = {2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0},
      .e = {2.0 / 9.0 - 7.0 / 24.0, 1.0 / 3.0 - 1.0 / 4.0, 4.0 / 9.0 - 1.0 / 3.0, -1.0 / 8.0},
  });
};

}  // namespace costate
