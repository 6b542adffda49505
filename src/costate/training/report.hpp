#pragma once

#include <costate/training/train_result.hpp>

#include <string>

namespace costate {

/// A short table of a run: the loss at the start and at its best, counts, seconds, why it stopped and what to
/// try where that is a failure.
template <class T>
std::string report(const TrainResult<T>& result);

extern template std::string report(const TrainResult<float>&);
extern template std::string report(const TrainResult<double>&);

}  // namespace costate
