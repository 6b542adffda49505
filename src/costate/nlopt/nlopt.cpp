#include <costate/core/errors.hpp>
#include <costate/nlopt/nlopt.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <nlopt.h>
#include <utility>
#include <vector>

namespace costate {
namespace {

using Handle = std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)>;

/// One run of NLopt on an objective.
template <class T>
struct Run {
  const Objective<T>& objective;
  Iterate<T> trial, best;
  nlopt_opt handle = nullptr;
  std::exception_ptr thrown{};

  double evaluate(unsigned n, const double* x, double* gradient) {
    for (unsigned i = 0; i < n; ++i) trial.x[i] = objective.bounds.clamp(i, static_cast<T>(x[i]));
    double value = std::numeric_limits<double>::infinity();
    if (std::isfinite(detail::max_norm<T>(trial.x))) {
      trial.loss = gradient != nullptr ? objective.value_and_gradient(trial.x, trial.gradient)
                                       : objective.value(trial.x);
      if (std::isfinite(trial.loss)) value = static_cast<double>(trial.loss);
    }
    if (gradient != nullptr) {
      const bool inside = std::isfinite(value) && std::isfinite(detail::max_norm<T>(trial.gradient));
      if (!inside) value = std::numeric_limits<double>::infinity();
      for (unsigned i = 0; i < n; ++i) gradient[i] = inside ? static_cast<double>(trial.gradient[i]) : 0;
    }
    if (value < static_cast<double>(best.loss)) best = trial;
    return value;
  }
  /// NLopt is C: an exception waits until it has returned.
  static double call(unsigned n, const double* x, double* gradient, void* data) {
    Run& run = *static_cast<Run*>(data);
    try {
      return run.evaluate(n, x, gradient);
    } catch (...) {
      run.thrown = std::current_exception();
      nlopt_force_stop(run.handle);
      return std::numeric_limits<double>::infinity();
    }
  }
};

template <class T>
std::vector<double> side_of(std::span<const T> bounds, std::size_t n, double without) {
  std::vector<double> side(n, without);
  std::copy(bounds.begin(), bounds.end(), side.begin());
  return side;
}

}  // namespace

template <class T>
NLopt::State<T> NLopt::init(std::size_t /*size*/) const {
  const nlopt_algorithm found = nlopt_algorithm_from_string(algorithm.c_str());
  if (static_cast<int>(found) < 0)
    detail::reject("NLopt.algorithm", "a name that NLopt knows, such as LD_LBFGS or LN_BOBYQA", algorithm);
  for (const auto& [field, value] :
       {std::pair("NLopt.loss_tolerance", loss_tolerance), std::pair("NLopt.step_tolerance", step_tolerance),
        std::pair("NLopt.initial_step", initial_step)})
    if (!(value >= 0) || !std::isfinite(value)) detail::reject(field, "a finite number >= 0", value);
  if (max_evaluations == 0) detail::reject("NLopt.max_evaluations", "a number >= 1", "0");
  return {};
}

template <class T>
StepResult NLopt::iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
  if (std::exchange(state.done, true)) return {StepOutcome::converged, "NLopt has ended"};
  const std::size_t n = current.x.size();
  Run<T> run{objective, Iterate<T>(n), current};
  const Handle handle(nlopt_create(nlopt_algorithm_from_string(algorithm.c_str()), static_cast<unsigned>(n)),
                      nlopt_destroy);
  run.handle = handle.get();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  bool set = nlopt_set_min_objective(handle.get(), &Run<T>::call, &run) >= 0;
  set = set &&
        nlopt_set_lower_bounds(handle.get(), side_of<T>(objective.bounds.lower, n, -infinity).data()) >= 0;
  set = set &&
        nlopt_set_upper_bounds(handle.get(), side_of<T>(objective.bounds.upper, n, infinity).data()) >= 0;
  if (!algorithm.starts_with("G")) {
    set = set && nlopt_set_ftol_rel(handle.get(), loss_tolerance) >= 0;
    set = set && nlopt_set_xtol_rel(handle.get(), step_tolerance) >= 0;
  }
  set = set && nlopt_set_maxeval(handle.get(), static_cast<int>(std::min<std::size_t>(
                                                   max_evaluations, std::numeric_limits<int>::max()))) >= 0;
  if (set && initial_step > 0) set = nlopt_set_initial_step1(handle.get(), initial_step) >= 0;
  std::vector<double> x(current.x.begin(), current.x.end());
  double minimum = 0;
  const nlopt_result result = set ? nlopt_optimize(handle.get(), x.data(), &minimum) : NLOPT_INVALID_ARGS;
  if (run.thrown) std::rethrow_exception(run.thrown);
  if (result == NLOPT_INVALID_ARGS)
    detail::reject("NLopt.algorithm", "one that takes this problem (global ones need finite bounds)",
                   algorithm);
  current.last_evaluated = false;
  if (!(run.best.loss < current.loss)) return {StepOutcome::stalled, "NLopt found no lower loss"};
  // algorithms without derivatives leave none
  run.best.loss = objective.value_and_gradient(run.best.x, run.best.gradient);
  if (!detail::is_inside<T>(run.best.loss, run.best.gradient))
    return {StepOutcome::stalled, "the gradient is not finite at the lowest point that NLopt found"};
  run.best.last_evaluated = true;
  std::swap(current, run.best);
  return {};
}

template NLopt::State<float> NLopt::init(std::size_t) const;
template NLopt::State<double> NLopt::init(std::size_t) const;
template StepResult NLopt::iterate(State<float>&, const Objective<float>&, Iterate<float>&) const;
template StepResult NLopt::iterate(State<double>&, const Objective<double>&, Iterate<double>&) const;

}  // namespace costate
