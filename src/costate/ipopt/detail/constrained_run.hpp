#pragma once

#include <costate/ipopt/detail/constrained_points.hpp>
#include <costate/training/progress_bar.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace costate::detail {

/// One run: where it stands, its history and what ended it, apart from who makes its iterations.
template <class T>
class ConstrainedRun {
 public:
  using Point = ConstrainedPoint<T>;

  ConstrainedRun(const ConstrainedObjective<T>& objective, std::span<const T> start,
                 const IpoptOptions& ipopt, const TrainOptions& options, const Bounds<T>& box,
                 function_ref<bool(const TrainPoint<T>&)> callback);

  /// Evaluates the start. False where the run ends there.
  bool begin();
  /// Told after every iteration; false ends the run.
  bool iterated(std::size_t iteration, std::span<const double> x, double gradient_norm, ProgressBar& bar);
  /// Why the iterations ended, where nothing on this side had ended them. Throws what the loss threw.
  void end(StopReason reason, std::string_view words);
  ConstrainedResult<T> finish(const std::vector<T>& multipliers);

  Bounds<T> bounds;
  ConstraintSides sides;
  InterruptGuard interrupt;
  ConstrainedPoints<T> points;
  Point current;  ///< the iterate
  ConstrainedResult<T> result;

 private:
  bool record(double gradient_norm);
  void stop(StopReason reason, std::string_view words);
  const Point& chosen(const std::vector<T>& multipliers) const;

  double begin_ = steady_seconds();
  function_ref<bool(const TrainPoint<T>&)> callback_;
  std::span<const T> start_;
  TrainProgress progress_;
  bool stopped_ = false;
};

extern template class ConstrainedRun<float>;
extern template class ConstrainedRun<double>;

}  // namespace costate::detail
