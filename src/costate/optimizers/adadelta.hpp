#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Steps in the units of the parameters with no rate to choose: the gradient is scaled by the root of the
/// running square of the steps over that of the gradients.
///
///     v ← ρ v + (1 − ρ) g²,   d = −g √(u + ε) / √(v + ε),   u ← ρ u + (1 − ρ) d²
///     x ← x + α d
///
/// α = 1 is the paper's (it has none), PyTorch's and Optimisers.jl's. ρ and ε are the paper's; PyTorch and
/// optax have 0.9 and 1e-6, Optimisers.jl 0.9 and 1e-8. The first steps are about √ε long, so it is slow to
/// start. M. Zeiler, arXiv:1212.5701, Algorithm 1.
struct AdaDelta {
  Schedule learning_rate = 1;  ///< α > 0
  double rho = 0.95;           ///< decay of both running squares, in [0, 1)
  double epsilon = 1e-6;       ///< > 0

  static constexpr const char* name = "AdaDelta";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
