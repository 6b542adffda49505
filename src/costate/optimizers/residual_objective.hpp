#pragma once

#include <costate/optimizers/objective.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace costate {

/// Residuals and their derivatives at a point.
template <class T>
struct Linearization {
  std::vector<T> x;          ///< where the Jacobian was evaluated
  std::vector<T> residuals;  ///< there
  std::vector<T> jacobian;   ///< ∂rᵢ/∂xⱼ [residuals × parameters], column by column
};

/// Σ rᵢ(x)² as an objective, with the residuals behind it. `sum_of_squares.value_and_gradient` leaves the
/// residuals and their Jacobian in `latest`; the gradient is 2 Jᵀr.
template <class T>
struct ResidualObjective {
  const Objective<T>& sum_of_squares;
  const Linearization<T>& latest;
};

/// An optimizer that works on residuals, one iteration a call.
template <class O, class T>
concept ResidualOptimizer = requires(const O& optimizer, typename O::template State<T>& state,
                                     const ResidualObjective<T>& objective, Iterate<T>& current) {
  { optimizer.template init<T>(std::size_t{}) } -> std::same_as<typename O::template State<T>>;
  { optimizer.iterate(state, objective, current) } -> std::same_as<StepResult>;
};

}  // namespace costate
