#include <costate/core/errors.hpp>
#include <costate/training/interrupt.hpp>
#include <costate/training/progress_bar.hpp>
#include <costate/training/train_loop.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace costate::detail {
namespace {

// a rule whose momentum carries it into a wall turns round within about 1 / (1 - beta1) steps
constexpr std::size_t skips_allowed = 20;

/// The objective as the optimizer sees it: counted, the lowest point kept, and closed after an interrupt.
template <class T>
class WatchedObjective {
 public:
  WatchedObjective(const Objective<T>& objective, const InterruptGuard& interrupt)
      : objective_(objective), interrupt_(interrupt) {}

  T value_and_gradient(std::span<const T> x, std::span<T> gradient) {
    if (interrupt_.interrupted()) return std::numeric_limits<T>::infinity();
    ++evaluations_;
    const T loss = objective_.value_and_gradient(x, gradient);
    if (is_inside<T>(loss, gradient)) keep_if_lowest(x, loss);
    return loss;
  }

  T value(std::span<const T> x) {
    if (interrupt_.interrupted()) return std::numeric_limits<T>::infinity();
    ++evaluations_;
    const T loss = objective_.value(x);
    if (std::isfinite(loss)) keep_if_lowest(x, loss);
    return loss;
  }

  std::size_t evaluations() const { return evaluations_; }
  bool has_lowest() const { return !lowest_.empty(); }
  T lowest_loss() const { return lowest_loss_; }
  std::span<const T> lowest() const { return lowest_; }

 private:
  void keep_if_lowest(std::span<const T> x, T loss) {
    if (has_lowest() && !(loss < lowest_loss_)) return;
    lowest_.assign(x.begin(), x.end());
    lowest_loss_ = loss;
  }

  const Objective<T>& objective_;
  const InterruptGuard& interrupt_;
  std::size_t evaluations_ = 0;
  std::vector<T> lowest_;
  T lowest_loss_{};
};

/// The lowest mean of ten losses in a row. Before there are ten, the mean of those there are.
template <class T>
class MeanOfTen {
 public:
  void add(const std::vector<double>& history, std::span<const T> x) {
    constexpr std::size_t window = 10;
    const std::size_t count = std::min(window, history.size());
    double sum = 0;
    for (std::size_t i = history.size() - count; i < history.size(); ++i) sum += history[i];
    const double mean = sum / static_cast<double>(count);
    if (history.size() > window && !(mean < lowest_mean_)) return;
    lowest_mean_ = mean;
    lowest_.assign(x.begin(), x.end());
  }
  double lowest_mean() const { return lowest_mean_; }
  std::span<const T> lowest() const { return lowest_; }

 private:
  double lowest_mean_ = 0;
  std::vector<T> lowest_;
};

StopReason reason_of(StepOutcome outcome) {
  if (outcome == StepOutcome::converged) return StopReason::converged;
  return outcome == StepOutcome::stalled ? StopReason::stalled : StopReason::not_finite;
}

}  // namespace

void check(const TrainOptions& options, const char* optimizer, std::size_t parameters) {
  if (parameters == 0) reject("train", "at least one parameter", "0");
  if (options.max_iterations == std::size_t{0}) reject("TrainOptions.max_iterations", "a number >= 1", "0");
  const auto not_yet = [&](const char* field, const char* what) {
    reject(std::string("TrainOptions.") + field, "it unset",
           std::string("a value: ") + what + " by " + optimizer + " yet");
  };
  if (!options.lower.empty()) not_yet("lower", "bounds are not supported");
  if (!options.upper.empty()) not_yet("upper", "bounds are not supported");
  if (options.epochs) not_yet("epochs", "passes over batches are not supported");
  if (!options.checkpoint.empty()) not_yet("checkpoint", "files of a run are not supported");
  if (options.resume) not_yet("resume", "files of a run are not supported");
}

template <class T>
StepResult RuleSteps<T>::iterate(function_ref<void(std::span<const T>, std::span<T>)> update,
                                 const Objective<T>& objective, Iterate<T>& current) {
  std::copy(current.x.begin(), current.x.end(), trial_.x.begin());
  update(current.gradient, trial_.x);
  bool inside = std::isfinite(max_norm<T>(trial_.x));
  if (inside) {
    trial_.loss = objective.value_and_gradient(trial_.x, trial_.gradient);
    inside = is_inside<T>(trial_.loss, trial_.gradient);
    current.last_evaluated = false;
  }
  if (inside) {
    trial_.last_evaluated = true;
    std::swap(current, trial_);
    skips_in_a_row_ = 0;
    return {};
  }
  if (++skips_in_a_row_ < skips_allowed) return {.outcome = StepOutcome::skipped};
  return {StepOutcome::not_finite, "20 steps in a row, each taken back"};
}

template <class T>
TrainResult<T> run_iterations(const Objective<T>& objective, std::span<const T> start, const char* optimizer,
                              function_ref<StepResult(const Objective<T>&, Iterate<T>&)> step,
                              const TrainOptions& options, function_ref<bool(const TrainPoint<T>&)> callback,
                              Judge judge) {
  const double begin = steady_seconds();
  const InterruptGuard interrupt(options.interruptible);
  WatchedObjective<T> watched(objective, interrupt);
  const auto value_and_gradient = [&](std::span<const T> x, std::span<T> g) {
    return watched.value_and_gradient(x, g);
  };
  const auto value = [&](std::span<const T> x) { return watched.value(x); };
  const Objective<T> seen{value_and_gradient, value};

  TrainResult<T> result;
  result.optimizer = optimizer;
  result.max_iterations = options.max_iterations.value_or(default_max_iterations);

  Iterate<T> current(start.size());
  std::copy(start.begin(), start.end(), current.x.begin());
  current.loss = seen.value_and_gradient(current.x, current.gradient);
  result.initial_loss = current.loss;
  result.initial_gradient_norm = max_norm<T>(current.gradient);
  MeanOfTen<T> mean;
  const auto record = [&] {
    result.history.push_back(static_cast<double>(current.loss));
    if (judge == Judge::mean_of_ten) mean.add(result.history, current.x);
  };
  record();

  const auto stop = [&](StopReason reason, std::string_view sentence) {
    result.stop_reason = reason;
    result.message = sentence;
  };
  const auto halts = [&] {
    return callback && callback({current.x, current.loss, result.iterations, current.last_evaluated});
  };
  if (halts()) {
    stop(StopReason::halted, message(StopReason::halted));
  } else if (!watched.has_lowest()) {
    stop(StopReason::not_finite_at_start, message(StopReason::not_finite_at_start));
  } else {
    ProgressBar bar(result.max_iterations, options.progress);
    for (;;) {
      if (interrupt.interrupted()) {
        stop(StopReason::interrupted, "interrupted by Ctrl-C");
        break;
      }
      if (result.iterations >= result.max_iterations) {
        stop(StopReason::max_iterations, message(StopReason::max_iterations));
        break;
      }
      const StepResult made = step(seen, current);
      if (made.outcome != StepOutcome::moved && made.outcome != StepOutcome::skipped) {
        // an optimizer that was cut off by Ctrl-C finds everything outside
        if (interrupt.interrupted()) continue;
        const StopReason reason = reason_of(made.outcome);
        stop(reason, std::string(message(reason)).append(": ").append(made.reason));
        break;
      }
      ++result.iterations;
      result.skipped += made.outcome == StepOutcome::skipped;
      record();
      bar.update(result.iterations, static_cast<double>(current.loss));
      if (halts()) {
        stop(StopReason::halted, message(StopReason::halted));
        break;
      }
    }
  }
  if (judge == Judge::mean_of_ten && watched.has_lowest()) {
    result.minimizer = Vector<T>(mean.lowest());
    result.minimum = static_cast<T>(mean.lowest_mean());
  } else {
    result.minimizer = Vector<T>(watched.has_lowest() ? watched.lowest() : start);
    result.minimum = watched.has_lowest() ? watched.lowest_loss() : current.loss;
  }
  result.last = Vector<T>(std::span<const T>(current.x));
  result.last_loss = current.loss;
  result.gradient_norm = max_norm<T>(current.gradient);
  result.evaluations = watched.evaluations();
  result.seconds = steady_seconds() - begin;
  return result;
}

template class RuleSteps<float>;
template class RuleSteps<double>;
template TrainResult<float> run_iterations(const Objective<float>&, std::span<const float>, const char*,
                                           function_ref<StepResult(const Objective<float>&, Iterate<float>&)>,
                                           const TrainOptions&, function_ref<bool(const TrainPoint<float>&)>,
                                           Judge);
template TrainResult<double> run_iterations(
    const Objective<double>&, std::span<const double>, const char*,
    function_ref<StepResult(const Objective<double>&, Iterate<double>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<double>&)>, Judge);

}  // namespace costate::detail
