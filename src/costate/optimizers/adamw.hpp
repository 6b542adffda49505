#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Adam with weight decay that does not pass through the running square.
///
///     m, v, m̂, v̂ as of Adam,   x ← x − α (m̂ / (√v̂ + ε) + λ x)
///
/// The decay is multiplied by the rate and follows its schedule, as in PyTorch, optax and Optimisers.jl. λ is
/// PyTorch's; optax has 1e-4, Optimisers.jl 0, which is Adam. Decay pulls every parameter to 0: it is for
/// weights of networks, and biases constants of an equation. I. Loshchilov & F. Hutter, arXiv:1711.05101,
/// Algorithm 2.
struct AdamW {
  Schedule learning_rate = 1e-3;  ///< α > 0
  double beta1 = 0.9;             ///< decay of the running mean, in [0, 1)
  double beta2 = 0.999;           ///< decay of the running square, in [0, 1)
  double epsilon = 1e-8;          ///< > 0
  Schedule weight_decay = 0.01;   ///< λ >= 0

  static constexpr const char* name = "AdamW";

  template <class T>
  using State = detail::RunningVectors<T, 2>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
