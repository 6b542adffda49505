#pragma once

#include <costate/training/interrupt.hpp>
#include <costate/training/run_file.hpp>
#include <costate/training/train_loop.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace costate::detail {

/// The best parameters so far, and what judged them.
template <class T>
class Best {
 public:
  Best(Judge judge, std::size_t batches)
      : judge_(judge),
        window_(judge == Judge::mean_of_epoch ? batches : 10),
        stride_(judge == Judge::mean_of_epoch ? batches : 1) {}

  bool any() const { return !x_.empty(); }
  std::span<const T> x() const { return x_; }
  double loss() const { return loss_; }

  void evaluated(std::span<const T> x, T loss) {
    if (judge_ != Judge::lowest_loss || validated_) return;
    if (!any() || static_cast<double>(loss) < loss_) keep(x, static_cast<double>(loss));
  }

  /// A mean over the end of the history. Before the first window is full, the mean of what there is.
  void recorded(const std::vector<double>& history, std::span<const T> x) {
    if (judge_ == Judge::lowest_loss || validated_) return;
    const std::size_t n = history.size();
    if (n <= window_) {
      first_sum_ += history.back();
      return keep(x, first_sum_ / static_cast<double>(n));
    }
    if (n % stride_ != 0) return;
    double sum = 0;
    for (std::size_t i = n - window_; i < n; ++i) sum += history[i];
    if (sum / static_cast<double>(window_) < loss_) keep(x, sum / static_cast<double>(window_));
  }

  void validated(std::span<const T> x, double loss) {
    if (!std::isfinite(loss) || (validated_ && !(loss < loss_))) return;
    validated_ = true;
    keep(x, loss);
  }

  void save(RunFile& run) const {
    run.best.assign(x_.begin(), x_.end());
    run.best_loss = loss_;
    run.validated = validated_;
  }
  void load(const RunFile& run) {
    x_.assign(run.best.begin(), run.best.end());
    loss_ = run.best_loss;
    validated_ = run.validated;
    first_sum_ = 0;
    if (run.history.size() <= window_)
      for (const double loss : run.history) first_sum_ += loss;
  }

 private:
  void keep(std::span<const T> x, double loss) {
    x_.assign(x.begin(), x.end());
    loss_ = loss;
  }

  Judge judge_;
  std::size_t window_, stride_;
  std::vector<T> x_;
  double loss_ = 0, first_sum_ = 0;
  bool validated_ = false;
};

/// The objective as the optimizer sees it: counted, the lowest point kept, and closed after an interrupt.
template <class T>
class WatchedObjective {
 public:
  WatchedObjective(const Objective<T>& objective, const InterruptGuard* interrupt, Best<T>& best)
      : objective_(objective), interrupt_(interrupt), best_(best) {}

  T value_and_gradient(std::span<const T> x, std::span<T> gradient) {
    if (closed()) return std::numeric_limits<T>::infinity();
    ++evaluations;
    const T loss = objective_.value_and_gradient(x, gradient);
    if (is_inside<T>(loss, gradient)) best_.evaluated(x, loss);
    return loss;
  }

  T value(std::span<const T> x) {
    if (closed()) return std::numeric_limits<T>::infinity();
    ++evaluations;
    const T loss = objective_.value(x);
    if (std::isfinite(loss)) best_.evaluated(x, loss);
    return loss;
  }

  std::size_t evaluations = 0;

 private:
  bool closed() const { return interrupt_ != nullptr && interrupt_->interrupted(); }

  const Objective<T>& objective_;
  const InterruptGuard* interrupt_;  ///< nullptr where an iteration is never cut off
  Best<T>& best_;
};

}  // namespace costate::detail
