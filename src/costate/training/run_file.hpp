#pragma once

#include <costate/training/train_progress.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace costate::detail {

/// All that a run is after an iteration. Numbers of float runs are kept as double, which is exact.
struct RunFile {
  std::string optimizer;
  std::uint64_t parameters = 0, scalar_bytes = 0;
  std::uint64_t seed = 0, batches = 0;
  std::uint64_t judge = 0;
  std::uint64_t iterations = 0, evaluated_at = 0, evaluations = 0, skipped = 0;
  double initial_loss = 0, initial_gradient_norm = 0, seconds = 0;
  std::vector<double> x, gradient;
  double loss = 0;
  bool last_evaluated = true;
  std::vector<double> best{};
  double best_loss = 0;
  bool validated = false;  ///< the best was judged by a validation loss
  std::vector<double> history;
  std::vector<Validation> validations;
  std::string state{};  ///< the optimizer's own fields

  auto fields() {
    return std::tie(optimizer, parameters, scalar_bytes, seed, batches, judge, iterations, evaluated_at,
                    evaluations, skipped, initial_loss, initial_gradient_norm, seconds, x, gradient, loss,
                    last_evaluated, best, best_loss, validated, history, validations, state);
  }
};

/// The bytes of a run: mark, version, size, fields, hash.
///
///     bytes 0–7 "\x89" "CSTRUN\n", 8–11 version, 12–19 size n of the fields, 20 … 20 + n the fields, then 8
///     bytes hash of all before; everything little-endian
std::string encode(RunFile& run);

/// A pure function of the bytes. Throws std::runtime_error with the reason (not the file, which it does not
/// know) where they are not a whole run: foreign, truncated, changed, of a newer version, or with fields that
/// contradict each other.
RunFile decode(std::string_view bytes);

/// Whether bytes begin as a run does.
bool is_run(std::string_view bytes);

}  // namespace costate::detail
