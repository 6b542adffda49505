#pragma once

#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <cstddef>
#include <tuple>

namespace costate {

/// Least squares by the Ceres solver (Levenberg–Marquardt in a trust region, dense QR) as an optimizer of
/// `train`; target costate::ceres.
///
///     train(residuals, p, CeresLeastSquares{});
///
/// Ceres runs a loop of its own: the whole run counts as one iteration, after which the callback is told, and
/// `evaluations` counts what it did, each with its Jacobian. Residuals that are not finite (a failed solve)
/// are an evaluation that failed, at which Ceres shrinks its region. Bounds are Ceres's. The result is the
/// lowest point evaluated. S. Agarwal, K. Mierle et al., Ceres Solver.
struct CeresLeastSquares {
  double function_tolerance = 1e-15;   ///< Ceres's field of that name
  double gradient_tolerance = 1e-12;   ///< likewise
  double parameter_tolerance = 1e-12;  ///< likewise
  std::size_t max_iterations = 200;    ///< of Ceres's own loop

  static constexpr const char* name = "CeresLeastSquares";
  static constexpr bool takes_bounds = true;

  template <class T>
  struct State {
    bool done = false;
    auto fields() { return std::tie(done); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const ResidualObjective<T>& objective, Iterate<T>& current) const;
};

/// Ceres's line search for general losses (LBFGS with the strong Wolfe conditions); everything else as with
/// CeresLeastSquares. No bounds.
struct CeresLineSearch {
  double function_tolerance = 1e-15;
  double gradient_tolerance = 1e-10;
  double parameter_tolerance = 1e-12;
  std::size_t max_iterations = 1000;

  static constexpr const char* name = "CeresLineSearch";
  static constexpr bool takes_bounds = false;

  template <class T>
  struct State {
    bool done = false;
    auto fields() { return std::tie(done); }
  };

  /// Throws std::invalid_argument where a field is out of its range.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const;
};

extern template CeresLeastSquares::State<float> CeresLeastSquares::init(std::size_t) const;
extern template CeresLeastSquares::State<double> CeresLeastSquares::init(std::size_t) const;
extern template StepResult CeresLeastSquares::iterate(State<float>&, const ResidualObjective<float>&,
                                                      Iterate<float>&) const;
extern template StepResult CeresLeastSquares::iterate(State<double>&, const ResidualObjective<double>&,
                                                      Iterate<double>&) const;
extern template CeresLineSearch::State<float> CeresLineSearch::init(std::size_t) const;
extern template CeresLineSearch::State<double> CeresLineSearch::init(std::size_t) const;
extern template StepResult CeresLineSearch::iterate(State<float>&, const Objective<float>&,
                                                    Iterate<float>&) const;
extern template StepResult CeresLineSearch::iterate(State<double>&, const Objective<double>&,
                                                    Iterate<double>&) const;

}  // namespace costate
