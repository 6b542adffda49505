#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Owren and Zennaro's continuous pair of order 5(4).
///
/// Order 5 with an estimate of order 4, eight stages of which the last is the next step's first: seven
/// evaluations of f a step, dense output of order 5 at no further evaluation, with errors between the ends of
/// a step no larger than at its end. Choose it where the solution is read mostly between the steps: delays,
/// events, many save points. At the ends of the steps Tsit5 is more accurate, with one evaluation less.
///
/// B. Owren & M. Zennaro, SIAM J. Sci. Stat. Comput. 13 (1992) 1488–1501.
struct OwrenZen5 {
  static constexpr std::string_view name = "OwrenZen5";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 50.0, .beta2 = 2.0 / 25.0};
  static constexpr ExplicitTableau<8, 0, 5> tableau = {
      .order = 5,
      .embedded_order = 4,
      .dense_order = 5,
      .c = {0.0, 1.0 / 6.0, 1.0 / 4.0, 1.0 / 2.0, 1.0 / 2.0, 9.0 / 14.0, 7.0 / 8.0, 1.0},
      .a = {{{},
             {1.0 / 6.0},
             {1.0 / 16.0, 3.0 / 16.0},
             {1.0 / 4.0, -3.0 / 4.0, 1.0},
             {-3.0 / 4.0, 15.0 / 4.0, -3.0, 1.0 / 2.0},
             {369.0 / 1372.0, -243.0 / 343.0, 297.0 / 343.0, 1485.0 / 9604.0, 297.0 / 4802.0},
             {-133.0 / 4512.0, 1113.0 / 6016.0, 7945.0 / 16544.0, -12845.0 / 24064.0, -315.0 / 24064.0,
              156065.0 / 198528.0},
             {83.0 / 945.0, 0.0, 248.0 / 825.0, 41.0 / 180.0, 1.0 / 36.0, 2401.0 / 38610.0,
              6016.0 / 20475.0}}},
      .b = {83.0 / 945.0, 0.0, 248.0 / 825.0, 41.0 / 180.0, 1.0 / 36.0, 2401.0 / 38610.0, 6016.0 / 20475.0,
            0.0},
      .e = {188.0 / 945.0, 0.0, -752.0 / 825.0, 89.0 / 45.0, 1.0 / 9.0, -32242.0 / 19305.0, 6016.0 / 20475.0,
            0.0},
      .r = {{{1.0, -3292.0 / 819.0, 17893.0 / 2457.0, -4969.0 / 819.0, 596.0 / 315.0},
             {},
             {0.0, 5112.0 / 715.0, -43568.0 / 2145.0, 1344.0 / 65.0, -1984.0 / 275.0},
             {0.0, -123.0 / 52.0, 3161.0 / 234.0, -1465.0 / 78.0, 118.0 / 15.0},
             {0.0, -63.0 / 52.0, 1061.0 / 234.0, -413.0 / 78.0, 2.0},
             {0.0, -40817.0 / 33462.0, 60025.0 / 50193.0, 2401.0 / 1521.0, -9604.0 / 6435.0},
             {0.0, 18048.0 / 5915.0, -637696.0 / 53235.0, 96256.0 / 5915.0, -48128.0 / 6825.0},
             {0.0, -18.0 / 13.0, 75.0 / 13.0, -109.0 / 13.0, 4.0}}},
      .fsal = true,
  };
};

}  // namespace costate
