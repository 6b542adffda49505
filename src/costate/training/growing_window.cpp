#include <costate/core/errors.hpp>
#include <costate/training/growing_window.hpp>

#include <cmath>
#include <string>

namespace costate::detail {

void check_windows(const std::vector<double>& ends, const TrainOptions& options) {
  if (ends.empty()) reject("growing_window: ends", "at least 1", "0");
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (!std::isfinite(ends[i])) reject("growing_window: ends", "finite numbers", ends[i]);
    if (i > 0 && !(ends[i] > ends[i - 1]))
      reject("growing_window: ends", "increasing ones", to_text(ends[i]) + " after " + to_text(ends[i - 1]));
  }
  if (!options.checkpoint.empty())
    reject("growing_window: checkpoint", "none: a file keeps one run, and every window is one",
           options.checkpoint);
}

bool leads_on(StopReason reason) {
  switch (reason) {
    case StopReason::max_iterations:
    case StopReason::converged:
    case StopReason::stalled:
    case StopReason::not_finite:
      return true;
    case StopReason::not_finite_at_start:
    case StopReason::halted:
    case StopReason::interrupted:
    case StopReason::not_saved:
      return false;
  }
  return false;
}

}  // namespace costate::detail
