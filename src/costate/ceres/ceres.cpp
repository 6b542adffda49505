#include <costate/ceres/ceres.hpp>
#include <costate/core/errors.hpp>

#include <ceres/ceres.h>
#include <cmath>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace costate {
namespace {

void check(const char* optimizer, double function, double gradient, double parameter,
           std::size_t iterations) {
  for (const auto& [field, value] :
       {std::pair(".function_tolerance", function), std::pair(".gradient_tolerance", gradient),
        std::pair(".parameter_tolerance", parameter)})
    if (!(value >= 0) || !std::isfinite(value))
      detail::reject(std::string(optimizer) + field, "a finite number >= 0", value);
  if (iterations == 0) detail::reject(std::string(optimizer) + ".max_iterations", "a number >= 1", "0");
}

/// The lowest point that was evaluated, and an exception that waits until Ceres has returned.
template <class T>
struct Watch {
  Iterate<T> trial, best;
  std::exception_ptr thrown{};

  /// False where the point is outside.
  bool evaluate(const Objective<T>& objective, const double* x) {
    if (thrown) return false;
    try {
      for (std::size_t i = 0; i < trial.x.size(); ++i)
        trial.x[i] = objective.bounds.clamp(i, static_cast<T>(x[i]));
      if (!std::isfinite(detail::max_norm<T>(trial.x))) return false;
      trial.loss = objective.value_and_gradient(trial.x, trial.gradient);
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
    if (!detail::is_inside<T>(trial.loss, trial.gradient)) return false;
    if (trial.loss < best.loss) best = trial;
    return true;
  }
  StepResult finish(Iterate<T>& current) {
    if (thrown) std::rethrow_exception(thrown);
    current.last_evaluated = false;
    if (!(best.loss < current.loss)) return {StepOutcome::stalled, "Ceres found no lower loss"};
    best.last_evaluated = false;
    std::swap(current, best);
    return {};
  }
};

template <class T>
class Residuals final : public ceres::CostFunction {
 public:
  Residuals(const ResidualObjective<T>& objective, Watch<T>& watch, std::size_t n)
      : objective_(objective), watch_(watch) {
    set_num_residuals(static_cast<int>(objective.latest.residuals.size()));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(n));
  }
  bool Evaluate(double const* const* x, double* r, double** jacobians) const override {
    if (!watch_.evaluate(objective_.sum_of_squares, x[0])) return false;
    const Linearization<T>& at = objective_.latest;
    const std::size_t m = at.residuals.size(), n = at.x.size();
    if (m != static_cast<std::size_t>(num_residuals())) return false;
    for (std::size_t i = 0; i < m; ++i) r[i] = static_cast<double>(at.residuals[i]);
    if (jacobians == nullptr || jacobians[0] == nullptr) return true;
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j)
        jacobians[0][i * n + j] = static_cast<double>(at.jacobian[i + j * m]);
    return true;
  }

 private:
  const ResidualObjective<T>& objective_;
  Watch<T>& watch_;
};

template <class T>
class Loss final : public ceres::FirstOrderFunction {
 public:
  Loss(const Objective<T>& objective, Watch<T>& watch) : objective_(objective), watch_(watch) {}
  bool Evaluate(const double* x, double* value, double* gradient) const override {
    if (!watch_.evaluate(objective_, x)) return false;
    *value = static_cast<double>(watch_.trial.loss);
    for (std::size_t i = 0; gradient != nullptr && i < watch_.trial.x.size(); ++i)
      gradient[i] = static_cast<double>(watch_.trial.gradient[i]);
    return true;
  }
  int NumParameters() const override { return static_cast<int>(watch_.trial.x.size()); }

 private:
  const Objective<T>& objective_;
  Watch<T>& watch_;
};

}  // namespace

template <class T>
CeresLeastSquares::State<T> CeresLeastSquares::init(std::size_t /*size*/) const {
  check(name, function_tolerance, gradient_tolerance, parameter_tolerance, max_iterations);
  return {};
}

template <class T>
StepResult CeresLeastSquares::iterate(State<T>& state, const ResidualObjective<T>& objective,
                                      Iterate<T>& current) const {
  if (std::exchange(state.done, true)) return {StepOutcome::converged, "Ceres has ended"};
  const std::size_t n = current.x.size();
  const Bounds<T>& bounds = objective.sum_of_squares.bounds;
  Watch<T> watch{Iterate<T>(n), current};
  std::vector<double> x(current.x.begin(), current.x.end());
  if (objective.latest.residuals.empty() && !watch.evaluate(objective.sum_of_squares, x.data()))
    return watch.finish(current);
  ceres::Problem problem;
  problem.AddResidualBlock(new Residuals<T>(objective, watch, n), nullptr, x.data());
  for (std::size_t i = 0; i < bounds.lower.size(); ++i)
    if (std::isfinite(bounds.lower[i]))
      problem.SetParameterLowerBound(x.data(), static_cast<int>(i), static_cast<double>(bounds.lower[i]));
  for (std::size_t i = 0; i < bounds.upper.size(); ++i)
    if (std::isfinite(bounds.upper[i]))
      problem.SetParameterUpperBound(x.data(), static_cast<int>(i), static_cast<double>(bounds.upper[i]));
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.logging_type = ceres::SILENT;
  options.num_threads = 1;
  options.max_num_iterations = static_cast<int>(max_iterations);
  options.function_tolerance = function_tolerance;
  options.gradient_tolerance = gradient_tolerance;
  options.parameter_tolerance = parameter_tolerance;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  return watch.finish(current);
}

template <class T>
CeresLineSearch::State<T> CeresLineSearch::init(std::size_t /*size*/) const {
  check(name, function_tolerance, gradient_tolerance, parameter_tolerance, max_iterations);
  return {};
}

template <class T>
StepResult CeresLineSearch::iterate(State<T>& state, const Objective<T>& objective,
                                    Iterate<T>& current) const {
  if (std::exchange(state.done, true)) return {StepOutcome::converged, "Ceres has ended"};
  Watch<T> watch{Iterate<T>(current.x.size()), current};
  std::vector<double> x(current.x.begin(), current.x.end());
  const ceres::GradientProblem problem(new Loss<T>(objective, watch));
  ceres::GradientProblemSolver::Options options;
  options.logging_type = ceres::SILENT;
  options.max_num_iterations = static_cast<int>(max_iterations);
  options.function_tolerance = function_tolerance;
  options.gradient_tolerance = gradient_tolerance;
  options.parameter_tolerance = parameter_tolerance;
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(options, problem, x.data(), &summary);
  return watch.finish(current);
}

template CeresLeastSquares::State<float> CeresLeastSquares::init(std::size_t) const;
template CeresLeastSquares::State<double> CeresLeastSquares::init(std::size_t) const;
template StepResult CeresLeastSquares::iterate(State<float>&, const ResidualObjective<float>&,
                                               Iterate<float>&) const;
template StepResult CeresLeastSquares::iterate(State<double>&, const ResidualObjective<double>&,
                                               Iterate<double>&) const;
template CeresLineSearch::State<float> CeresLineSearch::init(std::size_t) const;
template CeresLineSearch::State<double> CeresLineSearch::init(std::size_t) const;
template StepResult CeresLineSearch::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
template StepResult CeresLineSearch::iterate(State<double>&, const Objective<double>&,
                                             Iterate<double>&) const;

}  // namespace costate
