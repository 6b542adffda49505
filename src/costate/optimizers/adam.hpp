#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam: steps of about one learning rate along the running mean of the gradient, scaled by its running
/// square.
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     x ← x − α m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
///
/// A pure update rule: it sees gradients only, so it serves noisy losses as well. Components of g whose
/// square would overflow are cut to the largest whose square does not. D. P. Kingma & J. Ba, arXiv:1412.6980,
/// Algorithm 1.
struct Adam {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0

  static constexpr const char* name = "Adam";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
