#pragma once

#include <costate/control/controller_checks.hpp>

#include <limits>

namespace costate {

/// Which quotients h / h₊ leave the step as it is.
struct DeadBandOptions {
  double qsteady_min = 1.0;
  double qsteady_max = 1.2;
};

/// A controller whose small changes are not made: while h / h₊, by the controller inside, lies in
/// [qsteady_min, qsteady_max], an accepted step is followed by one of the very same size.
///
///     with_control(method, DeadBand{PIController{.beta1 = 0.14, .beta2 = 0.08}, {.qsteady_min = 0.9}})
///
/// For methods that keep a factorization as long as h stays. Rejections, and what counts as one, are those of
/// the controller inside. The band and its defaults are OrdinaryDiffEq.jl's for implicit methods; E. Hairer &
/// G. Wanner, Solving ODEs II, IV.8.
template <class Controller>
struct DeadBand {
  Controller controller;
  DeadBandOptions options;

  constexpr DeadBand(const Controller& inside, const DeadBandOptions& band = {})
      : controller(inside), options(band) {}

  using State = typename Controller::State;
  State start(int order) const {
    const auto [low, high] = options;
    detail::check_controller("DeadBand", ".qsteady_min", "a number in (0, 1]", low, low > 0 && low <= 1);
    detail::check_controller("DeadBand", ".qsteady_max", "a finite number >= 1", high,
                             high >= 1 && high < std::numeric_limits<double>::infinity());
    return controller.start(order);
  }
  bool accepts(const State& state, double e2) const requires requires { controller.accepts(state, e2); }
  { return controller.accepts(state, e2); }
  double accept(State& state, double e2) const {
    const double factor = controller.accept(state, e2);
    const bool steady = factor * options.qsteady_min <= 1.0 && factor * options.qsteady_max >= 1.0;
    return steady ? 1.0 : factor;
  }
  double reject(State& state, double e2) const { return controller.reject(state, e2); }
};

}  // namespace costate
