#pragma once

#include <costate/core/errors.hpp>
#include <costate/plot/figure.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace costate::plot {

/// What of a solution is drawn, and from how many points.
struct SolutionOptions {
  std::vector<std::size_t> components = {};  ///< empty: all
  std::size_t samples = 0;  ///< 0: the saved points; else that many evenly spaced reads of the dense output
  double width = 2;         ///< pixels
  bool dashed = false;
};

namespace detail {

/// `samples` times from t.front() to t.back(), or t itself for 0. Fails on 1 and where t is empty.
std::vector<double> sample_times(std::vector<double> t, std::size_t samples);

/// For each of `components` its numbers at `times`. Fails on a component that the state does not have.
template <class Solution>
std::vector<std::vector<double>> sample(const Solution& solution, const std::vector<double>& times,
                                        const std::vector<std::size_t>& components, std::size_t samples) {
  std::vector<std::vector<double>> series(components.size());
  const auto append = [&](const auto& state) {
    for (std::size_t k = 0; k < components.size(); ++k) {
      if (components[k] >= static_cast<std::size_t>(state.size())) {
        costate::detail::reject("plot: component", "one below " + std::to_string(state.size()),
                                std::to_string(components[k]));
      }
      series[k].push_back(static_cast<double>(state[components[k]]));
    }
  };
  if (samples == 0) {
    for (std::size_t i = 0; i < times.size(); ++i) append(solution[i]);
  } else if constexpr (requires { solution(times[0]); }) {
    for (const double time : times) append(solution(time));
  } else {
    costate::detail::reject("SolutionOptions: samples", "0 for a solution without dense output",
                            std::to_string(samples));
  }
  return series;
}

/// One label a component: `names` if there are any, else u[j]. Fails when their numbers differ.
std::vector<std::string> component_labels(const std::vector<std::string>& names,
                                          const std::vector<std::size_t>& components);

std::vector<std::size_t> all_components(std::size_t count);

struct Quantiles {
  std::vector<double> low, median, high;
};

/// Quantiles over the paths at each time, interpolated linearly between order statistics (R. J. Hyndman and
/// Y. Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), definition 7). A
/// time at which any path is not finite gives NaN.
Quantiles quantiles(const std::vector<std::vector<double>>& paths, double lower, double upper);

}  // namespace detail

/// Draws the components of a solution over time, one line each. `solution` is anything with `t()` (a range of
/// times),
/// `[i][j]` and, for `samples`, `(t)`. `names` are the legend, in the order of `components`; without names it
/// is u[j]. Times at which a failed solve is NaN are gaps. Fails with `std::invalid_argument` on a component
/// that is not there, a number of names that is not the number of components, and whatever `Panel::line` or
/// `solution(t)` refuse.
template <class Solution>
Panel& plot_solution(Panel& panel, const Solution& solution, const std::vector<std::string>& names = {},
                     const SolutionOptions& options = {}) {
  const auto times = detail::sample_times(detail::to_numbers(solution.t()), options.samples);
  const auto components =
      options.components.empty() ? detail::all_components(solution[0].size()) : options.components;
  const auto labels = detail::component_labels(names, components);
  const auto series = detail::sample(solution, times, components, options.samples);
  for (std::size_t k = 0; k < series.size(); ++k) {
    panel.line(times, series[k], {.label = labels[k], .width = options.width, .dashed = options.dashed});
  }
  return panel;
}

/// Draws component j over component i. `samples` as in `SolutionOptions`; fails as `plot_solution` does.
template <class Solution>
Panel& plot_phase(Panel& panel, const Solution& solution, std::size_t i, std::size_t j,
                  const LineOptions& options = {}, std::size_t samples = 0) {
  const auto times = detail::sample_times(detail::to_numbers(solution.t()), samples);
  const auto series = detail::sample(solution, times, {i, j}, samples);
  return panel.line(series[0], series[1], options);
}

/// Draws losses over the number of their iteration, the first being iteration 0. An infinite loss (a failed
/// solve) is a gap. Fails with `std::invalid_argument` as `Panel::line` does, so for a loss <= 0 on a
/// logarithmic axis.
template <detail::Numbers History = std::vector<double>>
Panel& plot_losses(Panel& panel, const History& losses, const LineOptions& options = {}) {
  const std::vector<double> values = detail::to_numbers(losses);
  std::vector<double> iterations(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) iterations[i] = static_cast<double>(i);
  return panel.line(iterations, values, options);
}

/// How much of an ensemble its band holds.
struct EnsembleOptions {
  std::string label = {};  ///< of the median
  std::optional<Color> color = blue;
  double lower = 0.05;
  double upper = 0.95;
};

/// Draws the median of component j over the solutions of an ensemble, in a band between two quantiles. All
/// solutions are saved at the same times, else `std::invalid_argument`; times at which one is not finite are
/// gaps.
template <class Ensemble>
Panel& plot_ensemble(Panel& panel, const Ensemble& solutions, std::size_t j,
                     const EnsembleOptions& options = {}) {
  std::vector<double> times;
  std::vector<std::vector<double>> paths;
  for (const auto& solution : solutions) {
    const auto own = detail::to_numbers(solution.t());
    if (paths.empty()) times = own;
    if (own != times) {
      costate::detail::reject("plot_ensemble: solutions", "the same saved times in all",
                              "others in number " + std::to_string(paths.size()));
    }
    paths.push_back(detail::sample(solution, times, {j}, 0)[0]);
  }
  const auto bounds = detail::quantiles(paths, options.lower, options.upper);
  panel.band(times, bounds.low, bounds.high, {.color = options.color});
  return panel.line(times, bounds.median, {.label = options.label, .color = options.color});
}

}  // namespace costate::plot
