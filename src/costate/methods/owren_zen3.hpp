#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Owren and Zennaro's continuous pair of order 3(2).
///
/// Order 3 with an estimate of order 2, four stages of which the last is the next step's first: three
/// evaluations of f a step, dense output of order 3 at no further evaluation. Choose it to reproduce results
/// made with it, as of delay equations; BS3 has the same orders at the same price, takes steps nearly twice
/// as long at a given tolerance and is as accurate for the same work.
///
/// B. Owren & M. Zennaro, SIAM J. Sci. Stat. Comput. 13 (1992) 1488–1501.
struct OwrenZen3 {
  static constexpr std::string_view name = "OwrenZen3";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 30.0, .beta2 = 2.0 / 15.0};
  static constexpr ExplicitTableau<4, 0, 3> tableau = {
      .order = 3,
      .embedded_order = 2,
      .dense_order = 3,
      .c = {0.0, 12.0 / 23.0, 4.0 / 5.0, 1.0},
      .a = {{{},
             {12.0 / 23.0},
             {-68.0 / 375.0, 368.0 / 375.0},
             {31.0 / 144.0, 529.0 / 1152.0, 125.0 / 384.0}}},
      .b = {31.0 / 144.0, 529.0 / 1152.0, 125.0 / 384.0, 0.0},
      .e = {25.0 / 144.0, -575.0 / 1152.0, 125.0 / 384.0, 0.0},
      .r = {{{1.0, -65.0 / 48.0, 41.0 / 72.0},
             {0.0, 529.0 / 384.0, -529.0 / 576.0},
             {0.0, 125.0 / 128.0, -125.0 / 192.0},
             {0.0, -1.0, 1.0}}},
      .fsal = true,
  };
};

}  // namespace costate
