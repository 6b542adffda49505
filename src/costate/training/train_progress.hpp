#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <tuple>

namespace costate {

/// A loss on data that the training does not see, and the iteration whose parameters gave it.
struct Validation {
  std::size_t iteration = 0;
  double loss = 0;

  auto fields() { return std::tie(iteration, loss); }
};

/// Where a run stands: what a callback may take after the parameters and the loss, as `TrainProgress&`.
///
///     train(loss, p, Adam{}, {}, [](const auto& p, double loss, TrainProgress& at) { return at.seconds > 60;
///     });
///
/// It may write the last two fields.
struct TrainProgress {
  std::size_t iteration = 0;       ///< 0 at the start
  std::size_t max_iterations = 0;  ///< at which the run ends
  std::size_t epoch = 0;           ///< of the batch that gave the loss
  std::size_t batches = 0;         ///< of an epoch; 0 where the loss takes none
  double loss = 0;
  double gradient_norm = 0;                                         ///< max |∂loss/∂pᵢ|
  double learning_rate = std::numeric_limits<double>::quiet_NaN();  ///< NaN where the optimizer names none
  double seconds = 0;                                               ///< since train was called
  std::size_t resumed_at = 0;       ///< iterations of the file that the run went on from
  bool first = true;                ///< the first call of this run, or of what is left of it after resuming
  std::span<const double> history;  ///< the loss at the start and after every iteration until here
  std::span<const Validation> validations;  ///< until here, without the one of this call
  std::optional<double>
      validation{};       ///< set by a callback: from there on it judges which parameters are best
  std::string failure{};  ///< set by a callback: why the run must end; it comes out in the result
};

}  // namespace costate
