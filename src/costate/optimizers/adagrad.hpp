#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Gradients divided by the root of the sum of all their squares: steps that shrink like 1/√t.
///
///     s ← s + g²,   x ← x − α g / (√s + ε)
///
/// s begins at 0, as in the paper and PyTorch; in Optimisers.jl at ε, in optax at 0.1 with ε inside the root.
/// It ends at the largest number rather than at infinity. J. Duchi, E. Hazan & Y. Singer, JMLR 12 (2011)
/// 2121, Fig. 1.
struct AdaGrad {
  Schedule learning_rate = 0.1;  ///< α > 0
  double epsilon = 1e-8;         ///< > 0

  static constexpr const char* name = "AdaGrad";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
