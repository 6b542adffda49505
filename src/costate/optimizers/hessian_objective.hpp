#pragma once

#include <costate/core/function_ref.hpp>
#include <costate/optimizers/objective.hpp>

#include <concepts>
#include <cstddef>
#include <span>

namespace costate {

/// An objective with its Hessian.
template <class T>
struct HessianObjective {
  const Objective<T>& first_order;
  function_ref<void(std::span<const T> x, std::span<T> hessian)> hessian;  ///< column by column
};

/// An objective with products of its Hessian, which costs about as much as two gradients each.
template <class T>
struct HessianProductObjective {
  const Objective<T>& first_order;
  function_ref<void(std::span<const T> x, std::span<const T> v, std::span<T> product)> product;
};

/// An optimizer that needs second derivatives, one iteration a call.
template <class O, class T, template <class> class SecondOrder>
concept SecondOrderOptimizer = requires(const O& optimizer, typename O::template State<T>& state,
                                        const SecondOrder<T>& objective, Iterate<T>& current) {
  { optimizer.template init<T>(std::size_t{}) } -> std::same_as<typename O::template State<T>>;
  { optimizer.iterate(state, objective, current) } -> std::same_as<StepResult>;
};
template <class O, class T>
concept HessianOptimizer = SecondOrderOptimizer<O, T, HessianObjective>;
template <class O, class T>
concept HessianProductOptimizer = SecondOrderOptimizer<O, T, HessianProductObjective>;

}  // namespace costate
