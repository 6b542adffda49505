#pragma once

#include <costate/linalg/qr.hpp>
#include <costate/optimizers/bounds.hpp>
#include <costate/optimizers/objective.hpp>
#include <costate/optimizers/residual_objective.hpp>

#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

namespace costate::detail {

/// The stop tests that optimizers on residuals share; a test is never finer than a few roundings of T.
struct LeastSquaresTests {
  double gradient_tolerance, step_tolerance, cost_tolerance;
};
/// Throws std::invalid_argument naming the field of the optimizer that is out of its range.
void check(const char* optimizer, const LeastSquaresTests& tests);

/// What LevenbergMarquardt and GaussNewton share: the linear model r + J s of the residuals around the
/// iterate, its minimum in the box, and the stop tests.
template <class T>
struct LeastSquaresState {
  std::vector<T> scale;   ///< D: lengths of the columns of J, falling by at most ten an iteration
  bool finished = false;  ///< the last step met the test of cost

  Linearization<T> model;
  Iterate<T> trial;
  std::vector<T> step;  ///< what the model proposes

  LeastSquaresState() = default;
  explicit LeastSquaresState(std::size_t size) : scale(size), trial(size), step(size) {}
  /// What a resumed run needs: the model is evaluated again.
  auto fields() { return std::tie(scale, finished); }

  /// Takes the model at `current`, which is evaluated where that has not been done. The outcome is `moved`
  /// where an iteration has work to do.
  StepResult begin(const ResidualObjective<T>& objective, Iterate<T>& current,
                   const LeastSquaresTests& tests);
  /// step = argmin |r + J s|² + damping |D s|², x + s in the box: parameters that the solution would carry
  /// over their bounds stay there while the others are solved for again. Without damping the basic solution
  /// of a J whose rank is not full. False: not finite.
  bool solve(const Bounds<T>& bounds, const Iterate<T>& current, double damping);
  /// |r|² − |r + J s|² for s = fraction · step
  double predicted_fall(const Iterate<T>& current, double fraction) const;
  /// |D s| / |D x|
  double relative_step(const Iterate<T>& current) const;
  /// trial.x = x + fraction · step. False: it is x.
  bool move(const Bounds<T>& bounds, const Iterate<T>& current, double fraction);
  /// Evaluates the trial; whether it is inside and below `limit`.
  bool evaluate_trial(const ResidualObjective<T>& objective, Iterate<T>& current, double limit);

  /// Notes whether the trial's fall below `loss` meets the test of cost.
  void judge_fall(double loss, double predicted, double cost_tolerance);
  /// The end where no step falls: converged where the model itself foresaw a fall within the rounding of the
  /// residuals only.
  static StepResult stuck(double loss, double foreseen, const char* reason);

 private:
  bool linearize(const ResidualObjective<T>& objective, Iterate<T>& current);
  /// Whether no residual falls along any free parameter: the largest cosine between r and a column of J.
  bool is_stationary(const Bounds<T>& bounds, const Iterate<T>& current, double tolerance) const;

  std::vector<std::size_t> free_;
  std::vector<T> matrix_, right_, solution_;
  linalg::QR<T> qr_;
};

extern template struct LeastSquaresState<float>;
extern template struct LeastSquaresState<double>;

}  // namespace costate::detail
