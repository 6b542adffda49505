#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam whose steps never grow back: the running square is replaced by its largest value so far.
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← max(w, v)
///     x ← x − α m / (√w + ε)
///
/// Without the bias corrections, as in the paper and Optimisers.jl (which begins w at ε). PyTorch corrects m
/// and w, optax takes the largest of the corrected squares. S. Reddi, S. Kale & S. Kumar, arXiv:1904.09237,
/// Algorithm 2.
struct AMSGrad {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0

  static constexpr const char* name = "AMSGrad";

  template <class T>
  using State = detail::RunningVectors<T, 3>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
