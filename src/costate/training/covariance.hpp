#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/optimizers/covariance.hpp>
#include <costate/training/detail/residual_jacobian.hpp>

namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

/// The covariance of the parameters of a least squares fit at p, usually the minimizer; see
/// ParameterCovariance.
///
///     const auto fit = train(residuals, p, LevenbergMarquardt{});
///     const auto errors = covariance(residuals, fit.minimizer).standard_errors;
template <class Residuals, class P>
auto covariance(const Residuals& residuals, const P& p) {
  const auto& at = detail::as_vector_like(p);
  using T = common_scalar_t<scalar_of<detail::vector_like_t<P>>>;
  static_assert(PlainScalar<T>, "costate::covariance: parameters must be plain numbers");
  Linearization<T> linearization;
  // what they determine has more residuals than parameters
  detail::forward_columns(residuals, Vector<T, extent_of<detail::vector_like_t<P>>>(at), linearization);
  linearization.x.assign(at.begin(), at.end());
  return covariance(linearization);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
