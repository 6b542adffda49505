#pragma once

#include <costate/core/vector.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costate {

enum class StopReason {
  max_iterations,       ///< the limit was reached
  converged,            ///< the optimizer's own test was met
  stalled,              ///< no lower loss could be found
  not_finite_at_start,  ///< loss or gradient at the start is infinite or NaN
  not_finite,           ///< loss or gradient was infinite or NaN many times in a row
  halted,               ///< the callback returned true
  interrupted,          ///< Ctrl-C
};

/// What a run of `train` found. No result of a deterministic loss is worse than the start.
template <class T>
struct TrainResult {
  Vector<T> minimizer;  ///< the best parameters: of a deterministic loss, those of its lowest evaluation
  T minimum{};          ///< the loss there; of a noisy loss the mean of the ten losses that judged
  Vector<T> last;       ///< where the run stood at its end
  T last_loss{};
  T initial_loss{};
  double gradient_norm = 0;  ///< max |∂loss/∂pᵢ| at `last`
  double initial_gradient_norm = 0;
  std::size_t iterations = 0;
  std::size_t evaluations = 0;     ///< of the loss, with or without its gradient
  std::size_t skipped = 0;         ///< iterations whose new point was outside (not finite) and was taken back
  std::size_t max_iterations = 0;  ///< the limit that held
  StopReason stop_reason = StopReason::max_iterations;
  std::string message;  ///< why it stopped, in a sentence
  std::string optimizer;
  std::vector<double> history;  ///< the loss at the start and after every iteration
  double seconds = 0;
};

/// What happened, in a few words.
std::string_view message(StopReason reason);
/// What to try next; empty where the reason is no failure.
std::string_view advice(StopReason reason);

}  // namespace costate
