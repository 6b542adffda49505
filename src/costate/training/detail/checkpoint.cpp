#include <costate/core/errors.hpp>
#include <costate/data/file.hpp>
#include <costate/training/detail/checkpoint.hpp>
#include <costate/training/progress_bar.hpp>

#include <filesystem>
#include <stdexcept>

namespace costate::detail {
namespace {

constexpr double share_of_time = 0.05;

}  // namespace

Checkpoint::Checkpoint(const TrainOptions& options)
    : path_(options.checkpoint), resume_(options.resume), every_(options.checkpoint_every) {
  if (!enabled()) {
    if (resume_) reject("TrainOptions.checkpoint", "the file to resume from", "none");
    if (every_) reject("TrainOptions.checkpoint", "a file where checkpoint_every is set", "none");
    return;
  }
  if (every_ == std::size_t{0}) reject("TrainOptions.checkpoint_every", "a number >= 1", 0.0);
  std::error_code error;
  if (resume_ || !std::filesystem::is_regular_file(path_, error)) return;
  const std::string old = read_file(path_);
  if (!old.empty() && !is_run(old)) refuse("it is not a run of costate, so it is not replaced by one");
}

std::optional<RunFile> Checkpoint::load() const {
  std::error_code error;
  if (!enabled() || !resume_ || !std::filesystem::exists(path_, error)) return std::nullopt;
  if (!std::filesystem::is_regular_file(path_, error)) refuse("it is not a file");
  const std::string bytes = read_file(path_);
  try {
    return decode(bytes);
  } catch (const std::runtime_error& e) {
    refuse(e.what());
  }
}

bool Checkpoint::due(std::size_t iteration) const {
  if (!enabled() || holds(iteration)) return false;
  if (every_) return iteration % *every_ == 0;
  return steady_seconds() - last_end_ >= last_duration_ * (1 / share_of_time - 1);
}

void Checkpoint::write(RunFile& run, double begin) {
  write_file(path_, encode(run));
  written_ = run.iterations;
  last_end_ = steady_seconds();
  last_duration_ = last_end_ - begin;
}

void Checkpoint::refuse(const std::string& reason) const {
  throw std::runtime_error("costate: cannot use '" + path_ + "' as the file of this run: " + reason);
}

}  // namespace costate::detail
