#include <costate/core/errors.hpp>
#include <costate/training/callbacks.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace costate {
namespace detail {

void check_period(const char* callback, std::size_t iterations) {
  if (iterations == 0) reject(std::string(callback) + ": iterations", "a number >= 1", 0.0);
}

}  // namespace detail

PrintEvery::PrintEvery(std::size_t iterations) : iterations_(iterations) {
  detail::check_period("print_every", iterations);
}

bool PrintEvery::operator()(TrainProgress& at) const {
  if (at.iteration % iterations_ != 0) return false;
  std::printf("iteration %zu", at.iteration);
  if (at.batches > 0) std::printf("  epoch %zu", at.epoch);
  std::printf("  loss %.6g  gradient %.3g", at.loss, at.gradient_norm);
  if (at.validation) std::printf("  validation %.6g", *at.validation);
  std::printf("\n");
  return false;
}

StopOnPlateau::StopOnPlateau(const PlateauOptions& options) : options_(options) {
  detail::check_period("stop_on_plateau", options.window);
  if (!(options.min_decrease >= 0) || !std::isfinite(options.min_decrease))
    detail::reject("stop_on_plateau: min_decrease", "a finite number >= 0", options.min_decrease);
}

bool StopOnPlateau::operator()(TrainProgress& at) const {
  const std::size_t w = options_.window, n = at.history.size();
  if (n < 2 * w) return false;
  double before = 0, last = 0;
  for (std::size_t i = 0; i < w; ++i) {
    before += at.history[n - 2 * w + i];
    last += at.history[n - w + i];
  }
  return last > before - options_.min_decrease * std::fabs(before);
}

TimeLimit::TimeLimit(double seconds) : seconds_(seconds) {
  if (!(seconds > 0)) detail::reject("time_limit: seconds", "a number > 0", seconds);
}

}  // namespace costate
