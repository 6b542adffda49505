#include <costate/core/errors.hpp>
#include <costate/optimizers/levenberg_marquardt.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace costate {

template <class T>
LevenbergMarquardt::State<T> LevenbergMarquardt::init(std::size_t size) const {
  if (!(initial_damping > 0) || !std::isfinite(initial_damping))
    detail::reject("LevenbergMarquardt.initial_damping", "a finite number > 0", initial_damping);
  detail::check(name, {gradient_tolerance, step_tolerance, cost_tolerance});
  return {detail::LeastSquaresState<T>(size), initial_damping, 2};
}

template <class T>
StepResult LevenbergMarquardt::iterate(State<T>& state, const ResidualObjective<T>& objective,
                                       Iterate<T>& current) const {
  constexpr double resolution = static_cast<double>(std::numeric_limits<T>::epsilon());
  // no damping below this can be seen in the factors
  constexpr double least_damping = resolution * resolution;
  constexpr double least_gain = 1e-4;
  const Bounds<T>& bounds = objective.sum_of_squares.bounds;
  detail::LeastSquaresState<T>& shared = state.shared;
  const detail::LeastSquaresTests tests{gradient_tolerance, step_tolerance, cost_tolerance};
  if (shared.finished && state.damping > least_damping) {
    // a damped step is short in directions that the residuals hardly see
    state.damping = least_damping;
    shared.finished = false;
  }
  if (const StepResult before = shared.begin(objective, current, tests); before.outcome != StepOutcome::moved)
    return before;

  const double loss = static_cast<double>(current.loss);
  bool solved = false;
  double predicted = 0;  // fall of |r|² along the step
  const auto propose = [&] {
    solved = shared.solve(bounds, current, state.damping);
    predicted = solved ? shared.predicted_fall(current, 1) : 0;
  };
  const auto within_tolerance = [&] {
    return shared.relative_step(current) <= std::max(step_tolerance, resolution);
  };
  const auto within_rounding = [&] { return predicted >= 0 && predicted <= resolution * loss; };
  propose();
  while (solved && (within_tolerance() || within_rounding()) && state.damping > least_damping) {
    state.damping = std::max(state.damping / 1000, least_damping);
    propose();
  }
  if (solved && within_tolerance()) return {StepOutcome::converged, "the step is within step_tolerance"};
  const double foreseen = predicted;
  for (;; propose()) {
    if (solved && (within_rounding() || !shared.move(bounds, current, 1))) break;
    if (predicted > 0 && shared.evaluate_trial(objective, current, loss)) {
      const double fall = loss - static_cast<double>(shared.trial.loss), gain = fall / predicted;
      if (gain > least_gain) {
        const double off = 2 * gain - 1;
        state.damping = std::max(state.damping * std::max(1.0 / 3, 1 - off * off * off), least_damping);
        state.growth = 2;
        shared.judge_fall(loss, predicted, cost_tolerance);
        std::swap(current, shared.trial);
        return {};
      }
    }
    state.damping *= state.growth;
    state.growth *= 2;
    if (!std::isfinite(state.damping)) break;
  }
  return shared.stuck(loss, foreseen, "no damped step lowers the sum of squares");
}

template LevenbergMarquardt::State<float> LevenbergMarquardt::init(std::size_t) const;
template LevenbergMarquardt::State<double> LevenbergMarquardt::init(std::size_t) const;
template StepResult LevenbergMarquardt::iterate(State<float>&, const ResidualObjective<float>&,
                                                Iterate<float>&) const;
template StepResult LevenbergMarquardt::iterate(State<double>&, const ResidualObjective<double>&,
                                                Iterate<double>&) const;

}  // namespace costate
