#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/training/train.hpp>
#include <costate/training/train_options.hpp>
#include <costate/training/train_result.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// What `growing_window` found: the result of the last window, and those of all.
template <class T>
struct GrowingWindowResult : TrainResult<T> {
  std::vector<TrainResult<T>> windows;
};

namespace detail {

/// Throws std::invalid_argument for windows that do not grow, and for options that one run of several cannot
/// have.
void check_windows(const std::vector<double>& ends, const TrainOptions& options);

/// Whether a run that ended so may be gone on from.
bool leads_on(StopReason reason);

}  // namespace detail

inline namespace COSTATE_INSTRUCTIONS {

/// Trains on the beginning of a record, from what was found there on more of it, and so on: an oscillation
/// that is in step with the beginning stays in step, where a fit of the whole at once is caught in a bad
/// minimum.
///
///     const auto loss_until = [&](double end) {
///       return trajectory_loss(problem, observed, Tsit5{}, {.until = end});
///     };
///     const auto found = growing_window(loss_until, {2.5, 5.0, 10.0}, p, BFGS{}, {.max_iterations = 100});
///
/// loss_of(end) is the loss of the window that ends there. Each window is a `train` of its own with these
/// options, begun at the minimizer of the one before, with a fresh state of the optimizer. A window that is
/// interrupted, or whose start is not finite, is the last. Throws std::invalid_argument, besides what `train`
/// refuses, where ends do not increase, and for `checkpoint`: a file keeps one run.
template <class LossOf, class P, class Optimizer, class Callback = NoCallback>
auto growing_window(const LossOf& loss_of, const std::vector<double>& ends, const P& start,
                    const Optimizer& optimizer, const TrainOptions& options = {}, Callback callback = {}) {
  detail::check_windows(ends, options);
  using Result = decltype(train(loss_of(ends.front()), start, optimizer, options, callback));
  using T = std::remove_cvref_t<decltype(std::declval<Result>().minimum)>;
  GrowingWindowResult<T> result;
  const auto fit = [&](double end, const auto& from) {
    result.windows.push_back(train(loss_of(end), from, optimizer, options, callback));
  };
  fit(ends.front(), start);
  // the point keeps the type of the start: a size known when compiling is worth a solve
  Vector<T, extent_of<detail::vector_like_t<P>>> point(detail::as_vector_like(start));
  for (std::size_t i = 1; i < ends.size() && detail::leads_on(result.windows.back().stop_reason); ++i) {
    for (std::size_t k = 0; k < point.size(); ++k) point[k] = result.windows.back().minimizer[k];
    fit(ends[i], point);
  }
  static_cast<TrainResult<T>&>(result) = result.windows.back();
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
