#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <span>

namespace costate {

/// Nesterov's accelerated gradient: a heavy ball whose gradient is taken where the momentum will have carried
/// it.
///
///     v ← β v + g,   x ← x − α (g + β v)
///
/// x is the point looked ahead to, where the gradient is taken, as in PyTorch, optax and Optimisers.jl. Y.
/// Nesterov, Soviet Math. Dokl. 27 (1983) 372; in this form Y. Bengio et al., arXiv:1212.0901, eq. 7.
struct Nesterov {
  Schedule learning_rate = 1e-3;  ///< α > 0
  Schedule momentum = 0.9;        ///< β in [0, 1)

  static constexpr const char* name = "Nesterov";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  void update(State<T>& state, std::span<const T> gradient, std::span<T> x) const;
};

}  // namespace costate
