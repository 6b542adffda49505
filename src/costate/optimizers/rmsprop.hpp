#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Gradients divided by the root of their running square.
///
///     v ← ρ v + (1 − ρ) g²,   x ← x − α g / (√v + ε)
///
/// ρ is that of Optimisers.jl and optax (PyTorch: 0.99); ε stands outside the root, as in Optimisers.jl and
/// PyTorch (optax: inside, unless told). v is not corrected for its beginning at 0, so the first steps are up
/// to 1 / √(1 − ρ) rates long. T. Tieleman & G. Hinton, Neural Networks for Machine Learning (2012), lecture
/// 6e.
struct RMSProp {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double rho = 0.9;               ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0

  static constexpr const char* name = "RMSProp";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
