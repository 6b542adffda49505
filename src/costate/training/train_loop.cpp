#include <costate/core/errors.hpp>
#include <costate/training/detail/checkpoint.hpp>
#include <costate/training/detail/watched_objective.hpp>
#include <costate/training/interrupt.hpp>
#include <costate/training/progress_bar.hpp>
#include <costate/training/train_loop.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace costate::detail {
namespace {

// a rule whose momentum carries it into a wall turns round within about 1 / (1 - beta1) steps
constexpr std::size_t skips_allowed = 20;

StopReason reason_of(StepOutcome outcome) {
  if (outcome == StepOutcome::converged) return StopReason::converged;
  return outcome == StepOutcome::stalled ? StopReason::stalled : StopReason::not_finite;
}

/// The limit that holds, and the sentence for its having been reached.
std::size_t limit_of(const TrainOptions& options, std::size_t batches, std::string_view& sentence) {
  sentence = message(StopReason::max_iterations);
  if (!options.epochs) return options.max_iterations.value_or(default_max_iterations);
  if (batches == 0)
    reject("TrainOptions.epochs", "it unset where the loss takes no batches",
           static_cast<double>(*options.epochs));
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  const std::size_t passes = *options.epochs > most / batches ? most : *options.epochs * batches;
  if (options.max_iterations && *options.max_iterations <= passes) return *options.max_iterations;
  sentence = "all epochs were made";
  return passes;
}

/// One call of run_iterations.
template <class T>
class Run {
 public:
  using Step = function_ref<StepResult(const Objective<T>&, Iterate<T>&)>;
  using Callback = function_ref<bool(const TrainPoint<T>&)>;

  Run(const Objective<T>& objective, std::span<const T> start, const char* optimizer, Step step,
      const TrainOptions& options, Callback callback, Judge judge, const RunSetup& setup)
      : step_(step),
        callback_(callback),
        bounds_(objective.bounds),
        options_(options),
        setup_(setup),
        judge_(judge),
        checkpoint_(options),
        interrupt_(options.interruptible),
        best_(judge, setup.batches),
        // a file keeps whole iterations only: one that was cut off would go on with other bits
        watched_(objective, checkpoint_.enabled() ? nullptr : &interrupt_, best_),
        current_(start.size()) {
    if (checkpoint_.enabled() && !setup.save_state)
      reject("TrainOptions.checkpoint", "an optimizer whose State names its fields()", optimizer);
    std::copy(start.begin(), start.end(), current_.x.begin());
    result_.optimizer = optimizer;
    result_.max_iterations = limit_of(options, setup.batches, limit_sentence_);
    progress_.max_iterations = result_.max_iterations;
    progress_.batches = setup.batches;
  }

  TrainResult<T> operator()() {
    const auto value_and_gradient = [&](std::span<const T> x, std::span<T> g) {
      return watched_.value_and_gradient(x, g);
    };
    const auto value = [&](std::span<const T> x) { return watched_.value(x); };
    const Objective<T> seen{value_and_gradient, value, bounds_};
    if (begin(seen)) {
      ProgressBar bar(result_.max_iterations, options_.progress, result_.iterations, setup_.batches);
      while (!ended() && iterate(seen, bar)) {
      }
      save_at_end();
    }
    return finish();
  }

 private:
  /// The start, or where the file stopped. False where the run ends there.
  bool begin(const Objective<T>& seen) {
    if (const std::optional<RunFile> kept = checkpoint_.load()) {
      load(*kept, seen);
      return true;
    }
    begin_step(0);
    current_.loss = seen.value_and_gradient(current_.x, current_.gradient);
    result_.initial_loss = current_.loss;
    result_.initial_gradient_norm = projected_gradient_norm<T>(bounds_, current_.x, current_.gradient);
    record();
    const bool inside = is_inside<T>(current_.loss, current_.gradient);
    if (halts()) return inside;
    if (!inside) {
      stop(StopReason::not_finite_at_start, message(StopReason::not_finite_at_start));
      return false;
    }
    if (checkpoint_.enabled()) save();
    return true;
  }

  bool ended() {
    if (stopped_) return true;
    if (interrupt_.interrupted()) {
      stop(StopReason::interrupted, "interrupted by Ctrl-C");
    } else if (result_.iterations >= result_.max_iterations) {
      stop(StopReason::max_iterations, limit_sentence_);
    }
    return stopped_;
  }

  /// False where the run ends.
  bool iterate(const Objective<T>& seen, ProgressBar& bar) {
    const std::size_t before = current_step_.iteration;
    begin_step(result_.iterations + 1);
    const StepResult made = step_(seen, current_);
    if (made.outcome != StepOutcome::moved && made.outcome != StepOutcome::skipped) {
      begin_step(before);
      // an optimizer that was cut off by Ctrl-C finds everything outside
      if (interrupt_.interrupted()) return true;
      const StopReason reason = reason_of(made.outcome);
      stop(reason, std::string(message(reason)).append(": ").append(made.reason));
      return false;
    }
    ++result_.iterations;
    if (made.outcome == StepOutcome::skipped) {
      ++result_.skipped;
      begin_step(before);
    }
    record();
    bar.update(result_.iterations, static_cast<double>(current_.loss));
    if (halts()) return false;
    return save_if_due();
  }

  void begin_step(std::size_t iteration) {
    current_step_ = train_step(options_.seed, iteration, setup_.batches);
    if (setup_.begin_step) setup_.begin_step(current_step_);
  }

  void record() {
    result_.history.push_back(static_cast<double>(current_.loss));
    best_.recorded(result_.history, current_.x);
  }

  bool halts() {
    if (!callback_) return false;
    TrainProgress& at = progress_;
    at.iteration = result_.iterations;
    at.epoch = current_step_.epoch;
    at.loss = static_cast<double>(current_.loss);
    at.gradient_norm = projected_gradient_norm<T>(bounds_, current_.x, current_.gradient);
    if (setup_.learning_rate) at.learning_rate = setup_.learning_rate();
    at.seconds = steady_seconds() - begin_;
    at.history = result_.history;
    at.validations = result_.validations;
    const bool halt = callback_({current_.x, current_.loss, result_.iterations, current_.last_evaluated, at});
    at.first = false;
    if (at.validation) {
      result_.validations.push_back({result_.iterations, *at.validation});
      best_.validated(current_.x, *at.validation);
      at.validation.reset();
    }
    if (!at.failure.empty()) {
      stop(StopReason::not_saved, std::exchange(at.failure, {}));
    } else if (halt) {
      stop(StopReason::halted, message(StopReason::halted));
    }
    return stopped_;
  }

  void stop(StopReason reason, std::string_view sentence) {
    result_.stop_reason = reason;
    result_.message = sentence;
    stopped_ = true;
  }

  void save();
  void load(const RunFile& kept, const Objective<T>& seen);
  bool save_if_due();
  void save_at_end();
  TrainResult<T> finish();

  Step step_;
  Callback callback_;
  Bounds<T> bounds_;
  const TrainOptions& options_;
  const RunSetup& setup_;
  Judge judge_;
  double begin_ = steady_seconds();
  Checkpoint checkpoint_;
  InterruptGuard interrupt_;
  Best<T> best_;
  WatchedObjective<T> watched_;
  Iterate<T> current_;
  TrainStep current_step_;  ///< at which current_ was evaluated
  TrainProgress progress_;
  TrainResult<T> result_;
  std::string_view limit_sentence_;
  bool stopped_ = false;
};

template <class T>
void Run<T>::save() {
  const double begin = steady_seconds();
  RunFile run{.optimizer = result_.optimizer,
              .parameters = current_.x.size(),
              .scalar_bytes = sizeof(T),
              .seed = options_.seed,
              .batches = setup_.batches,
              .judge = static_cast<std::uint64_t>(judge_),
              .iterations = result_.iterations,
              .evaluated_at = current_step_.iteration,
              .evaluations = watched_.evaluations,
              .skipped = result_.skipped,
              .initial_loss = static_cast<double>(result_.initial_loss),
              .initial_gradient_norm = result_.initial_gradient_norm,
              .seconds = result_.seconds + begin - begin_,
              .x = {current_.x.begin(), current_.x.end()},
              .gradient = {current_.gradient.begin(), current_.gradient.end()},
              .loss = static_cast<double>(current_.loss),
              .history = result_.history,
              .validations = result_.validations};
  best_.save(run);
  setup_.save_state(run.state);
  checkpoint_.write(run, begin);
}

template <class T>
void Run<T>::load(const RunFile& kept, const Objective<T>& seen) {
  const auto same = [&](const char* what, std::uint64_t wanted, std::uint64_t got) {
    if (wanted != got)
      checkpoint_.refuse(std::string("it has ") + what + " " + std::to_string(got) + ", this run " +
                         std::to_string(wanted));
  };
  if (kept.optimizer != result_.optimizer)
    checkpoint_.refuse("it was made by " + kept.optimizer + ", this run is by " + result_.optimizer);
  same("parameters:", current_.x.size(), kept.parameters);
  same("bytes of a number:", sizeof(T), kept.scalar_bytes);
  same("seed", options_.seed, kept.seed);
  same("batches in an epoch:", setup_.batches, kept.batches);
  same("a loss of kind", static_cast<std::uint64_t>(judge_), kept.judge);
  try {
    FieldReader reader(kept.state);
    setup_.load_state(reader);
    if (!reader.at_end()) throw std::runtime_error("it holds more than the optimizer remembers");
  } catch (const std::runtime_error& e) {
    checkpoint_.refuse(std::string("the state of the optimizer does not fit: ") + e.what());
  }
  const auto narrow = [](double v) { return static_cast<T>(v); };
  std::transform(kept.x.begin(), kept.x.end(), current_.x.begin(), narrow);
  std::transform(kept.gradient.begin(), kept.gradient.end(), current_.gradient.begin(), narrow);
  current_.loss = narrow(kept.loss);
  begin_step(kept.evaluated_at);
  // what an evaluation leaves behind, beside the numbers, is not in the file
  std::vector<T> again(current_.gradient);
  seen.value_and_gradient(current_.x, again);
  best_.load(kept);
  watched_.evaluations = kept.evaluations;
  result_.initial_loss = narrow(kept.initial_loss);
  result_.initial_gradient_norm = kept.initial_gradient_norm;
  result_.iterations = result_.resumed_at = progress_.resumed_at = kept.iterations;
  result_.skipped = kept.skipped;
  result_.seconds = kept.seconds;
  result_.history = kept.history;
  result_.validations = kept.validations;
  checkpoint_.mark_loaded(kept.iterations);
}

/// False, and the run ends with what it has, where the file cannot be written.
template <class T>
bool Run<T>::save_if_due() {
  if (!checkpoint_.due(result_.iterations)) return true;
  try {
    save();
    return true;
  } catch (const std::runtime_error& e) {
    stop(StopReason::not_saved, e.what());
    return false;
  }
}

template <class T>
void Run<T>::save_at_end() {
  if (!checkpoint_.enabled() || checkpoint_.holds(result_.iterations) ||
      result_.stop_reason == StopReason::not_saved)
    return;
  try {
    save();
  } catch (const std::runtime_error& e) {
    stop(StopReason::not_saved, e.what());
  }
}

template <class T>
TrainResult<T> Run<T>::finish() {
  result_.minimizer = Vector<T>(best_.any() ? best_.x() : std::span<const T>(current_.x));
  result_.minimum = best_.any() ? static_cast<T>(best_.loss()) : current_.loss;
  result_.last = Vector<T>(std::span<const T>(current_.x));
  result_.last_loss = current_.loss;
  result_.gradient_norm = projected_gradient_norm<T>(bounds_, current_.x, current_.gradient);
  result_.evaluations = watched_.evaluations;
  if (setup_.batches > 0) result_.epochs = result_.history.size() / setup_.batches;
  result_.seconds += steady_seconds() - begin_;
  return std::move(result_);
}

}  // namespace

void check(const TrainOptions& options, std::size_t parameters) {
  if (parameters == 0) reject("train", "at least one parameter", "0");
  if (options.max_iterations == std::size_t{0}) reject("TrainOptions.max_iterations", "a number >= 1", "0");
  if (options.epochs == std::size_t{0}) reject("TrainOptions.epochs", "a number >= 1", "0");
}

template <class T>
StepResult RuleSteps<T>::iterate(function_ref<void(std::span<const T>, std::span<T>)> update,
                                 const Objective<T>& objective, Iterate<T>& current) {
  std::copy(current.x.begin(), current.x.end(), trial_.x.begin());
  update(current.gradient, trial_.x);
  // a rule without memory would make the same step again
  for (std::size_t i = 0; i < trial_.x.size() && skips_in_a_row_ > 0; ++i) {
    trial_.x[i] = current.x[i] + std::ldexp(trial_.x[i] - current.x[i], -static_cast<int>(skips_in_a_row_));
  }
  objective.bounds.clamp(trial_.x);
  bool inside = all_finite<T>(trial_.x);
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

void check_steady(const char* optimizer, Judge judge, const RunSetup& setup) {
  if (judge == Judge::lowest_loss || (judge == Judge::mean_of_epoch && setup.batches == 1)) return;
  reject("train: the optimizer",
         "an update rule, such as Adam, for a loss that changes from iteration to iteration", optimizer);
}

template <class T>
TrainResult<T> run_iterations(const Objective<T>& objective, std::span<const T> start, const char* optimizer,
                              function_ref<StepResult(const Objective<T>&, Iterate<T>&)> step,
                              const TrainOptions& options, function_ref<bool(const TrainPoint<T>&)> callback,
                              Judge judge, const RunSetup& setup) {
  return Run<T>(objective, start, optimizer, step, options, callback, judge, setup)();
}

template class RuleSteps<float>;
template class RuleSteps<double>;
template TrainResult<float> run_iterations(const Objective<float>&, std::span<const float>, const char*,
                                           function_ref<StepResult(const Objective<float>&, Iterate<float>&)>,
                                           const TrainOptions&, function_ref<bool(const TrainPoint<float>&)>,
                                           Judge, const RunSetup&);
template TrainResult<double> run_iterations(
    const Objective<double>&, std::span<const double>, const char*,
    function_ref<StepResult(const Objective<double>&, Iterate<double>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<double>&)>, Judge, const RunSetup&);

}  // namespace costate::detail
