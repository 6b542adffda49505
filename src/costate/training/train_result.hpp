#pragma once

#include <costate/core/vector.hpp>
#include <costate/training/train_progress.hpp>

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
  not_saved,            ///< a file of the run could not be written
};

/// What a run of `train` found. No result of a deterministic loss is worse than the start.
template <class T>
struct TrainResult {
  /// The best parameters. Of a deterministic loss those of its lowest evaluation; of a loss on batches those
  /// at the end of the epoch with the lowest mean; of one that takes a TrainStep those at the end of the ten
  /// iterations with the lowest mean; where a callback validates, those of the lowest validation loss.
  Vector<T> minimizer;
  T minimum{};     ///< what judged them: the loss, the mean or the validation loss
  Vector<T> last;  ///< where the run stood at its end
  T last_loss{};
  T initial_loss{};
  double gradient_norm = 0;  ///< max |∂loss/∂pᵢ| at `last`; with bounds max |pᵢ − P(pᵢ − ∂loss/∂pᵢ)|
  double initial_gradient_norm = 0;
  std::size_t iterations = 0;
  std::size_t evaluations = 0;     ///< of the loss, with or without its gradient
  std::size_t skipped = 0;         ///< iterations whose new point was outside (not finite) and was taken back
  std::size_t max_iterations = 0;  ///< the limit that held
  StopReason stop_reason = StopReason::max_iterations;
  std::string message;  ///< why it stopped, in a sentence
  std::string optimizer;
  std::vector<double> history;  ///< the loss at the start and after every iteration
  double seconds = 0;           ///< with those of the runs that it went on from
  std::size_t epochs = 0;       ///< whole passes over the batches
  std::size_t resumed_at = 0;   ///< iterations of the file that it went on from; 0 where it began anew
  std::vector<Validation> validations;
};

/// What happened, in a few words.
std::string_view message(StopReason reason);
/// What to try next; empty where the reason is no failure.
std::string_view advice(StopReason reason);

}  // namespace costate
