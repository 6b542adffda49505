#include <costate/optimizers/gauss_newton.hpp>
#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace costate {

template <class T>
GaussNewton::State<T> GaussNewton::init(std::size_t size) const {
  detail::check(name, {gradient_tolerance, step_tolerance, cost_tolerance});
  return {detail::LeastSquaresState<T>(size)};
}

template <class T>
StepResult GaussNewton::iterate(State<T>& state, const ResidualObjective<T>& objective,
                                Iterate<T>& current) const {
  constexpr double resolution = static_cast<double>(std::numeric_limits<T>::epsilon());
  constexpr double sufficient_decrease = 1e-4;
  const Bounds<T>& bounds = objective.sum_of_squares.bounds;
  detail::LeastSquaresState<T>& shared = state.shared;
  const detail::LeastSquaresTests tests{gradient_tolerance, step_tolerance, cost_tolerance};
  if (const StepResult before = shared.begin(objective, current, tests); before.outcome != StepOutcome::moved)
    return before;
  if (!shared.solve(bounds, current, 0))
    return {StepOutcome::stalled, "the linear model has no finite minimum; LevenbergMarquardt needs none"};
  const double slope = detail::inner_product<T>(current.gradient, shared.step);
  const double loss = static_cast<double>(current.loss), predicted = shared.predicted_fall(current, 1);
  if (shared.relative_step(current) <= std::max(step_tolerance, resolution))
    return {StepOutcome::converged, "the step is within step_tolerance"};
  for (double fraction = 1; shared.move(bounds, current, fraction); fraction /= 2) {
    if (shared.predicted_fall(current, fraction) <= resolution * loss) break;
    const double limit = loss + sufficient_decrease * fraction * slope;
    if (!shared.evaluate_trial(objective, current, limit)) continue;
    shared.judge_fall(loss, predicted, cost_tolerance);
    std::swap(current, shared.trial);
    return {};
  }
  return shared.stuck(loss, predicted,
                      "no point along the step lowers the sum of squares: try LevenbergMarquardt");
}

template GaussNewton::State<float> GaussNewton::init(std::size_t) const;
template GaussNewton::State<double> GaussNewton::init(std::size_t) const;
template StepResult GaussNewton::iterate(State<float>&, const ResidualObjective<float>&,
                                         Iterate<float>&) const;
template StepResult GaussNewton::iterate(State<double>&, const ResidualObjective<double>&,
                                         Iterate<double>&) const;

}  // namespace costate
