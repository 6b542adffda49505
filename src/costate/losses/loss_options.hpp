#pragma once

#include <costate/core/matrix.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>
#include <costate/data/missing.hpp>

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace costate {

/// Weights of the terms of a loss, each >= 0: one per number, or one per component of a state (per row of a
/// matrix), which then holds at all times. None: all 1.
class Weights {
 public:
  Weights() = default;
  Weights(std::initializer_list<double> values) { values_.assign(values.begin(), values.size()); }
  Weights(const std::vector<double>& values) { values_.assign(values.data(), values.size()); }
  template <VectorLike V>
  Weights(const V& values) : values_(values.size()) {
    for (std::size_t i = 0; i < values.size(); ++i) values_[i] = static_cast<double>(values[i]);
  }
  template <MatrixLike M>
  Weights(const M& values) : Weights(detail::flat(values)) {}

  const detail::Buffer<double>& values() const { return values_; }

 private:
  detail::Buffer<double> values_;
};

/// Options of a loss Σ wᵢ termᵢ, or of its mean Σ wᵢ termᵢ / Σ wᵢ.
struct LossOptions {
  Weights weights{};                     ///< wᵢ; default: all 1
  Missing missing = Missing::propagate;  ///< skip: a NaN in the target is left out
};

namespace detail {

/// The weight of a number that is missing.
inline constexpr double left_out = -1;

/// Writes the weight of each of `count` numbers, `group` of which make a state. Throws std::invalid_argument
/// for another count of weights, and for one that is no number >= 0.
void spread(const Weights& weights, const char* loss, std::size_t count, std::size_t group,
            Buffer<double>& to);

/// The sum of the weights of what is not left out. Throws std::invalid_argument where it is not > 0.
double total_weight(const Buffer<double>& weights, const char* loss);

}  // namespace detail
}  // namespace costate
