#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// Error against time and against right-hand sides, for every method of a table of entries on one problem.
namespace work_precision {

/// An entry at one tolerance. `call` does the work; `result` does it once more and returns what it found;
/// `rhs_evaluations` are those of the last run.
struct Run {
  std::function<void()> call;
  std::function<std::vector<double>()> result;
  std::function<std::size_t()> rhs_evaluations;
};

/// One curve. `at` sets everything up, so that only the solve is timed.
struct Entry {
  std::string library;
  std::string method;
  std::function<Run(double tolerance)> at;
};

enum class Quantity {
  solve,    ///< error: max |difference| over the saved values
  gradient  ///< error: max |difference| / max |entry| of the gradient
};

struct Study {
  std::string problem;  ///< as a heading; the files are named after it
  Quantity quantity = Quantity::solve;
  std::vector<double> reference;
  std::vector<Entry> entries{};
};

/// Runs every entry over a ladder of tolerances and at the loosest tolerances that reach errors of 1e-3,
/// 1e-6, 1e-9 and 1e-12; times all of them in turns on one core; prints a Markdown table of the latter;
/// writes work_precision_<problem>_<quantity>.csv and .svg to the folder `results`.
///
/// A tolerance counts as reaching an error when it does and all tighter ones of the ladder do, so that no
/// entry lives on a lucky hit; between the ladder's it is found by bisection.
void run(const Study& study, const std::string& folder);

/// Writes the reference as reference_<problem>.csv, for peers that are not C++: the times, the saved values
/// and the gradient, a line each.
void write_reference(const Study& study, const std::vector<double>& times, const std::vector<double>& saved,
                     const std::vector<double>& gradient, const std::string& folder);

/// The folder for results: the program's first argument, or `results`. Pins the process to one core.
std::string start(int argc, char** argv);

}  // namespace work_precision
