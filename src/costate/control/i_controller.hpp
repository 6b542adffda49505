#pragma once

#include <costate/control/controller_checks.hpp>
#include <costate/control/controller_math.hpp>

#include <cmath>

namespace costate {

/// Integral control: h₊ = h · clamp(gamma · e^(−1/k), qmin, qmax), k = order + 1 of the error estimate, for
/// accepted and rejected steps alike. Hairer, Nørsett & Wanner, Solving ODEs I, eq. II.4.13.
struct IController {
  double gamma = 0.9;
  double qmin = 0.2;
  double qmax = 10.0;

  struct State {
    double log_gamma, log_qmin, log_qmax, exponent;
  };
  State start(int order) const {
    detail::check_factor_bounds("IController", gamma, qmin, qmax);
    return {std::log2(gamma), std::log2(qmin), std::log2(qmax), 1.0 / (order + 1)};
  }
  double accept(const State& state, double e2) const {
    const double y = state.log_gamma - state.exponent * 0.5 * detail::short_log2(e2);
    return detail::short_exp2(detail::clamp(y, state.log_qmin, state.log_qmax));
  }
  double reject(const State& state, double e2) const {
    const double y = state.log_gamma - state.exponent * 0.5 * detail::short_log2(e2);
    return detail::short_exp2(detail::clamp(y, state.log_qmin, detail::log_rejected));
  }
};

}  // namespace costate
