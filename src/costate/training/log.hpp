#pragma once

#include <costate/training/train_progress.hpp>

#include <cstddef>
#include <string>

namespace costate {

struct LogOptions {
  std::size_t every = 1;  ///< iterations from one row to the next, >= 1
};

namespace detail {
/// How a row of a log is written, and what all logs of this form begin with.
struct LogForm {
  const char* first_line;
  const char* row_begin;  ///< before the number of the iteration
  void (*append_row)(std::string& text, const TrainProgress& at);
};
}  // namespace detail

/// A callback that appends a row to a file after every `every` iterations; a kill leaves whole rows.
///
/// A new run replaces the log of an earlier one, one that is resumed drops the rows after the iteration that
/// it goes on from and appends. A file that is no such log is left alone: std::runtime_error at the start, as
/// where the file cannot be written. Where that fails later, the run ends with StopReason::not_saved.
class TrainLog {
 public:
  TrainLog(std::string path, const detail::LogForm& form, const LogOptions& options);
  bool operator()(TrainProgress& at) const;

 private:
  std::string path_;
  const detail::LogForm* form_;
  std::size_t every_;
};

/// Comma-separated: iteration, epoch, loss, gradient_norm, learning_rate, validation, seconds. What there is
/// not is an empty cell.
TrainLog log_csv(std::string path, const LogOptions& options = {});

/// One JSON object a line, with the same names. What there is not, or is not finite, is null.
TrainLog log_json_lines(std::string path, const LogOptions& options = {});

}  // namespace costate
