#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam with Nesterov's momentum: the mean is looked ahead by one step.
///
///     m, v, v̂ as of Adam
///     x ← x − α (β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)) / (√v̂ + ε)
///
/// β₁ stays, as in optax and Optimisers.jl; PyTorch lets it rise from β₁/2 (Dozat's schedule). Optimisers.jl
/// also multiplies v̂ by β₂. T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016,
/// Algorithm 2.
struct NAdam {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0

  static constexpr const char* name = "NAdam";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
