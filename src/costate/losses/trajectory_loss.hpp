#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/data/missing.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace costate {

/// Options of `trajectory_loss`.
struct TrajectoryLossOptions {
  std::optional<double> until{};  ///< observations up to this time count; default: all
  SolveOptions solve{};           ///< saveat and save_everystep are chosen here, and dense is false
  Weights weights{};              ///< of the differences; none: all 1
  Missing missing = Missing::propagate;
};

/// The loss of p that `trajectory_loss` returns.
template <class Problem, class Method, class Sensitivity>
class TrajectoryLoss {
 public:
  TrajectoryLoss(const Problem& problem, const detail::Observations& seen, const Method& method,
                 const TrajectoryLossOptions& options, const Sensitivity& sensitivity)
      : problem_(problem), method_(method), sensitivity_(sensitivity), solve_(options.solve) {
    detail::check("trajectory_loss", seen.t, seen.values);
    const std::size_t n = problem.u0().size(), all = seen.t.size();
    if (seen.values.rows() != n)
      detail::reject_size("trajectory_loss: components of the observations", n, seen.values.rows());
    if (solve_.saveat.is_set() || solve_.save_everystep)
      detail::reject("trajectory_loss: solve.saveat", "none: the observations say when", "one");
    std::size_t count = 0;
    while (count < all && !(options.until && seen.t[count] > *options.until)) ++count;
    if (count == 0)
      detail::reject("trajectory_loss: until", "a time after the first observation", *options.until);
    end_ = seen.t[count - 1];
    if (count == 1 && !(end_ > problem.tspan().start))
      detail::reject("trajectory_loss: until", "a time after the second observation", *options.until);
    target_ = Matrix<double>(n, count);
    for (std::size_t k = 0; k < n * count; ++k) target_.data()[k] = seen.values.data()[k];
    if (!options.weights.values().empty()) {
      detail::Buffer<double> weights;
      detail::spread(options.weights, "trajectory_loss", n * all, n, weights);
      loss_.weights = Weights(VectorView<const double>(weights.data(), n * count));
    }
    loss_.missing = options.missing;
    solve_.saveat = SaveAt(VectorView<const double>(seen.t.data(), count));
    solve_.dense = false;
  }

  template <class P>
  [[gnu::always_inline]] auto operator()(const P& p) const {
    return squared_error(
        solve(problem_.with_p(p).with_tspan({problem_.tspan().start, end_}), method_, solve_, sensitivity_),
        target_, loss_);
  }

 private:
  Problem problem_;
  Method method_;
  Sensitivity sensitivity_;
  SolveOptions solve_;
  LossOptions loss_;
  Matrix<double> target_;
  double end_ = 0;
};

/// The loss of p that compares one solve with a record: Σ w (u(tᵢ) − observedᵢ)² up to a time.
///
///     const auto loss = trajectory_loss(problem, observed, Tsit5{}, {.until = 10.0});
///
/// `observed` is a solution, or a time series (`t`, and `values` of [components × times]); the problem gives
/// u0 and where time starts. Throws std::invalid_argument for observations that do not fit the state, ascend
/// in time or lie in the span. Where the whole record at once ends in a bad minimum, see `growing_window`,
/// `multiple_shooting` and `collocation_loss`.
template <class Problem, class Data, class Method, class Sensitivity = DiscreteAdjoint>
requires(AnySolution<Data> ||
         detail::TimesAndValues<Data>) auto trajectory_loss(const Problem& problem, const Data& observed,
                                                            const Method& method,
                                                            const TrajectoryLossOptions& options = {},
                                                            const Sensitivity& sensitivity = {}) {
  return TrajectoryLoss<Problem, Method, Sensitivity>(
      problem, detail::observations("trajectory_loss: observed", observed), method, options, sensitivity);
}

}  // namespace costate
