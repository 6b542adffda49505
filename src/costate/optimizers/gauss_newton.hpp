#pragma once

#include <costate/optimizers/detail/least_squares.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <cstddef>
#include <tuple>

namespace costate {

/// Gauss–Newton: least squares on a vector of residuals, by the minimum of their linear model, halved until
/// the loss falls.
///
///     minimize Σ rᵢ(x)²:   s = argmin |r + J s|²,   x ← x + a s,   a = 1, ½, ¼ …        J: [residuals ×
///     parameters] |r(x + a s)|² ≤ |r|² + 1e-4 a gᵀs,   g = 2 Jᵀr
///
/// J is factored with pivoting; where its rank is not full, s is the basic solution. Bounds are kept as in
/// LevenbergMarquardt, which is the safer choice far from the solution: nothing keeps s short here. J.
/// Nocedal & S. Wright, Numerical Optimization, 2nd ed., §10.3.
struct GaussNewton {
  double gradient_tolerance = 1e-12;  ///< converged where every |cos(r, ∂r/∂xⱼ)| is at most this
  double step_tolerance =
      1e-12;  ///< converged where |D s| is at most this times |D x|, D the lengths of J's columns
  double cost_tolerance = 1e-14;  ///< converged where |r|² falls, and was to fall, by at most this share

  static constexpr const char* name = "GaussNewton";
  static constexpr bool takes_bounds = true;

  template <class T>
  struct State {
    detail::LeastSquaresState<T> shared;
    auto fields() { return std::tie(shared); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const ResidualObjective<T>& objective, Iterate<T>& current) const;
};

extern template GaussNewton::State<float> GaussNewton::init(std::size_t) const;
extern template GaussNewton::State<double> GaussNewton::init(std::size_t) const;
extern template StepResult GaussNewton::iterate(State<float>&, const ResidualObjective<float>&,
                                                Iterate<float>&) const;
extern template StepResult GaussNewton::iterate(State<double>&, const ResidualObjective<double>&,
                                                Iterate<double>&) const;

}  // namespace costate
