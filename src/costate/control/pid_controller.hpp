#pragma once

#include <costate/control/controller_checks.hpp>
#include <costate/control/controller_math.hpp>

#include <cmath>
#include <limits>

namespace costate {

/// Control by the errors of three steps, with e the scaled error of this step, e₁ and e₂ those of the last
/// two accepted ones and k = order + 1 of the error estimate:
///
///     x = e^(−beta1/k) · e₁^(−beta2/k) · e₂^(−beta3/k),   h₊ = h · (1 + atan(x − 1))
///
/// A step is accepted where this factor is at least `accept_safety`, so an error a little above the tolerance
/// passes if the errors before it fell. Errors count as at least 2.2e-16; e₁ and e₂ start at 1. The factor
/// lies between 0.21 and 2.57, so there are no other bounds. G. Söderlind, ACM TOMS 29 (2003) 1–26; G.
/// Söderlind & L. Wang, J. Comput. Appl. Math. 185 (2006) 225–243, §6 (the limiter); acceptance as in
/// OrdinaryDiffEq.jl.
struct PIDController {
  double beta1;
  double beta2 = 0.0;
  double beta3 = 0.0;
  double accept_safety = 0.81;

  struct State {
    double exponent1, exponent2, exponent3, log_e1 = 0.0, log_e2 = 0.0;
  };
  State start(int order) const {
    detail::check_weights("PIDController", beta1, beta2, beta3, beta1 + beta2 + beta3);
    detail::check_controller("PIDController", ".accept_safety", "a number in [0.3, 1)", accept_safety,
                             accept_safety >= 0.3 && accept_safety < 1);
    return {-beta1 / (order + 1), -beta2 / (order + 1), -beta3 / (order + 1)};
  }
  /// Whether a step of squared error e2 stands; NaN and ∞ never do.
  bool accepts(const State& state, double e2) const {
    return e2 < std::numeric_limits<double>::infinity() && factor(state, log_error(e2)) >= accept_safety;
  }
  double accept(State& state, double e2) const {
    const double log_e = log_error(e2);
    const double result = factor(state, log_e);
    state.log_e2 = state.log_e1;
    state.log_e1 = log_e;
    return result;
  }
  double reject(const State& state, double e2) const { return factor(state, log_error(e2)); }

 private:
  static double log_error(double e2) {
    constexpr double smallest = std::numeric_limits<double>::epsilon();
    return 0.5 * detail::short_log2(e2 > smallest * smallest ? e2 : smallest * smallest);
  }
  static double factor(const State& state, double log_e) {
    const double log_x =
        state.exponent1 * log_e + state.exponent2 * state.log_e1 + state.exponent3 * state.log_e2;
    return 1.0 + std::atan(detail::short_exp2(detail::clamp(log_x, -900.0, 900.0)) - 1.0);
  }
};

// Weights of the literature, for every method alike: Söderlind & Wang (2006), table 1.
inline constexpr PIDController PI42 = {.beta1 = 3.0 / 5, .beta2 = -1.0 / 5};
inline constexpr PIDController PI33 = {.beta1 = 2.0 / 3, .beta2 = -1.0 / 3};
inline constexpr PIDController PI34 = {.beta1 = 7.0 / 10, .beta2 = -2.0 / 5};
inline constexpr PIDController H211PI = {.beta1 = 1.0 / 6, .beta2 = 1.0 / 6};
inline constexpr PIDController H312PID = {.beta1 = 1.0 / 18, .beta2 = 1.0 / 9, .beta3 = 1.0 / 18};

}  // namespace costate
