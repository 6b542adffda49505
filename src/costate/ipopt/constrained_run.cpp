#include <costate/ipopt/detail/constrained_run.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

namespace costate::detail {

template <class T>
ConstrainedRun<T>::ConstrainedRun(const ConstrainedObjective<T>& objective, std::span<const T> start,
                                  const IpoptOptions& ipopt, const TrainOptions& options,
                                  const Bounds<T>& box, function_ref<bool(const TrainPoint<T>&)> callback)
    : bounds(box),
      sides(ipopt, static_cast<bool>(objective.constraints)),
      interrupt(options.interruptible),
      points(objective, bounds, sides, ipopt.constraint_tolerance, interrupt, start),
      callback_(callback),
      start_(start) {
  result.optimizer = "Ipopt";
  result.max_iterations = progress_.max_iterations = options.max_iterations.value_or(default_max_iterations);
}

template <class T>
bool ConstrainedRun<T>::begin() {
  const bool inside = points.evaluate(start_, true, true);
  if (points.thrown) std::rethrow_exception(points.thrown);
  current = points.point();
  if (!current.has_loss) {
    current.loss = std::numeric_limits<T>::quiet_NaN();
    std::fill(current.gradient.begin(), current.gradient.end(), current.loss);
  }
  result.initial_loss = current.loss;
  result.initial_gradient_norm = projected_gradient_norm<T>(bounds, current.x, current.gradient);
  if (record(result.initial_gradient_norm)) return false;
  if (interrupt.interrupted()) {
    stop(StopReason::interrupted, "interrupted by Ctrl-C");
  } else if (!inside) {
    stop(StopReason::not_finite_at_start,
         current.has_loss ? message(StopReason::not_finite_at_start)
                          : "the parameters or the constraints are not finite at the start");
  }
  return !stopped_;
}

template <class T>
bool ConstrainedRun<T>::iterated(std::size_t iteration, std::span<const double> x, double gradient_norm,
                                 ProgressBar& bar) {
  if (points.evaluate(x, true, true)) current = points.point();
  if (points.thrown || interrupt.interrupted()) return false;
  if (iteration == 0) return true;  // the start, a little inwards
  result.iterations = iteration;
  bar.update(iteration, static_cast<double>(current.loss));
  try {
    return !record(gradient_norm);
  } catch (...) {
    points.thrown = std::current_exception();
    return false;
  }
}

/// True where the callback ends the run.
template <class T>
bool ConstrainedRun<T>::record(double gradient_norm) {
  result.history.push_back(static_cast<double>(current.loss));
  if (!callback_) return false;
  progress_.iteration = result.iterations;
  progress_.loss = static_cast<double>(current.loss);
  progress_.gradient_norm = gradient_norm;
  progress_.seconds = steady_seconds() - begin_;
  progress_.history = result.history;
  progress_.validations = result.validations;
  const bool last = points.point().x == current.x;
  const bool halt = callback_({current.x, current.loss, result.iterations, last, progress_});
  progress_.first = false;
  if (progress_.validation) {
    result.validations.push_back({result.iterations, *progress_.validation});
    progress_.validation.reset();
  }
  if (!progress_.failure.empty()) {
    stop(StopReason::not_saved, std::exchange(progress_.failure, {}));
  } else if (halt) {
    stop(StopReason::halted, message(StopReason::halted));
  }
  return stopped_;
}

template <class T>
void ConstrainedRun<T>::stop(StopReason reason, std::string_view words) {
  result.stop_reason = reason;
  result.message = words;
  stopped_ = true;
}

template <class T>
void ConstrainedRun<T>::end(StopReason reason, std::string_view words) {
  if (points.thrown) std::rethrow_exception(points.thrown);
  if (stopped_) return;
  if (interrupt.interrupted()) return stop(StopReason::interrupted, "interrupted by Ctrl-C");
  stop(reason, words);
}

/// Where Ipopt converged, its solution: a point that takes its lower loss from a violation within the
/// tolerance is further from the minimum. By the exact penalty loss + Σ|λᵢ| max violation it is not better.
template <class T>
const ConstrainedPoint<T>& ConstrainedRun<T>::chosen(const std::vector<T>& multipliers) const {
  if (!points.any()) return current;
  const Point& best = points.best();
  if (result.stop_reason != StopReason::converged || !points.feasible(current)) return best;
  double price = 0;
  for (const T lambda : multipliers) price += std::fabs(static_cast<double>(lambda));
  const double penalized = static_cast<double>(best.loss) + price * best.violation;
  return penalized < static_cast<double>(current.loss) ? best : current;
}

template <class T>
ConstrainedResult<T> ConstrainedRun<T>::finish(const std::vector<T>& multipliers) {
  const Point& at = chosen(multipliers);
  result.minimizer = Vector<T>(std::span<const T>(at.x));
  result.minimum = at.loss;
  result.constraints = Vector<T>(std::span<const T>(at.constraints.residuals));
  result.violation = at.violation;
  result.feasible = points.any() && points.feasible(at);
  result.multipliers = Vector<T>(std::span<const T>(multipliers));
  result.last = Vector<T>(std::span<const T>(current.x));
  result.last_loss = current.loss;
  const std::size_t m = multipliers.size();
  std::vector<T> slope(current.gradient);
  for (std::size_t j = 0; j < slope.size(); ++j)
    for (std::size_t i = 0; i < m; ++i) slope[j] += multipliers[i] * current.constraints.jacobian[i + j * m];
  result.gradient_norm = projected_gradient_norm<T>(bounds, current.x, slope);
  result.evaluations = points.evaluations;
  if (sides.count() > 0) {
    char violation[64];
    std::snprintf(violation, sizeof violation, "; largest constraint violation %.3g", result.violation);
    result.message += violation;
    if (!result.feasible) result.message += ": no point that meets the constraints was found";
  }
  result.seconds = steady_seconds() - begin_;
  return std::move(result);
}

template class ConstrainedRun<float>;
template class ConstrainedRun<double>;

}  // namespace costate::detail
