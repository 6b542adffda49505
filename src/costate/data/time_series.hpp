#pragma once

#include <costate/core/matrix.hpp>
#include <costate/data/table.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costate {

/// Values of named components at increasing times: what a solution is compared with.
///
///     const TimeSeries pelts = time_series(read_csv("lynx.csv"), "year", {"hare", "lynx"});
///     const auto solution = solve(problem, Tsit5{}, {.saveat = pelts.t});
///     const auto loss = squared_error(solution, pelts.values, {.missing = Missing::skip});
///
/// A value that was not observed is NaN, which a loss leaves out where it is told to.
struct TimeSeries {
  std::vector<double> t;           ///< strictly increasing
  std::vector<std::string> names;  ///< one per component
  Matrix<double> values;           ///< [components × times]

  std::size_t size() const { return t.size(); }
  std::size_t components() const { return values.rows(); }
  /// All values of one component, by its number or name; throws std::invalid_argument where it is none.
  std::vector<double> component(std::size_t j) const;
  std::vector<double> component(std::string_view name) const;
  /// 1 where a value was observed, 0 where it is missing; [components × times].
  Matrix<double> observed() const;
  std::size_t missing() const;
};

/// The series with those times and values [components × times]. Throws std::invalid_argument, naming the
/// rows, where the times are not strictly increasing and finite, or where sizes do not fit.
TimeSeries time_series(std::vector<double> t, std::vector<std::string> names, Matrix<double> values);

/// The series of those columns of a table, at the times in column `time`. Rows in which all components are
/// missing stay. Throws as above; for the names of columns that there are not, as Table does.
TimeSeries time_series(const Table& table, std::string_view time, const std::vector<std::string>& components);

/// The saved points of a solution as plain numbers, as to put them beside data in a picture or to undo a
/// scaling.
template <class Solution>
requires requires(const Solution& solution) {
  solution.t();
  solution.values();
  solution.successful();
}
TimeSeries time_series(const Solution& solution, std::vector<std::string> names) {
  const auto numbers = solution.values();
  const std::size_t times = solution.size();
  std::vector<double> t(times);
  for (std::size_t i = 0; i < times; ++i) t[i] = static_cast<double>(solution.t()[i]);
  Matrix<double> values(times == 0 ? 0 : numbers.size() / times, times);
  for (std::size_t k = 0; k < values.size(); ++k) values.data()[k] = static_cast<double>(numbers[k]);
  return time_series(std::move(t), std::move(names), std::move(values));
}

/// The part of a series at the times that lie in [first, last].
TimeSeries between(const TimeSeries& series, double first, double last);

/// A series cut in two.
struct SplitSeries {
  TimeSeries train, forecast;
};

namespace detail {
SplitSeries split_series(const TimeSeries& series, double last_trained);
}

/// What is trained on, t ≤ last_trained, and what is held back, t > last_trained.
///
///     const auto parts = split(pelts, 1915);      // parts.train and parts.forecast
///
/// Throws std::invalid_argument where one of the two would be empty.
template <class Time>
requires std::convertible_to<Time, double> SplitSeries split(const TimeSeries& series,
                                                             const Time& last_trained) {
  return detail::split_series(series, static_cast<double>(last_trained));
}

/// The series as a table, the times in a column of that name.
Table to_table(const TimeSeries& series, std::string time = "t");

}  // namespace costate
