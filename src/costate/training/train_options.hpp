#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace costate {

/// Options of `train`. An unset limit does not bind; where neither max_iterations nor epochs is set, 1,000
/// iterations hold.
struct TrainOptions {
  std::vector<double>
      lower{};  ///< bounds that hold at every evaluation, one per parameter; none if empty; ±∞ does not bind
  std::vector<double> upper{};
  std::optional<std::size_t> max_iterations{};  ///< >= 1
  std::optional<std::size_t> epochs{};          ///< passes over the batches of a loss that takes batches
  std::uint64_t seed = 0;                       ///< of what is random in a run: batches, noise
  std::string checkpoint{};                     ///< file that keeps the run; none if empty
  bool resume = false;  ///< go on from `checkpoint`; from the start where there is no such file
  bool progress =
      true;  ///< a line on stderr (iteration, loss, rate, remaining time) where that is a terminal
  bool interruptible = true;  ///< Ctrl-C ends the run after the current evaluation (with `checkpoint`:
                              ///< iteration) and returns the best so far
  /// Iterations from one writing of `checkpoint` to the next, >= 1. Unset: as often as takes 5 % of the time.
  std::optional<std::size_t> checkpoint_every{};
};

inline constexpr std::size_t default_max_iterations = 1000;

}  // namespace costate
