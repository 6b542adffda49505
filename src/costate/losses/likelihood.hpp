#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/losses/detail/sum_of_terms.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/numbers.hpp>

#include <array>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

inline constexpr double half_log_two_pi = 0.91893853320467274178;

struct NormalTerm {
  static constexpr const char *name = "normal_nll", *further = "normal_nll: sigma";
  template <class X, class Y, class Sigma>
  auto value(const X& x, const Y& y, const Sigma& sigma) const {
    using B = base_t<common_scalar_t<X, Y, Sigma>>;
    const auto z = (y - x) / sigma;
    return static_cast<B>(0.5) * z * z + log(sigma) + static_cast<B>(half_log_two_pi);
  }
  template <class T>
  std::array<T, 3> slopes(const T& x, const T& y, const T& sigma) const {
    const T z = (y - x) / sigma, g = z / sigma;
    return {-g, g, T((static_cast<base_t<T>>(1) - z * z) / sigma)};
  }
};

struct LogNormalTerm {
  static constexpr const char *name = "log_normal_nll", *further = "log_normal_nll: sigma";
  template <class X, class Y, class Sigma>
  auto value(const X& x, const Y& y, const Sigma& sigma) const {
    return NormalTerm{}.value(log(x), log(y), sigma) + log(y);
  }
  template <class T>
  std::array<T, 3> slopes(const T& x, const T& y, const T& sigma) const {
    const auto s = NormalTerm{}.slopes(T(log(x)), T(log(y)), sigma);
    return {s[0] / x, T((s[1] + static_cast<base_t<T>>(1)) / y), s[2]};
  }
};

/// Throws std::invalid_argument where constants that must be positive are not; NaN, which may be missing,
/// passes.
template <class X>
void check_positive(const char* field, const X& x) {
  if constexpr (PlainScalar<number_of<X>>) {
    const Reader<X> all(x);
    for (std::size_t i = 0; i < all.size; ++i)
      if (all[i] <= 0) reject(field, "numbers > 0", static_cast<double>(all[i]));
  }
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The negative log-likelihood of data that scatter normally about a model: target ~ Normal(x, σ).
///
///     Σ wᵢ (½ ((targetᵢ − xᵢ) / σᵢ)² + ln σᵢ + ½ ln 2π)
///
/// sigma is a number, one number per component of a state, or as many as x has; it may be differentiated, and
/// so be found with the parameters (as exp of one, which keeps it positive). Constants σ <= 0 are
/// std::invalid_argument; a variable one makes the loss NaN or infinite.
template <detail::Numbers X, class Target, class Sigma>
auto normal_nll(const X& x, const Target& target, const Sigma& sigma, const LossOptions& options = {}) {
  detail::check_positive(detail::NormalTerm::further, sigma);
  return detail::aggregate(detail::NormalTerm{}, detail::Aggregate::sum, options, x, target, sigma);
}

/// The negative log-likelihood of positive data whose logarithms scatter normally about those of a model:
/// ln target ~ Normal(ln x, σ), so x is the median and σ about the relative error.
///
///     Σ wᵢ (½ ((ln targetᵢ − ln xᵢ) / σᵢ)² + ln σᵢ + ln targetᵢ + ½ ln 2π)
///
/// sigma as of `normal_nll`. Constant targets <= 0 are std::invalid_argument; a model that becomes negative
/// makes the loss NaN.
template <detail::Numbers X, class Target, class Sigma>
auto log_normal_nll(const X& x, const Target& target, const Sigma& sigma, const LossOptions& options = {}) {
  if constexpr (!Scalar<Target>) detail::check_target(detail::LogNormalTerm::name, x, target);
  detail::check_positive("log_normal_nll: target", target);
  detail::check_positive(detail::LogNormalTerm::further, sigma);
  return detail::aggregate(detail::LogNormalTerm{}, detail::Aggregate::sum, options, x, target, sigma);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
