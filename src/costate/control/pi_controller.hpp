#pragma once

#include <costate/control/controller_checks.hpp>
#include <costate/control/controller_math.hpp>

#include <cmath>

namespace costate {

/// Proportional-integral control of the step size, with e the scaled error of the step (accepted iff e ≤ 1)
/// and e₋ that of the last accepted one:
///
///     accepted   h₊ = h · clamp(gamma · e^(−beta1) · e₋^beta2, qmin, qmax)
///     rejected   h₊ = h · max(gamma · e^(−beta1), qmin)
///
/// e₋ starts at 1e-4 and is never taken below it. The defaults of a method are beta1 = 7/(10 p), beta2 = 2/(5
/// p), as in OrdinaryDiffEq.jl. K. Gustafsson, ACM TOMS 17 (1991) 533; Hairer & Wanner, Solving ODEs II,
/// IV.2.
///
/// Fields that could not control (beta1 ≤ beta2, gamma or qmin outside (0, 1), qmax < 1) are
/// std::invalid_argument before the first step, as for every controller.
struct PIController {
  double beta1;
  double beta2;
  double gamma = 0.9;
  double qmin = 0.2;
  double qmax = 10.0;

  struct State {
    double log_gamma, log_qmin, log_qmax, log_previous = log_floor;
  };
  State start(int /*order*/) const {
    detail::check_factor_bounds("PIController", gamma, qmin, qmax);
    detail::check_weights("PIController", beta1, beta2, 0.0, beta1 - beta2);
    return {std::log2(gamma), std::log2(qmin), std::log2(qmax)};
  }

  /// The factor for the step after an accepted one; e2 = e².
  double accept(State& state, double e2) const {
    const double log_e2 = detail::short_log2(e2), log_e = 0.5 * log_e2;
    // all but the last product is known before the error
    const double y = (state.log_gamma + beta2 * state.log_previous) - (0.5 * beta1) * log_e2;
    state.log_previous = log_e < log_floor ? log_floor : log_e;
    return detail::short_exp2(detail::clamp(y, state.log_qmin, state.log_qmax));
  }
  /// The factor for another try of the same step.
  double reject(const State& state, double e2) const {
    const double y = state.log_gamma - beta1 * 0.5 * detail::short_log2(e2);
    return detail::short_exp2(detail::clamp(y, state.log_qmin, detail::log_rejected));
  }

 private:
  static constexpr double log_floor = -13.287712379549449;  // log2(1e-4)
};

}  // namespace costate
