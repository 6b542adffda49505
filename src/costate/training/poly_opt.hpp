#pragma once

#include <costate/core/errors.hpp>
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/training/train_loop.hpp>

#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>

namespace costate {

struct PolyOptOptions {
  std::size_t first_iterations = 300;  ///< of the first optimizer, >= 1; fewer where it ends by itself
};

/// Two optimizers in turn: a rule that is hard to lead astray, then one that finishes.
///
///     train(loss, p, PolyOpt{}, {.max_iterations = 600});                        Adam, then BFGS
///     train(loss, p, PolyOpt(Adam{.learning_rate = 0.05}, LBFGS{}, {.first_iterations = 100}));
///
/// The second begins at the lowest point that the first stood at. Without arguments it is what the ancestor
/// took where none was named: 300 iterations of Adam{0.01}, then BFGS{.initial_step_norm = 0.01}. Bounds hold
/// where both keep them. For a deterministic loss, as the second one.
template <class First, class Second>
class PolyOpt {
 public:
  static constexpr const char* name = "PolyOpt";

  static constexpr bool takes_bounds =
      detail::takes_bounds<First, double> && detail::takes_bounds<Second, double>;

  /// The first optimizer's state and steps, the second's, and the lowest point so far.
  template <class T>
  struct State {
    typename First::template State<T> first;
    typename Second::template State<T> second;
    detail::RuleSteps<T> steps{0};
    Iterate<T> lowest;
    std::size_t done = 0;  ///< iterations of the first

    auto fields() { return std::tie(first, second, steps, lowest.x, lowest.gradient, lowest.loss, done); }
  };

  PolyOpt() requires(std::is_same_v<First, Adam>&& std::is_same_v<Second, BFGS>)
      : PolyOpt(Adam{.learning_rate = 0.01}, BFGS{.initial_step_norm = 0.01}) {}
  PolyOpt(const First& first, const Second& second, const PolyOptOptions& options = {})
      : first_(first), second_(second), options_(options) {}

  /// Throws std::invalid_argument where a field of one of them is out of its range.
  template <class T>
  State<T> init(std::size_t size) const {
    if (options_.first_iterations == 0)
      detail::reject("PolyOptOptions.first_iterations", "a number >= 1", "0");
    return {first_.template init<T>(size), second_.template init<T>(size), detail::RuleSteps<T>(size), {}, 0};
  }

  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
    static_assert(IterativeOptimizer<First, T> || UpdateRule<First, T>);
    static_assert(IterativeOptimizer<Second, T>,
                  "costate: the second optimizer of PolyOpt has a line search");
    if (state.done < options_.first_iterations) {
      if (state.lowest.x.empty() || current.loss < state.lowest.loss) state.lowest = current;
      const StepResult made = iterate_first(state, objective, current);
      const bool goes_on = made.outcome == StepOutcome::moved || made.outcome == StepOutcome::skipped;
      state.done = goes_on ? state.done + 1 : options_.first_iterations;
      if (state.done == options_.first_iterations) go_back(state, current);
      if (goes_on) return made;
    }
    return second_.iterate(state.second, objective, current);
  }

 private:
  template <class T>
  StepResult iterate_first(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
    if constexpr (UpdateRule<First, T>) {
      const auto update = [&](std::span<const T> gradient, std::span<T> x) {
        first_.update(state.first, gradient, x);
      };
      return state.steps.iterate(update, objective, current);
    } else {
      return first_.iterate(state.first, objective, current);
    }
  }
  template <class T>
  static void go_back(State<T>& state, Iterate<T>& current) {
    if (!(state.lowest.loss < current.loss)) return;
    current = state.lowest;
    current.last_evaluated = false;
  }

  First first_;
  Second second_;
  PolyOptOptions options_;
};

PolyOpt()->PolyOpt<Adam, BFGS>;

}  // namespace costate
