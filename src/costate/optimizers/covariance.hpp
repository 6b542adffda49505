#pragma once

#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <cstddef>
#include <string>

namespace costate {

/// How well least squares determines its parameters, from the linear model of the residuals at the minimum.
///
///     σ² = Σ r² / (m − n),   C = σ² (JᵀJ)⁻¹,   standard error of xⱼ = √Cⱼⱼ        C: [parameters ×
///     parameters]
///
/// For m residuals of one unknown variance; for residuals that were divided by known deviations, C / σ².
/// Where the data do not determine all parameters (`rank` below n, or m ≤ n), C and the errors are NaN and
/// `message` says so. G. A. F. Seber & C. J. Wild, Nonlinear Regression (1989), eq. 2.20 and 2.21.
template <class T>
struct ParameterCovariance {
  Matrix<T> covariance;
  Vector<T> standard_errors;
  T variance{};                        ///< σ²
  std::size_t degrees_of_freedom = 0;  ///< m − n, 0 where that is negative
  std::size_t rank = 0;                ///< of J with its columns scaled to one length
  std::string message;                 ///< why there is none; empty where there is one

  bool determined() const { return message.empty(); }
};

/// The covariance from residuals and Jacobian. `covariance(residuals, p)` of the room training makes them.
template <class T>
ParameterCovariance<T> covariance(const Linearization<T>& at);

extern template ParameterCovariance<float> covariance(const Linearization<float>&);
extern template ParameterCovariance<double> covariance(const Linearization<double>&);

}  // namespace costate
