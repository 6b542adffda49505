#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Gradient descent of a heavy ball: steps along a sum of the gradients that forgets.
///
///     v ← β v + g,   x ← x − α v
///
/// The rate acts on the whole step, as in PyTorch and optax, so a change of it is felt at once. Optimisers.jl
/// keeps α in v, which is the same for as long as α stays. B. T. Polyak, USSR Comput. Math. Math. Phys. 4(5)
/// (1964) 1, eq. 9.
struct Momentum {
  Schedule learning_rate = 0.01;  ///< α > 0
  Schedule momentum = 0.9;        ///< β in [0, 1)

  static constexpr const char* name = "Momentum";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
