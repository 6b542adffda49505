#pragma once

#include <costate/core/function_ref.hpp>
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/optimizers/lbfgs.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/update_rule.hpp>
#include <costate/training/detail/box.hpp>
#include <costate/training/detail/fields.hpp>
#include <costate/training/train_options.hpp>
#include <costate/training/train_progress.hpp>
#include <costate/training/train_result.hpp>
#include <costate/training/train_step.hpp>

#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <tuple>

namespace costate {

/// An optimizer that evaluates the objective itself, one iteration a call.
template <class O, class T>
concept IterativeOptimizer = requires(const O& optimizer, typename O::template State<T>& state,
                                      const Objective<T>& objective, Iterate<T>& current) {
  { optimizer.template init<T>(std::size_t{}) } -> std::same_as<typename O::template State<T>>;
  { optimizer.iterate(state, objective, current) } -> std::same_as<StepResult>;
};

namespace detail {

/// What the loop shows its callback.
template <class T>
struct TrainPoint {
  std::span<const T> parameters;
  T loss;                 ///< at these parameters
  std::size_t iteration;  ///< 0 at the start
  bool last_evaluated;    ///< the last call of the objective was at these parameters: what it left behind
                          ///< belongs to them
  TrainProgress& progress;
};

/// What decides which parameters are the best.
enum class Judge {
  lowest_loss,  ///< of a deterministic loss: the lowest of all evaluations
  mean_of_ten,  ///< of a noisy loss: the lowest mean of ten losses in a row, for the parameters at its end
  /// Of a loss on batches: the lowest mean of an epoch, for the parameters of its last batch. They are the
  /// newest that the mean knows, and where the loss falls they are better than it.
  mean_of_epoch,
};

/// What a loss that changes from step to step and a file of the run need; for others the default.
struct RunSetup {
  std::size_t batches = 0;                            ///< of an epoch; 0 where the loss takes none
  function_ref<void(const TrainStep&)> begin_step{};  ///< told before the evaluations of a step
  function_ref<double()> learning_rate{};             ///< of the step that comes
  function_ref<void(std::string&)> save_state{};      ///< appends what the optimizer remembers
  function_ref<void(FieldReader&)> load_state{};      ///< and reads it back
};

/// An update rule as an iterative optimizer: update, project onto the bounds, evaluate there, and go back
/// where that is outside. After k points in a row that were outside the step is cut to 2⁻ᵏ.
template <class T>
class RuleSteps {
 public:
  explicit RuleSteps(std::size_t size) : trial_(size) {}

  StepResult iterate(function_ref<void(std::span<const T> gradient, std::span<T> x)> update,
                     const Objective<T>& objective, Iterate<T>& current);

  auto fields() { return std::tie(skips_in_a_row_); }

 private:
  Iterate<T> trial_;
  std::size_t skips_in_a_row_ = 0;
};

/// The loop over iterations, the same for every optimizer: `step` makes one iteration.
///
/// The callback is called with the start and then after every iteration, each time with the parameters that
/// gave the loss; true ends the run. `judge` says what the result's `minimum` is. After Ctrl-C no evaluation
/// is begun, save for the rest of an iteration that a file shall keep. Exceptions of the loss and of the
/// callback pass through; the signal handler is restored before. Throws std::runtime_error, before any work,
/// where the file to resume from is not of this run, or a file cannot be written at all.
template <class T>
TrainResult<T> run_iterations(const Objective<T>& objective, std::span<const T> start, const char* optimizer,
                              function_ref<StepResult(const Objective<T>&, Iterate<T>&)> step,
                              const TrainOptions& options, function_ref<bool(const TrainPoint<T>&)> callback,
                              Judge judge, const RunSetup& setup = {});

/// Whether `Optimizer` keeps to bounds. A rule does: what it makes is projected onto the box.
template <class Optimizer, class T>
inline constexpr bool takes_bounds = UpdateRule<Optimizer, T> || requires {
  requires Optimizer::takes_bounds;
};

/// Throws std::invalid_argument, naming the field, for what no optimizer of this kind can do.
void check(const TrainOptions& options, std::size_t parameters);

/// Throws std::invalid_argument where an optimizer that compares losses of several iterations is given one
/// that changes meanwhile.
void check_steady(const char* optimizer, Judge judge, const RunSetup& setup);

/// Adds to `setup` how the state of the optimizer is kept, where it names its fields, and calls run(setup).
template <class State, class Run>
auto with_saved_state(RunSetup setup, State& state, Run run) {
  if constexpr (can_be_kept<State>()) {
    const auto save = [&](std::string& bytes) { write_field(bytes, state); };
    const auto load = [&](FieldReader& reader) { read_field(reader, state); };
    setup.save_state = save;
    setup.load_state = load;
    return run(setup);
  } else {
    return run(setup);
  }
}

/// The rate of the update that comes, of a rule or of the last rule of a chain; NaN where there is none.
template <class Rule, class State>
double rate_of(const Rule& rule, const State& state) {
  if constexpr (requires { rule.learning_rate(state.step); }) {
    return rule.learning_rate(state.step);
  } else if constexpr (requires { static_cast<double>(rule.learning_rate); }) {
    return static_cast<double>(rule.learning_rate);
  } else if constexpr (requires {
                         std::get<0>(rule.parts);
                         std::get<0>(state.parts);
                       }) {
    constexpr std::size_t last = std::tuple_size_v<decltype(rule.parts)> - 1;
    return rate_of(std::get<last>(rule.parts), std::get<last>(state.parts));
  } else {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

/// Runs `optimizer` from `start`. `callback` may refer to nothing.
template <class T, class Optimizer>
TrainResult<T> train_loop(const Objective<T>& objective, std::span<const T> start, const Optimizer& optimizer,
                          const TrainOptions& options = {},
                          function_ref<bool(const TrainPoint<T>&)> callback = {},
                          Judge judge = Judge::lowest_loss, RunSetup setup = {}) {
  static_assert(IterativeOptimizer<Optimizer, T> || UpdateRule<Optimizer, T>,
                "costate: an optimizer has a State<T>, init(size), and iterate(state, objective, current) or "
                "update(state, "
                "gradient, x)");
  check(options, start.size());
  const Box<T> box(options, Optimizer::name, takes_bounds<Optimizer, T>, start);
  const Objective<T> boxed{objective.value_and_gradient, objective.value, box.bounds()};
  using State = typename Optimizer::template State<T>;
  State state = optimizer.template init<T>(start.size());
  const auto run = [&](auto& saved, auto step) {
    return with_saved_state(setup, saved, [&](const RunSetup& complete) {
      return run_iterations<T>(boxed, start, Optimizer::name, step, options, callback, judge, complete);
    });
  };
  if constexpr (IterativeOptimizer<Optimizer, T>) {
    check_steady(Optimizer::name, judge, setup);
    return run(state, [&](const Objective<T>& watched, Iterate<T>& current) {
      return optimizer.iterate(state, watched, current);
    });
  } else {
    const auto rate = [&] { return rate_of(optimizer, state); };
    setup.learning_rate = rate;
    RuleSteps<T> steps(start.size());
    const auto update = [&](std::span<const T> gradient, std::span<T> x) {
      optimizer.update(state, gradient, x);
    };
    const auto step = [&](const Objective<T>& watched, Iterate<T>& current) {
      return steps.iterate(update, watched, current);
    };
    if constexpr (can_be_kept<State>()) {
      auto both = std::tie(state, steps);
      return run(both, step);
    } else {
      return run(state, step);
    }
  }
}

extern template class RuleSteps<float>;
extern template class RuleSteps<double>;
extern template TrainResult<float> run_iterations(
    const Objective<float>&, std::span<const float>, const char*,
    function_ref<StepResult(const Objective<float>&, Iterate<float>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<float>&)>, Judge, const RunSetup&);
extern template TrainResult<double> run_iterations(
    const Objective<double>&, std::span<const double>, const char*,
    function_ref<StepResult(const Objective<double>&, Iterate<double>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<double>&)>, Judge, const RunSetup&);

}  // namespace detail
}  // namespace costate
