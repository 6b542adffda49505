#pragma once

#include <costate/core/function_ref.hpp>
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/optimizers/lbfgs.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/training/train_options.hpp>
#include <costate/training/train_result.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace costate {

/// A pure update rule: fields, a State, `init`, and `update`, which moves x by the gradient.
template <class R, class T>
concept UpdateRule = requires(const R& rule, typename R::template State<T>& state, std::span<const T> g,
                              std::span<T> x) {
  { rule.template init<T>(std::size_t{}) } -> std::same_as<typename R::template State<T>>;
  rule.update(state, g, x);
};

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
};

/// What decides which parameters are the best.
enum class Judge {
  lowest_loss,  ///< of a deterministic loss: the lowest of all evaluations
  mean_of_ten,  ///< of a noisy loss: the lowest mean of ten losses in a row, for the parameters at its end
};

/// An update rule as an iterative optimizer: update, evaluate there, and go back where that is outside.
template <class T>
class RuleSteps {
 public:
  explicit RuleSteps(std::size_t size) : trial_(size) {}

  StepResult iterate(function_ref<void(std::span<const T> gradient, std::span<T> x)> update,
                     const Objective<T>& objective, Iterate<T>& current);

 private:
  Iterate<T> trial_;
  std::size_t skips_in_a_row_ = 0;
};

/// The loop over iterations, the same for every optimizer: `step` makes one iteration.
///
/// The callback is called with the start and then after every iteration, each time with the parameters that
/// gave the loss; true ends the run. `judge` says what the result's `minimum` is. After Ctrl-C no evaluation
/// is begun. Exceptions of the loss and of the callback pass through; the signal handler is restored before.
template <class T>
TrainResult<T> run_iterations(const Objective<T>& objective, std::span<const T> start, const char* optimizer,
                              function_ref<StepResult(const Objective<T>&, Iterate<T>&)> step,
                              const TrainOptions& options, function_ref<bool(const TrainPoint<T>&)> callback,
                              Judge judge);

/// Throws std::invalid_argument, naming the field, for what no optimizer of this kind can do.
void check(const TrainOptions& options, const char* optimizer, std::size_t parameters);

/// Runs `optimizer` from `start`. `callback` may refer to nothing.
template <class T, class Optimizer>
TrainResult<T> train_loop(const Objective<T>& objective, std::span<const T> start, const Optimizer& optimizer,
                          const TrainOptions& options = {},
                          function_ref<bool(const TrainPoint<T>&)> callback = {},
                          Judge judge = Judge::lowest_loss) {
  static_assert(IterativeOptimizer<Optimizer, T> || UpdateRule<Optimizer, T>,
                "costate: an optimizer has a State<T>, init(size), and iterate(state, objective, current) or "
                "update(state, "
                "gradient, x)");
  check(options, Optimizer::name, start.size());
  auto state = optimizer.template init<T>(start.size());
  if constexpr (IterativeOptimizer<Optimizer, T>) {
    const auto step = [&](const Objective<T>& watched, Iterate<T>& current) {
      return optimizer.iterate(state, watched, current);
    };
    return run_iterations<T>(objective, start, Optimizer::name, step, options, callback, judge);
  } else {
    RuleSteps<T> steps(start.size());
    const auto update = [&](std::span<const T> gradient, std::span<T> x) {
      optimizer.update(state, gradient, x);
    };
    const auto step = [&](const Objective<T>& watched, Iterate<T>& current) {
      return steps.iterate(update, watched, current);
    };
    return run_iterations<T>(objective, start, Optimizer::name, step, options, callback, judge);
  }
}

extern template class RuleSteps<float>;
extern template class RuleSteps<double>;
extern template TrainResult<float> run_iterations(
    const Objective<float>&, std::span<const float>, const char*,
    function_ref<StepResult(const Objective<float>&, Iterate<float>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<float>&)>, Judge);
extern template TrainResult<double> run_iterations(
    const Objective<double>&, std::span<const double>, const char*,
    function_ref<StepResult(const Objective<double>&, Iterate<double>&)>, const TrainOptions&,
    function_ref<bool(const TrainPoint<double>&)>, Judge);

}  // namespace detail
}  // namespace costate
