#pragma once

#include <costate/optimizers/detail/running_vectors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace costate {

/// g ← g min(1, c / |g|₂): the direction stays, the length ends at c. R. Pascanu, T. Mikolov & Y. Bengio,
/// arXiv:1211.5063, Algorithm 1.
struct ClipByNorm {
  double max_norm = 1;  ///< c > 0

  static constexpr const char* name = "clip_by_norm";

  template <class T>
  using State = detail::RunningVectors<T, 0>;

  /// Throws std::invalid_argument where a field is out of its range; so do the others below.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  bool transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const;
};

/// gᵢ ← min(max(gᵢ, −c), c)
struct ClipByValue {
  double max_value = 1;  ///< c > 0

  static constexpr const char* name = "clip_by_value";

  template <class T>
  using State = detail::RunningVectors<T, 0>;

  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  bool transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const;
};

/// g ← g + λ x, the gradient of λ |x|² / 2 added. A rule with a running square divides this by its root too;
/// AdamW and Lion decay beside it.
struct AddWeightDecay {
  Schedule weight_decay = 0;  ///< λ >= 0

  static constexpr const char* name = "add_weight_decay";

  template <class T>
  using State = detail::RunningVectors<T, 0>;

  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  bool transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const;
};

/// g ← c g
struct Scale {
  Schedule factor = 1;  ///< c >= 0

  static constexpr const char* name = "scale";

  template <class T>
  using State = detail::RunningVectors<T, 0>;

  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  bool transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const;
};

/// The mean of n gradients, of minibatches too large together: the parts after it wait until n have come.
///
///     m ← m + (g − m) / k for the k-th of n, k = 1 … n,   then g ← m
struct AccumulateGradients {
  std::uint64_t count = 1;  ///< n >= 1

  static constexpr const char* name = "accumulate_gradients";

  template <class T>
  using State = detail::RunningVectors<T, 1>;

  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  bool transform(State<T>& state, std::span<T> gradient, std::span<const T> x) const;
};

inline ClipByNorm clip_by_norm(double max_norm) {
  return {max_norm};
}
inline ClipByValue clip_by_value(double max_value) {
  return {max_value};
}
inline AddWeightDecay add_weight_decay(const Schedule& weight_decay) {
  return {weight_decay};
}
inline Scale scale(const Schedule& factor) {
  return {factor};
}
inline AccumulateGradients accumulate_gradients(std::uint64_t count) {
  return {count};
}

}  // namespace costate
