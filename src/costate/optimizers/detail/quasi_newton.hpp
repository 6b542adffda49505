#pragma once

#include <costate/optimizers/line_search.hpp>
#include <costate/optimizers/objective.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace costate::detail {

/// What BFGS and LBFGS share: the line search around a direction d = −H g, and the way back to steepest
/// descent.
template <class T>
struct QuasiNewtonState {
  LineSearchWorkspace<T> search;
  std::vector<T> direction, s, y;                           ///< s, y: last changes of x and of the gradient
  bool steepest = true;                                     ///< H knows nothing yet
  double scale = 0;                                         ///< sᵀy / yᵀy of the last pair, eq. 6.20
  double lowest = std::numeric_limits<double>::infinity();  ///< lowest loss so far
  std::size_t flat_iterations = 0;                          ///< for how long it has not fallen
  std::vector<unsigned char> fixed;  ///< with bounds: parameters at one that the loss pushes against
  std::vector<T> reduced;            ///< with bounds: the gradient, zero where fixed

  /// What outlives an iteration; the rest is scratch.
  auto fields() { return std::tie(steepest, scale, lowest, flat_iterations, fixed); }

  QuasiNewtonState() = default;
  explicit QuasiNewtonState(std::size_t size) : search(size), direction(size), s(size), y(size) {}
};

/// The numbers of an optimizer that this needs.
struct QuasiNewtonOptions {
  double initial_step_norm, gradient_tolerance;
  LineSearch line_search;
};

/// Throws std::invalid_argument naming the field of the optimizer that is out of its range.
void check(const char* optimizer, const QuasiNewtonOptions& options);

/// First step along −g. Later restarts know the scale of the curvature that was last seen.
template <class T>
double steepest_step(const QuasiNewtonState<T>& state, const QuasiNewtonOptions& options,
                     std::span<const T> gradient) {
  if (state.scale > 0) return state.scale;
  const double length = std::sqrt(inner_product<T>(gradient, gradient));
  if (options.initial_step_norm > 0) return options.initial_step_norm / length;
  return std::min(1.0, 1.0 / length);
}

/// Whether the pair (s, y) has positive curvature beyond rounding; keeps its scale.
template <class T>
bool take_pair(QuasiNewtonState<T>& state, const Iterate<T>& before, const Iterate<T>& after) {
  for (std::size_t i = 0; i < state.s.size(); ++i) {
    state.s[i] = after.x[i] - before.x[i];
    state.y[i] = after.gradient[i] - before.gradient[i];
    if (!state.fixed.empty() && state.fixed[i]) state.s[i] = state.y[i] = T(0);
  }
  const double sy = inner_product<T>(state.s, state.y);
  const double yy = inner_product<T>(state.y, state.y), ss = inner_product<T>(state.s, state.s);
  const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon());
  // the products themselves can under- or overflow long before x and g do
  if (!std::isfinite(1 / yy) || !std::isfinite(1 / sy) || !(sy > rounding * std::sqrt(ss) * std::sqrt(yy)))
    return false;
  state.scale = sy / yy;
  return true;
}

/// The gradient of the parameters that are not fixed at a bound, zero for the others. `fix(i)` takes one that
/// is newly fixed out of H.
template <class T, class Fix>
std::span<const T> free_gradient(QuasiNewtonState<T>& state, const Bounds<T>& bounds,
                                 const Iterate<T>& current, Fix fix) {
  if (!bounds.any()) return current.gradient;
  const std::size_t n = current.x.size();
  state.fixed.resize(n);
  state.reduced.assign(current.gradient.begin(), current.gradient.end());
  for (std::size_t i = 0; i < n; ++i) {
    const bool fixed = bounds.blocks(i, current.x[i], -current.gradient[i]);
    if (fixed) state.reduced[i] = T(0);
    if (fixed && !state.fixed[i] && !state.steepest) fix(i);
    state.fixed[i] = fixed;
  }
  return state.reduced;
}

/// One iteration. `direct(gradient, direction)` writes −H g for the parameters that are not fixed and zero
/// for the others, `update()` takes state.s and state.y into H, `forget()` drops H, `fix(i)` takes parameter
/// i out of it. With bounds this is the two-metric projection of D. P. Bertsekas, SIAM J. Control Optim. 20
/// (1982) 221.
template <class T, class Direct, class Update, class Forget, class Fix>
StepResult quasi_newton_iterate(QuasiNewtonState<T>& state, const QuasiNewtonOptions& options,
                                const Objective<T>& objective, Iterate<T>& current, Direct direct,
                                Update update, Forget forget, Fix fix) {
  constexpr std::size_t patience = 10;
  if (projected_gradient_norm<T>(objective.bounds, current.x, current.gradient) <=
      options.gradient_tolerance) {
    return {StepOutcome::converged, "the gradient is within gradient_tolerance"};
  }
  if (state.flat_iterations >= patience) {
    return {StepOutcome::stalled, "it has not fallen beyond rounding in the last 10 iterations"};
  }
  const std::span<const T> gradient = free_gradient(state, objective.bounds, current, fix);
  for (;;) {
    double first_step = 1;
    if (state.steepest) {
      for (std::size_t i = 0; i < gradient.size(); ++i) state.direction[i] = -gradient[i];
      first_step = steepest_step<T>(state, options, gradient);
    } else {
      direct(gradient, std::span<T>(state.direction));
    }
    const LineSearchResult found =
        line_search<T>(options.line_search, objective, current, state.direction, first_step, state.search);
    if (found.outcome != LineSearchOutcome::no_progress) break;
    current.last_evaluated &= found.evaluations == 0;
    if (state.steepest) return {StepOutcome::stalled, found.reason};
    forget();
    state.steepest = true;
  }
  if (take_pair(state, current, state.search.best)) {
    update();
    state.steepest = false;
  }
  const double loss = static_cast<double>(state.search.best.loss), before = static_cast<double>(current.loss);
  state.lowest = std::min(state.lowest, before);
  const double fall = state.lowest - loss;
  const bool flat =
      fall <= 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::fabs(state.lowest);
  state.flat_iterations = flat ? state.flat_iterations + 1 : 0;
  state.lowest = std::min(state.lowest, loss);
  std::swap(current, state.search.best);
  return {};
}

}  // namespace costate::detail
