#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/optimizers/residual_objective.hpp>
#include <costate/training/detail/adapted_optimizer.hpp>
#include <costate/training/detail/residual_jacobian.hpp>
#include <costate/training/train.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// Σ r², summed in double
template <class T>
T sum_of_squares(std::span<const T> r) {
  return static_cast<T>(inner_product<T>(r, r));
}

/// g = 2 Jᵀr
template <class T>
void gradient_of_squares(const Linearization<T>& at, std::span<T> gradient) {
  const std::size_t m = at.residuals.size();
  for (std::size_t j = 0; j < gradient.size(); ++j)
    gradient[j] =
        static_cast<T>(2 * inner_product<T>(std::span<const T>(at.jacobian.data() + j * m, m), at.residuals));
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Minimizes the sum of squares of a vector of residuals.
///
///     const auto residuals = [&](const auto& p) { return residual(solve(problem.with_p(p), Tsit5{},
///     options),
///                                                                 data); };
///     auto result = train(residuals, p, LevenbergMarquardt{}, {.max_iterations = 50});
///
/// residuals(p) returns a Vector; `result.minimum` is Σ rᵢ². Its Jacobian comes from solves with eight
/// sensitivities at once, or from reverse sweeps where residuals are few and parameters many. Residuals that
/// are infinite or NaN (a failed solve) are outside. callback(p, Σ r²) ends the run by returning true.
/// Everything else is as with a loss.
template <class Residuals, class P, class Optimizer, class Callback = NoCallback>
requires ResidualOptimizer<Optimizer, double>
auto train(const Residuals& residuals, const P& start, const Optimizer& optimizer,
           const TrainOptions& options = {}, Callback callback = {}) {
  const auto& p0 = detail::as_vector_like(start);
  using T = common_scalar_t<scalar_of<detail::vector_like_t<P>>>;
  using Point = Vector<T, extent_of<detail::vector_like_t<P>>>;
  static_assert(PlainScalar<T>, "costate::train: parameters must be plain numbers");
  constexpr bool watched = !std::is_same_v<Callback, NoCallback>;
  Linearization<T> latest;
  std::vector<T> r;
  const auto value = [&](std::span<const T> x) -> T {
    detail::keep_residuals(residuals(Point(x)), r);
    return detail::sum_of_squares<T>(r);
  };
  const auto value_and_gradient = [&](std::span<const T> x, std::span<T> gradient) -> T {
    detail::linearize(residuals, Point(x), latest);
    detail::gradient_of_squares<T>(latest, gradient);
    return detail::sum_of_squares<T>(latest.residuals);
  };
  const auto tell = [&](const detail::TrainPoint<T>& at) -> bool {
    if constexpr (watched)
      return detail::call_back(callback, Point(at.parameters), static_cast<double>(at.loss), at.progress);
    else
      return false;
  };
  const auto on_residuals = [&](const Objective<T>& sum_of_squares) {
    return ResidualObjective<T>{sum_of_squares, latest};
  };
  const Vector<T> flat(p0);
  return detail::train_loop<T>(Objective<T>{value_and_gradient, value},
                               std::span<const T>(flat.data(), flat.size()),
                               detail::adapted<T>(optimizer, on_residuals), options, tell);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
