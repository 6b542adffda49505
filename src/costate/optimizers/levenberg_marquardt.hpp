#pragma once

#include <costate/optimizers/detail/least_squares.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <cstddef>
#include <tuple>

namespace costate {

/// Levenberg–Marquardt: least squares on a vector of residuals, by damped steps of their linear model.
///
///     minimize Σ rᵢ(x)²:   s = argmin |r + J s|² + μ |D s|²,   x ← x + s        J: [residuals × parameters]
///     gain ρ = (|r|² − |r(x + s)|²) / (|r|² − |r + J s|²)
///     μ ← μ max(1/3, 1 − (2ρ − 1)³), ν = 2  where the loss falls;   μ ← μ ν, ν ← 2ν and x stays  otherwise
///
/// D holds the lengths of the columns of J (falling by at most ten an iteration), so that the units of the
/// parameters do not matter. The stacked matrix [J; √μ D] is factored, never JᵀJ, whose condition is the
/// square. Bounds are kept at every evaluation: parameters at a bound that the loss pushes against are left
/// out, and those that a step would carry over one stop there. A point that is not finite (a failed solve)
/// counts as no fall. K. Madsen, H. B. Nielsen & O. Tingleff, Methods for Non-Linear Least Squares Problems
/// (2004), §3.2; J. J. Moré, in Numerical Analysis, LNM 630 (1978), 105 (scaling, stop tests); C. Kanzow, N.
/// Yamashita & M. Fukushima, J. Comput. Appl. Math. 172 (2004) 375 (bounds).
struct LevenbergMarquardt {
  double initial_damping = 1e-3;      ///< μ at the start, > 0
  double gradient_tolerance = 1e-12;  ///< converged where every |cos(r, ∂r/∂xⱼ)| is at most this
  double step_tolerance = 1e-12;      ///< converged where |D s| is at most this times |D x|
  double cost_tolerance = 1e-14;      ///< converged where |r|² falls, and was to fall, by at most this share

  static constexpr const char* name = "LevenbergMarquardt";
  static constexpr bool takes_bounds = true;

  template <class T>
  struct State {
    detail::LeastSquaresState<T> shared;
    double damping = 0, growth = 2;
    auto fields() { return std::tie(shared, damping, growth); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const ResidualObjective<T>& objective, Iterate<T>& current) const;
};

extern template LevenbergMarquardt::State<float> LevenbergMarquardt::init(std::size_t) const;
extern template LevenbergMarquardt::State<double> LevenbergMarquardt::init(std::size_t) const;
extern template StepResult LevenbergMarquardt::iterate(State<float>&, const ResidualObjective<float>&,
                                                       Iterate<float>&) const;
extern template StepResult LevenbergMarquardt::iterate(State<double>&, const ResidualObjective<double>&,
                                                       Iterate<double>&) const;

}  // namespace costate
