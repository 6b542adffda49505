#pragma once

#include <cstddef>
#include <string>

namespace costate {

/// One line on stderr that is redrawn in place, at most ten times a second: bar, iteration, epoch, loss,
/// rate, remaining time. It shows nothing where stderr is not a terminal or `enabled` is false, and erases
/// nothing that others wrote on lines of their own.
class ProgressBar {
 public:
  /// `first`: iterations that an earlier run made. `batches` of an epoch; 0 where there are none.
  ProgressBar(std::size_t total, bool enabled, std::size_t first = 0, std::size_t batches = 0);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::size_t done, double loss);

 private:
  void draw(double now);

  std::size_t total_, first_, batches_;
  bool enabled_;
  bool drawn_ = false;
  double start_ = 0, last_draw_ = 0;  // seconds of a steady clock
  std::size_t done_ = 0;
  double loss_ = 0;
};

namespace detail {
/// The text of the bar, without cursor movements.
std::string progress_line(std::size_t done, std::size_t total, double loss, double seconds,
                          std::size_t first = 0, std::size_t batches = 0);
/// Seconds of a steady clock.
double steady_seconds();
}  // namespace detail

}  // namespace costate
