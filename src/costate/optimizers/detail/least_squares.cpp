#include <costate/core/errors.hpp>
#include <costate/optimizers/detail/least_squares.hpp>
#include <costate/optimizers/line_search.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace costate::detail {
namespace {

// a plain evaluation before that of the Jacobian pays once the latter takes more than one forward pass
constexpr std::size_t cheap_jacobian = 8;

template <class T>
std::span<const T> column(const Linearization<T>& model, std::size_t j) {
  const std::size_t m = model.residuals.size();
  return {model.jacobian.data() + j * m, m};
}

template <class T>
double norm(std::span<const T> x) {
  return std::sqrt(inner_product<T>(x, x));
}

}  // namespace

void check(const char* optimizer, const LeastSquaresTests& tests) {
  const auto require = [&](const char* field, double got) {
    if (!(got >= 0)) reject(std::string(optimizer) + "." + field, "a number >= 0", got);
  };
  require("gradient_tolerance", tests.gradient_tolerance);
  require("step_tolerance", tests.step_tolerance);
  require("cost_tolerance", tests.cost_tolerance);
}

template <class T>
bool LeastSquaresState<T>::linearize(const ResidualObjective<T>& objective, Iterate<T>& current) {
  if (model.x == current.x) return true;
  if (objective.latest.x != current.x) {
    current.loss = objective.sum_of_squares.value_and_gradient(current.x, current.gradient);
    current.last_evaluated = true;
    if (!is_inside<T>(current.loss, current.gradient)) return false;
  }
  model = objective.latest;
  for (std::size_t j = 0; j < scale.size(); ++j) {
    const T length = static_cast<T>(norm(column(model, j)));
    scale[j] = std::max(length, scale[j] / 10);
    if (scale[j] == 0) scale[j] = 1;
  }
  return true;
}

template <class T>
bool LeastSquaresState<T>::is_stationary(const Bounds<T>& bounds, const Iterate<T>& current,
                                         double tolerance) const {
  const double r = norm<T>(model.residuals);
  if (r == 0) return true;
  for (std::size_t j = 0; j < current.x.size(); ++j) {
    if (bounds.blocks(j, current.x[j], -current.gradient[j])) continue;
    const double length = norm(column(model, j));
    const double along = std::fabs(inner_product<T>(column(model, j), model.residuals));
    if (along > tolerance * length * r) return false;
  }
  return true;
}

template <class T>
bool LeastSquaresState<T>::solve(const Bounds<T>& bounds, const Iterate<T>& current, double damping) {
  const std::size_t n = current.x.size(), m = model.residuals.size();
  const T root = static_cast<T>(std::sqrt(damping));
  std::fill(step.begin(), step.end(), T(0));
  free_.clear();
  for (std::size_t j = 0; j < n; ++j)
    if (!bounds.blocks(j, current.x[j], -current.gradient[j])) free_.push_back(j);
  right_.resize(m);
  for (std::size_t i = 0; i < m; ++i) right_[i] = -model.residuals[i];
  while (!free_.empty()) {
    const std::size_t k = free_.size(), rows = m + (damping > 0 ? k : 0);
    matrix_.assign(rows * k, T(0));
    for (std::size_t c = 0; c < k; ++c) {
      const std::span<const T> from = column(model, free_[c]);
      std::copy(from.begin(), from.end(), matrix_.begin() + static_cast<std::ptrdiff_t>(c * rows));
      if (damping > 0) matrix_[c * rows + m + c] = root * scale[free_[c]];
    }
    right_.resize(rows, T(0));
    solution_.resize(k);
    qr_.factor(matrix_, rows, k);
    qr_.solve(right_, solution_, qr_.rank());
    right_.resize(m);
    if (!std::isfinite(max_norm<T>(solution_))) return false;

    std::size_t kept = 0;
    for (std::size_t c = 0; c < k; ++c) {
      const std::size_t j = free_[c];
      const T to = current.x[j] + solution_[c], inside = bounds.clamp(j, to);
      step[j] = solution_[c];
      if (inside == to) {
        free_[kept++] = j;
        continue;
      }
      step[j] = inside - current.x[j];
      const std::span<const T> a = column(model, j);
      for (std::size_t i = 0; i < m; ++i) right_[i] -= step[j] * a[i];
    }
    if (kept == k) return true;
    free_.resize(kept);
  }
  return true;
}

template <class T>
double LeastSquaresState<T>::predicted_fall(const Iterate<T>& current, double fraction) const {
  double squared = 0;
  for (std::size_t i = 0; i < model.residuals.size(); ++i) {
    double row = 0;
    for (std::size_t j = 0; j < step.size(); ++j)
      row += static_cast<double>(column(model, j)[i]) * static_cast<double>(step[j]);
    squared += row * row;
  }
  return -fraction * inner_product<T>(current.gradient, step) - fraction * fraction * squared;
}

template <class T>
double LeastSquaresState<T>::relative_step(const Iterate<T>& current) const {
  double s = 0, x = 0;
  for (std::size_t j = 0; j < step.size(); ++j) {
    s = std::hypot(s, static_cast<double>(scale[j]) * static_cast<double>(step[j]));
    x = std::hypot(x, static_cast<double>(scale[j]) * static_cast<double>(current.x[j]));
  }
  return s == 0 ? 0 : s / x;
}

template <class T>
bool LeastSquaresState<T>::move(const Bounds<T>& bounds, const Iterate<T>& current, double fraction) {
  for (std::size_t j = 0; j < step.size(); ++j) {
    const double to = static_cast<double>(current.x[j]) + fraction * static_cast<double>(step[j]);
    trial.x[j] = bounds.clamp(j, static_cast<T>(to));
  }
  return trial.x != current.x;
}

template <class T>
bool LeastSquaresState<T>::evaluate_trial(const ResidualObjective<T>& objective, Iterate<T>& current,
                                          double limit) {
  if (!std::isfinite(max_norm<T>(trial.x))) return false;
  current.last_evaluated = false;
  if (trial.x.size() > cheap_jacobian) {
    const T loss = objective.sum_of_squares.value(trial.x);
    if (!(static_cast<double>(loss) < limit)) return false;
  }
  trial.loss = objective.sum_of_squares.value_and_gradient(trial.x, trial.gradient);
  trial.last_evaluated = true;
  return is_inside<T>(trial.loss, trial.gradient) && static_cast<double>(trial.loss) < limit;
}

template <class T>
StepResult LeastSquaresState<T>::begin(const ResidualObjective<T>& objective, Iterate<T>& current,
                                       const LeastSquaresTests& tests) {
  constexpr double finest = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
  if (!linearize(objective, current)) return {StepOutcome::not_finite, "the residuals or their Jacobian"};
  if (is_stationary(objective.sum_of_squares.bounds, current, std::max(tests.gradient_tolerance, finest)))
    return {StepOutcome::converged, "the residuals stand at right angles to every free parameter"};
  if (finished) return {StepOutcome::converged, "the sum of squares fell by no more than cost_tolerance"};
  return {};
}

template <class T>
void LeastSquaresState<T>::judge_fall(double loss, double predicted, double cost_tolerance) {
  constexpr double finest = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
  const double share = std::max(cost_tolerance, finest) * loss;
  finished = loss - static_cast<double>(trial.loss) <= share && predicted <= share;
}

template <class T>
StepResult LeastSquaresState<T>::stuck(double loss, double foreseen, const char* reason) {
  // residuals are differences of larger numbers, and their rounding is that of these
  const double drowned = std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon())) * loss;
  if (foreseen <= drowned)
    return {StepOutcome::converged, "the sum of squares can fall by no more than its rounding"};
  return {StepOutcome::stalled, reason};
}

template struct LeastSquaresState<float>;
template struct LeastSquaresState<double>;

}  // namespace costate::detail
