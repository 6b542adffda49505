#pragma once

#include <costate/training/train_progress.hpp>

#include <cstddef>
#include <string>

namespace costate::plot {

/// A callback of `train` that draws the losses so far, and the validations, into a file (.svg or .png) at the
/// start and after every `iterations` iterations; made by `plot_every`. A picture that cannot be drawn says
/// so once on stderr: a run does not end for it.
class PlotEvery {
 public:
  PlotEvery(std::size_t iterations, std::string path);
  bool operator()(TrainProgress& at);

 private:
  std::size_t iterations_;
  std::string path_;
  bool failed_ = false;
};

///     train(loss, p, Adam{}, {}, callbacks(plot::plot_every(100, "losses.svg"), print_every(100)));
///
/// For pictures of another kind see `call_every`.
inline PlotEvery plot_every(std::size_t iterations, std::string path) {
  return {iterations, static_cast<std::string&&>(path)};
}

}  // namespace costate::plot
