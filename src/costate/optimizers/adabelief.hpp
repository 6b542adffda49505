#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam scaled by how far gradients are from their running mean, not from 0: long steps where the gradient is
/// as predicted.
///
///     m ← β₁ m + (1 − β₁) g,   s ← β₂ s + (1 − β₂) (g − m)² + ε
///     x ← x − α m̂ / (√ŝ + ε),  m̂ = m / (1 − β₁ᵗ),  ŝ = s / (1 − β₂ᵗ)
///
/// J. Zhuang et al., arXiv:2010.07468, Algorithm 2, with the ε of its authors' code, Optimisers.jl and optax;
/// optax adds it to ŝ instead of s.
struct AdaBelief {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-16;         ///< > 0

  static constexpr const char* name = "AdaBelief";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
