#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/optimizers/objective.hpp>

#include <cstddef>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// An optimizer that asks more of a loss than its gradient, as one that the loop over iterations runs:
/// adapt(objective) is what it asks for.
template <class Optimizer, class T, class Adapt>
struct AdaptedOptimizer {
  const Optimizer& optimizer;
  const Adapt& adapt;

  static constexpr const char* name = Optimizer::name;
  static constexpr bool takes_bounds = Optimizer::takes_bounds;
  template <class U>
  using State = typename Optimizer::template State<U>;

  template <class U>
  State<U> init(std::size_t size) const {
    return optimizer.template init<U>(size);
  }
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
    return optimizer.iterate(state, adapt(objective), current);
  }
};

template <class T, class Optimizer, class Adapt>
AdaptedOptimizer<Optimizer, T, Adapt> adapted(const Optimizer& optimizer, const Adapt& adapt) {
  return {optimizer, adapt};
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
