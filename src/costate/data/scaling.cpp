#include <costate/core/errors.hpp>
#include <costate/data/scaling.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace costate {
namespace {

void check(const Scaling& scaling, const TimeSeries& series) {
  if (scaling.shift.size() != scaling.scale.size())
    detail::reject_size("Scaling: scale", scaling.shift.size(), scaling.scale.size());
  if (series.components() != scaling.shift.size())
    detail::reject("Scaling: series", std::to_string(scaling.shift.size()) + " components",
                   std::to_string(series.components()));
  for (const double scale : scaling.scale)
    if (scale == 0 || !std::isfinite(scale)) detail::reject("Scaling: scale", "numbers other than 0", scale);
}

template <class Map>
TimeSeries mapped(TimeSeries series, Map&& map) {
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t j = 0; j < series.components(); ++j) series.values(j, i) = map(series.values(j, i), j);
  return series;
}

std::vector<double> observed_of(const TimeSeries& series, std::size_t j) {
  auto values = series.component(j);
  std::erase_if(values, [](double x) { return std::isnan(x); });
  const bool constant = values.empty() || std::all_of(values.begin(), values.end(),
                                                      [&](double x) { return x == values.front(); });
  if (constant)
    detail::reject("Scaling: component '" + series.names[j] + "'", "two different values",
                   values.empty() ? "none observed" : "only " + detail::to_text(values.front()));
  return values;
}

}  // namespace

double Scaling::apply(double value, std::size_t j) const {
  return ((logarithm ? std::log(value) : value) - shift[j]) / scale[j];
}

double Scaling::undo(double value, std::size_t j) const {
  const double x = shift[j] + scale[j] * value;
  return logarithm ? std::exp(x) : x;
}

std::vector<double> Scaling::undo(std::span<const double> values, std::size_t j) const {
  std::vector<double> result;
  for (const double value : values) result.push_back(undo(value, j));
  return result;
}

TimeSeries Scaling::apply(const TimeSeries& series) const {
  check(*this, series);
  for (std::size_t i = 0; i < series.size() && logarithm; ++i)
    for (std::size_t j = 0; j < series.components(); ++j)
      if (series.values(j, i) <= 0)
        detail::reject("Scaling: component '" + series.names[j] + "' at t = " + detail::to_text(series.t[i]),
                       "a positive value, to take its logarithm", series.values(j, i));
  return mapped(series, [this](double value, std::size_t j) { return apply(value, j); });
}

TimeSeries Scaling::undo(const TimeSeries& series) const {
  check(*this, series);
  return mapped(series, [this](double value, std::size_t j) { return undo(value, j); });
}

Scaling standardize(const TimeSeries& series) {
  Scaling scaling;
  for (std::size_t j = 0; j < series.components(); ++j) {
    const auto values = observed_of(series, j);
    const auto count = static_cast<double>(values.size());
    double mean = 0, variance = 0;
    for (const double x : values) mean += x / count;
    for (const double x : values) variance += (x - mean) * (x - mean) / count;
    scaling.shift.push_back(mean);
    scaling.scale.push_back(std::sqrt(variance));
  }
  return scaling;
}

Scaling to_unit(const TimeSeries& series) {
  Scaling scaling;
  for (std::size_t j = 0; j < series.components(); ++j) {
    const auto values = observed_of(series, j);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    scaling.shift.push_back(*low);
    scaling.scale.push_back(*high - *low);
  }
  return scaling;
}

Scaling logarithms(const std::vector<double>& units) {
  Scaling scaling{{}, {}, true};
  for (const double unit : units) {
    if (!(unit > 0)) detail::reject("logarithms: units", "positive numbers", unit);
    scaling.shift.push_back(std::log(unit));
    scaling.scale.push_back(1);
  }
  return scaling;
}

}  // namespace costate
