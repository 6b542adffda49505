#pragma once

#include <costate/optimizers/objective.hpp>

#include <cstddef>
#include <string>
#include <tuple>

namespace costate {

/// Any algorithm of the NLopt library as an optimizer of `train`; target costate::nlopt.
///
///     train(loss, p, NLopt{.algorithm = "LN_BOBYQA"}, {.lower = {…}, .upper = {…}});
///
/// NLopt runs a loop of its own: the whole run counts as one iteration, after which the callback is told, and
/// `evaluations` counts what it did. Bounds are NLopt's; what it asks beyond them, by rounding, is projected.
/// A loss that is not finite (a failed solve) is shown to it as +∞, which the algorithms without derivatives
/// (LN_…, GN_…) take as a wall; those with derivatives (LD_…) may stop there. The result is the lowest point
/// evaluated, whatever NLopt says. Tolerances are not shown to global algorithms (G…): two values that agree
/// would end their search, which takes all of max_evaluations. S. G. Johnson, The NLopt
/// nonlinear-optimization package; its manual names the algorithms and their papers.
struct NLopt {
  std::string algorithm = "LD_LBFGS";  ///< as nlopt_algorithm_from_string takes it
  double loss_tolerance = 1e-12;       ///< relative change of the loss at which NLopt stops; 0: never
  double step_tolerance = 1e-10;       ///< relative change of the parameters; 0: never
  std::size_t max_evaluations = 10000;
  double initial_step = 0;  ///< of algorithms without derivatives; 0: NLopt's choice

  static constexpr const char* name = "NLopt";
  static constexpr bool takes_bounds = true;
  static constexpr bool asks_for_values = true;  // for algorithms without derivatives

  template <class T>
  struct State {
    bool done = false;
    auto fields() { return std::tie(done); }
  };

  /// Throws std::invalid_argument where a field is out of its range, or names no algorithm.
  template <class T>
  State<T> init(std::size_t size) const;

  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const;
};

extern template NLopt::State<float> NLopt::init(std::size_t) const;
extern template NLopt::State<double> NLopt::init(std::size_t) const;
extern template StepResult NLopt::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
extern template StepResult NLopt::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
