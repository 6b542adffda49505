#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Gradient descent; stochastic where the loss is.
///
///     x ← x − α g
///
/// H. Robbins & S. Monro, Ann. Math. Statist. 22 (1951) 400.
struct SGD {
  Schedule learning_rate = 0.1;  ///< α > 0

  static constexpr const char* name = "SGD";

  template <class T>
  using State = detail::RunningVectors<T, 0>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
