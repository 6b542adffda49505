#include <costate/core/errors.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/time_series.hpp>

#include <algorithm>
#include <cmath>

namespace costate {
namespace {

void check_times(const std::vector<double>& t, const std::string& field) {
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (!std::isfinite(t[i]))
      detail::reject(field, "finite times", detail::to_text(t[i]) + " in row " + std::to_string(i));
    if (i > 0 && !(t[i - 1] < t[i]))
      detail::reject(field, "strictly increasing times",
                     detail::to_text(t[i - 1]) + " in row " + std::to_string(i - 1) + " and " +
                         detail::to_text(t[i]) + " in row " + std::to_string(i));
  }
}

TimeSeries at_times(const TimeSeries& series, std::size_t first, std::size_t last) {
  TimeSeries part{{series.t.begin() + static_cast<std::ptrdiff_t>(first),
                   series.t.begin() + static_cast<std::ptrdiff_t>(last)},
                  series.names,
                  Matrix<double>(series.components(), last - first)};
  std::copy_n(series.values.data() + first * series.components(), part.values.size(), part.values.data());
  return part;
}

}  // namespace

std::vector<double> TimeSeries::component(std::size_t j) const {
  if (j >= components())
    detail::reject("TimeSeries: component", "less than " + std::to_string(components()), std::to_string(j));
  std::vector<double> result(size());
  for (std::size_t i = 0; i < size(); ++i) result[i] = values(j, i);
  return result;
}

std::vector<double> TimeSeries::component(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    detail::reject("TimeSeries: component", "one of " + detail::quoted_list(names),
                   "'" + std::string(name) + "'");
  return component(static_cast<std::size_t>(found - names.begin()));
}

Matrix<double> TimeSeries::observed() const {
  Matrix<double> mask(values.rows(), values.cols());
  for (std::size_t k = 0; k < values.size(); ++k) mask.data()[k] = std::isnan(values.data()[k]) ? 0 : 1;
  return mask;
}

std::size_t TimeSeries::missing() const {
  return static_cast<std::size_t>(
      std::count_if(values.data(), values.data() + values.size(), [](double x) { return std::isnan(x); }));
}

TimeSeries time_series(std::vector<double> t, std::vector<std::string> names, Matrix<double> values) {
  check_times(t, "TimeSeries: t");
  if (names.size() != values.rows() || t.size() != values.cols())
    detail::reject_shape("TimeSeries: values", names.size(), t.size(), values.rows(), values.cols());
  return {std::move(t), std::move(names), std::move(values)};
}

TimeSeries time_series(const Table& table, std::string_view time,
                       const std::vector<std::string>& components) {
  const auto& t = table[time];
  check_times(t, "TimeSeries: column '" + std::string(time) + "'");
  Matrix<double> values(components.size(), t.size());
  for (std::size_t j = 0; j < components.size(); ++j) {
    const auto& column = table[components[j]];
    for (std::size_t i = 0; i < t.size(); ++i) values(j, i) = column[i];
  }
  return {t, components, std::move(values)};
}

TimeSeries between(const TimeSeries& series, double first, double last) {
  const auto begin = std::lower_bound(series.t.begin(), series.t.end(), first);
  const auto end = std::upper_bound(begin, series.t.end(), last);
  return at_times(series, static_cast<std::size_t>(begin - series.t.begin()),
                  static_cast<std::size_t>(end - series.t.begin()));
}

SplitSeries detail::split_series(const TimeSeries& series, double last_trained) {
  const auto place = std::upper_bound(series.t.begin(), series.t.end(), last_trained);
  if (place == series.t.begin() || place == series.t.end())
    reject("split: last time to train on",
           series.size() < 2
               ? "a series of at least two times"
               : "at least " + to_text(series.t.front()) + " and less than " + to_text(series.t.back()),
           last_trained);
  const auto count = static_cast<std::size_t>(place - series.t.begin());
  return {at_times(series, 0, count), at_times(series, count, series.size())};
}

Table to_table(const TimeSeries& series, std::string time) {
  std::vector<std::string> names{std::move(time)};
  std::vector<std::vector<double>> columns{series.t};
  for (std::size_t j = 0; j < series.components(); ++j) {
    names.push_back(series.names[j]);
    columns.push_back(series.component(j));
  }
  return {std::move(names), std::move(columns)};
}

}  // namespace costate
