#include <costate/core/errors.hpp>
#include <costate/plot/detail/gnuplot.hpp>
#include <costate/plot/solution_plot.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace costate::plot::detail {

using costate::detail::reject;
using costate::detail::reject_size;

std::vector<double> sample_times(std::vector<double> t, std::size_t samples) {
  if (t.empty()) reject("Solution: t", "at least one saved time", "none");
  if (samples == 0) return t;
  if (samples == 1) reject("SolutionOptions: samples", "0 or at least 2", "1");
  const double first = t.front();
  const double last = t.back();
  t.resize(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(samples - 1);
    t[i] = first + part * (last - first);
  }
  // Rounding must not ask for a time past the end.
  t.back() = last;
  return t;
}

std::vector<std::string> component_labels(const std::vector<std::string>& names,
                                          const std::vector<std::size_t>& components) {
  if (!names.empty()) {
    if (names.size() == components.size()) return names;
    reject_size("plot_solution: names", components.size(), names.size());
  }
  std::vector<std::string> labels;
  for (const std::size_t j : components) labels.push_back("u[" + std::to_string(j) + "]");
  return labels;
}

std::vector<std::size_t> all_components(std::size_t count) {
  std::vector<std::size_t> components(count);
  for (std::size_t j = 0; j < count; ++j) components[j] = j;
  return components;
}

Quantiles quantiles(const std::vector<std::vector<double>>& paths, double lower, double upper) {
  if (paths.empty()) reject("plot_ensemble: solutions", "at least one", "none");
  if (!(lower >= 0 && lower < upper && upper <= 1)) {
    reject("EnsembleOptions: lower, upper", "0 <= lower < upper <= 1",
           number(lower) + " and " + number(upper));
  }
  const auto quantile = [](const std::vector<double>& sorted, double level) {
    const double place = level * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
  };
  Quantiles result;
  std::vector<double> values(paths.size());
  for (std::size_t i = 0; i < paths[0].size(); ++i) {
    for (std::size_t k = 0; k < paths.size(); ++k) values[k] = paths[k][i];
    const bool finite =
        std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    if (finite) std::sort(values.begin(), values.end());
    constexpr double gap = std::numeric_limits<double>::quiet_NaN();
    result.low.push_back(finite ? quantile(values, lower) : gap);
    result.median.push_back(finite ? quantile(values, 0.5) : gap);
    result.high.push_back(finite ? quantile(values, upper) : gap);
  }
  return result;
}

}  // namespace costate::plot::detail
