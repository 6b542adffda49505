#pragma once

#include <cstddef>
#include <cstdint>

namespace costate {

/// What a loss may take as its last argument, to know when it is evaluated and to draw noise:
///
///     const auto loss = [&](const auto& p, const TrainStep& step) {
///       return squared_error(solve(problem.with_p(p).with_seed(step.key), SOSRI{}, options), data);
///     };
///
/// All evaluations of one iteration get the same. The key is a function of TrainOptions.seed and the
/// iteration alone, so that a run that is resumed draws what it would have drawn.
struct TrainStep {
  std::size_t iteration = 0;  ///< 0 at the start
  std::size_t epoch = 0;      ///< passes over the batches that are done
  std::size_t batch = 0;      ///< which batch of the epoch
  std::uint64_t key = 0;      ///< random bits, other ones for each iteration
};

namespace detail {
/// Step `iteration` of a run over `batches` batches, 0 where there are none.
TrainStep train_step(std::uint64_t seed, std::size_t iteration, std::size_t batches);
}  // namespace detail

}  // namespace costate
