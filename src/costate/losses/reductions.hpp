#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/losses/detail/sum_of_terms.hpp>
#include <costate/losses/detail/term_of_difference.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/numbers.hpp>

#include <array>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

template <bool IsMean>
struct Itself {
  static constexpr const char* name = IsMean ? "mean" : "sum";
  template <class X>
  X value(const X& x) const {
    return x;
  }
  template <class T>
  std::array<T, 1> slopes(const T& /*x*/) const {
    return {T(1)};
  }
};

template <bool IsMean>
struct Square {
  static constexpr const char* name = IsMean ? "mean_squared_error" : "squared_error";
  template <class R>
  auto of(const R& r) const {
    return r * r;
  }
  template <class T>
  T slope(const T& r) const {
    return static_cast<base_t<T>>(2) * r;
  }
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Σ wᵢ xᵢ of all numbers of a vector, of a matrix or of all saved states; the weights are 1 unless given. Of
/// a failed solve: +∞, with a zero gradient.
template <detail::Numbers X>
auto sum(const X& x, const Weights& weights = {}) {
  return detail::aggregate(detail::Itself<false>{}, detail::Aggregate::sum, {.weights = weights}, x);
}

/// Σ wᵢ xᵢ / Σ wᵢ. Throws std::invalid_argument where there is no number.
template <detail::Numbers X>
auto mean(const X& x, const Weights& weights = {}) {
  return detail::aggregate(detail::Itself<true>{}, detail::Aggregate::mean, {.weights = weights}, x);
}

/// Σ wᵢ rᵢ² of the differences r = x − target: as many numbers as x has, or a single one; either may be
/// differentiated. Of a failed solve: +∞, with a zero gradient, as of all losses.
///
///     squared_error(solution, data, {.weights = {1.0, 0.1}, .missing = Missing::skip})
template <detail::Numbers X, class Target>
auto squared_error(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::TermOfDifference<detail::Square<false>>{}, detail::Aggregate::sum, options,
                           x, target);
}

/// Σ wᵢ rᵢ² / Σ wᵢ
template <detail::Numbers X, class Target>
auto mean_squared_error(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::TermOfDifference<detail::Square<true>>{}, detail::Aggregate::mean, options,
                           x, target);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
