#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "spiral.hpp"

namespace limits {

/// The spiral network on a batch: samples in lanes, one step size for all, the value and gradient of the sum
/// of squared differences at 30 saved points by the discrete adjoint with hidden values stored; the reverse
/// sweep block by block of samples. Numbers are exchanged sample after sample, (x, y) each. The number of
/// samples is a multiple of 64 for float and of 32 for double. Instantiated for both; needs AVX-512.
template <class T>
class SpiralBatch {
 public:
  /// data: 30 times the samples.
  SpiralBatch(std::span<const T> starts, std::span<const T> data, double abstol, double reltol);
  ~SpiralBatch();
  SpiralBatch(const SpiralBatch&) = delete;
  SpiralBatch& operator=(const SpiralBatch&) = delete;

  void set_parameters(std::span<const T, spiral_parameters> p);
  void get_gradient(std::span<T, spiral_parameters> g) const;

  /// At most 64 accepted steps; more end the program.
  SpiralEvaluation value();
  SpiralEvaluation value_and_gradient();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class SpiralBatch<float>;
extern template class SpiralBatch<double>;

}  // namespace limits
