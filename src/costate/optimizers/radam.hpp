#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam that waits for its running square: steps along the mean alone until the square rests on enough
/// gradients, then steps scaled by what the square is worth.
///
///     ρ∞ = 2 / (1 − β₂) − 1,   ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ),   m, v, m̂, v̂ as of Adam
///     x ← x − α m̂                      where ρ ≤ 5
///     x ← x − α r m̂ / (√v̂ + ε)         else,  r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)
///
/// The first updates (five for β₂ = 0.999) have the size of the gradient: of a loss of another scale they are
/// steps of another scale. The paper's bound for ρ is 4; 5 is its authors' code, PyTorch and optax. L. Liu et
/// al., arXiv:1908.03265, Algorithm 2.
struct RAdam {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0

  static constexpr const char* name = "RAdam";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
