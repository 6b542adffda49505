#pragma once

#include <costate/optimizers/bounds.hpp>
#include <costate/training/train_options.hpp>

#include <span>
#include <vector>

namespace costate::detail {

/// TrainOptions::lower and upper as numbers of T, rounded into the box.
template <class T>
class Box {
 public:
  /// Throws std::invalid_argument where they are not one per parameter, NaN or crossed, where `start` lies
  /// outside, and where the optimizer does not take bounds.
  Box(const TrainOptions& options, const char* optimizer, bool takes_bounds, std::span<const T> start);

  Bounds<T> bounds() const { return {lower_, upper_}; }

 private:
  std::vector<T> lower_, upper_;
};

extern template class Box<float>;
extern template class Box<double>;

}  // namespace costate::detail
