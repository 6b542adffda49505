#pragma once

#include <costate/control/pi_controller.hpp>
#include <costate/methods/explicit_tableau.hpp>

#include <string_view>

namespace costate {

/// Owren and Zennaro's continuous pair of order 4(3).
///
/// Order 4 with an estimate of order 3, six stages of which the last is the next step's first: five
/// evaluations of f a step, dense output of order 4 at no further evaluation, with errors between the ends of
/// a step no larger than at its end. Choose it at loose tolerances where the solution is read mostly between
/// the steps: delays, events, many save points.
///
/// B. Owren & M. Zennaro, SIAM J. Sci. Stat. Comput. 13 (1992) 1488–1501.
struct OwrenZen4 {
  static constexpr std::string_view name = "OwrenZen4";
  using Controller = PIController;
  static constexpr PIController controller = {.beta1 = 7.0 / 40.0, .beta2 = 2.0 / 20.0};
  static constexpr ExplicitTableau<6, 0, 4> tableau = {
      .order = 4,
      .embedded_order = 3,
      .dense_order = 4,
      .c = {0.0, 1.0 / 6.0, 11.0 / 37.0, 11.0 / 17.0, 13.0 / 15.0, 1.0},
      .a = {{{},
             {1.0 / 6.0},
             {44.0 / 1369.0, 363.0 / 1369.0},
             {3388.0 / 4913.0, -8349.0 / 4913.0, 8140.0 / 4913.0},
             {-36764.0 / 408375.0, 767.0 / 1125.0, -32708.0 / 136125.0, 210392.0 / 408375.0},
             {1697.0 / 18876.0, 0.0, 50653.0 / 116160.0, 299693.0 / 1626240.0, 3375.0 / 11648.0}}},
      .b = {1697.0 / 18876.0, 0.0, 50653.0 / 116160.0, 299693.0 / 1626240.0, 3375.0 / 11648.0, 0.0},
      .e = {-1185.0 / 6292.0, 0.0, 4107.0 / 7744.0, -68493.0 / 108416.0, 3375.0 / 11648.0, 0.0},
      .r = {{{1.0, -104217.0 / 37466.0, 1806901.0 / 618189.0, -866577.0 / 824252.0},
             {},
             {0.0, 861101.0 / 230560.0, -2178079.0 / 380424.0, 12308679.0 / 5072320.0},
             {0.0, -63869.0 / 293440.0, 6244423.0 / 5325936.0, -7816583.0 / 10144640.0},
             {0.0, -1522125.0 / 762944.0, 982125.0 / 190736.0, -624375.0 / 217984.0},
             {0.0, 165.0 / 131.0, -461.0 / 131.0, 296.0 / 131.0}}},
      .fsal = true,
  };
};

}  // namespace costate
