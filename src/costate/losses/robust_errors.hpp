#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/losses/detail/term_of_difference.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/numbers.hpp>

/// Losses of the differences r = x − target that large ones rule less than in a sum of squares.
namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// −1, 0 or 1, and NaN of NaN.
template <class R>
auto sign_of(const R& r) {
  const auto v = plain(r);
  return v > 0 ? decltype(v)(1) : v < 0 ? decltype(v)(-1) : decltype(v)(0) * v;
}

template <bool IsMean>
struct Magnitude {
  static constexpr const char* name = IsMean ? "mean_absolute_error" : "absolute_error";
  template <class R>
  auto of(const R& r) const {
    return sign_of(r) * r;
  }
  template <class T>
  T slope(const T& r) const {
    return T(sign_of(r));
  }
};

struct HuberTerm {
  static constexpr const char* name = "huber";
  double delta;
  template <class R>
  auto of(const R& r) const {
    const auto limit = static_cast<base_t<R>>(delta), half = static_cast<base_t<R>>(0.5);
    return abs(plain(r)) <= limit ? decltype(r * r)(half * r * r)
                                  : decltype(r * r)(limit * (sign_of(r) * r - half * limit));
  }
  template <class T>
  T slope(const T& r) const {
    const auto limit = static_cast<base_t<T>>(delta);
    return abs(plain(r)) <= limit ? r : T(limit * sign_of(r));
  }
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Σ wᵢ |rᵢ|, whose derivative is 0 where r is.
template <detail::Numbers X, class Target>
auto absolute_error(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::TermOfDifference<detail::Magnitude<false>>{}, detail::Aggregate::sum,
                           options, x, target);
}

/// Σ wᵢ |rᵢ| / Σ wᵢ
template <detail::Numbers X, class Target>
auto mean_absolute_error(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::TermOfDifference<detail::Magnitude<true>>{}, detail::Aggregate::mean,
                           options, x, target);
}

}  // namespace COSTATE_INSTRUCTIONS

/// Options of `huber`.
struct HuberOptions {
  double delta = 1;   ///< > 0: where the square turns into a straight line
  Weights weights{};  ///< as of LossOptions
  Missing missing = Missing::propagate;
};

inline namespace COSTATE_INSTRUCTIONS {

/// Σ wᵢ h(rᵢ), quadratic for small differences and linear for large ones, so that outliers pull less.
///
///     h(r) = r²/2 where |r| ≤ δ, else δ (|r| − δ/2)
///
/// P. J. Huber, Ann. Math. Statist. 35 (1964) 73.
template <detail::Numbers X, class Target>
auto huber(const X& x, const Target& target, const HuberOptions& options = {}) {
  if (!(options.delta > 0)) detail::reject("huber: delta", "a number > 0", options.delta);
  return detail::aggregate(detail::TermOfDifference<detail::HuberTerm>{options.delta}, detail::Aggregate::sum,
                           {.weights = options.weights, .missing = options.missing}, x, target);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
