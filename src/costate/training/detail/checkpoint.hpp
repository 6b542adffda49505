#pragma once

#include <costate/training/run_file.hpp>
#include <costate/training/train_options.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace costate::detail {

/// The file that keeps a run, and when it is written: after every `checkpoint_every` iterations, or, where
/// that is unset, as often as takes a twentieth of the time at most.
class Checkpoint {
 public:
  /// Throws std::runtime_error where a file of that name is there and is no run, so that nothing is lost by a
  /// wrong name.
  explicit Checkpoint(const TrainOptions& options);

  bool enabled() const { return !path_.empty(); }
  /// The run to go on from; none where resuming was not asked for or there is no file. Throws
  /// std::runtime_error, naming the file, where it is no whole run.
  std::optional<RunFile> load() const;
  bool due(std::size_t iteration) const;
  bool holds(std::size_t iteration) const { return written_ == iteration; }
  void mark_loaded(std::size_t iteration) { written_ = iteration; }
  /// `begin`: when the run was begun to be gathered, by steady_seconds(). Throws std::runtime_error where the
  /// file cannot be written; the one before is still there.
  void write(RunFile& run, double begin);
  /// Throws std::runtime_error: <path>: <reason>
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  std::string path_;
  bool resume_;
  std::optional<std::size_t> every_, written_;
  double last_end_ = 0, last_duration_ = 0;  // seconds of a steady clock
};

}  // namespace costate::detail
