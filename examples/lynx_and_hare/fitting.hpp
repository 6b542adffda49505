#pragma once

#include <costate/costate.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "equations.hpp"
#include "record.hpp"

namespace lynx_and_hare {

/// A fitted equation: its interaction, its numbers and how the loss fell.
template <class Interaction>
struct Fit {
  Interaction interaction;
  costate::Vector<double> theta;
  double loss = 0;
  std::vector<double> history;

  auto at(const std::vector<double>& times) const { return solution_of(interaction, theta, times); }
};

inline std::vector<double> years(std::size_t n) {
  return costate::linspace(0.0, static_cast<double>(n - 1), n);
}

/// What a fit is asked for besides the record.
struct FitOptions {
  std::size_t years = trained_years;  ///< how many years of the record it sees
  double decay = 0;                   ///< weight of the sum of squares of the network's weights
  costate::Vector<double> rates =
      {};  ///< logarithms that the rates, which follow the state in theta, are held near
  std::vector<double> emphasis = {};  ///< weight of each number of the record; empty: all 1
  std::size_t max_iterations = 400;
};

/// decay Σ weight² + 0.1 |ln rates − options.rates|². Without the second term a x and N₁ could trade what is
/// common to both, and neither would mean anything.
template <class Theta>
auto penalty(const Theta& theta, const FitOptions& options) {
  const std::size_t held = options.rates.size();
  const auto [state, rates, weights] = costate::split(theta, 2, held, theta.size() - 2 - held);
  return options.decay * costate::l2_penalty(weights) + 0.1 * costate::squared_error(rates, options.rates);
}

/// mean(wᵢ rᵢ²) with r the difference of logarithms, and the penalty where there is decay.
template <class Interaction>
auto loss_on(const Record& record, const Interaction& interaction, const FitOptions& options) {
  costate::LossOptions weighted;
  if (!options.emphasis.empty())
    weighted.weights =
        std::vector<double>(options.emphasis.begin(), options.emphasis.begin() + 2 * options.years);
  return [=, logs = record.logs(options.years), times = years(options.years)](const auto& theta) {
    const auto loss = costate::mean_squared_error(solution_of(interaction, theta, times), logs, weighted);
    return options.decay > 0 ? loss + penalty(theta, options) : loss;
  };
}

/// Ctrl-C ends the program, since the next of many fits would only go on.
inline void end_where_interrupted(const costate::TrainResult<double>& result) {
  if (result.stop_reason != costate::StopReason::interrupted) return;
  std::fputs("\ninterrupted\n", stderr);
  std::exit(130);
}

inline constexpr costate::BFGS optimizer{.initial_step_norm = 0.01};

/// BFGS from `theta`.
template <class Loss>
auto minimize(const Loss& loss, const costate::Vector<double>& theta, std::size_t max_iterations) {
  auto result = costate::train(loss, theta, optimizer, {.max_iterations = max_iterations, .progress = false});
  end_where_interrupted(result);
  return result;
}

template <class Interaction>
Fit<Interaction> fit(const Record& record, const Interaction& interaction,
                     const costate::Vector<double>& theta, const FitOptions& options) {
  const auto result = minimize(loss_on(record, interaction, options), theta, options.max_iterations);
  return {interaction, result.minimizer, result.minimum, result.history};
}

/// Fits the first 6 years, from there the first 11, from there all: from poor rates, a fit of the whole span
/// at once ends in a minimum that is out of step with the record.
// [growing_window]
template <class Interaction>
Fit<Interaction> fit_growing(const Record& record, const Interaction& interaction,
                             const costate::Vector<double>& theta, const FitOptions& options) {
  const auto loss_of_first = [&](double count) {
    FitOptions part = options;
    part.years = static_cast<std::size_t>(count);
    return loss_on(record, interaction, part);
  };
  std::vector<double> counts;
  for (std::size_t n = 6; n < options.years; n += 5) counts.push_back(static_cast<double>(n));
  counts.push_back(static_cast<double>(options.years));
  const auto result = costate::growing_window(loss_of_first, counts, theta, optimizer,
                                              {.max_iterations = options.max_iterations, .progress = false});
  end_where_interrupted(result);
  return {interaction, result.minimizer, result.minimum, result.history};
}
// [/growing_window]

/// States and slopes on natural cubic splines through the logarithms of the first n years.
inline costate::Collocation splines(const Record& record, std::size_t n, const std::vector<double>& at) {
  const auto logs = record.logs(n);
  const costate::MatrixView<const double> table(logs.data(), 2, n);
  return costate::collocate(years(n), costate::Matrix<double>(table), costate::CubicSpline{}, {.at = at});
}

/// The mean square of u' − f(u) along those splines, four times a year: no equation is solved, so there is no
/// bad minimum to be out of step in.
// [collocation]
template <class Interaction>
auto slope_loss(const Record& record, const Interaction& interaction, const FitOptions& options) {
  const double last = static_cast<double>(options.years - 1);
  const costate::ODEProblem problem(right_hand_side(interaction), {0.0, 0.0}, {0.0, last});
  const auto along = splines(record, options.years, costate::linspace(0.0, last, 4 * options.years - 3));
  return [loss = costate::collocation_loss(problem, along), options](const auto& theta) {
    const auto [u0, p] = costate::split(theta, 2, theta.size() - 2);
    return 2.0 * loss(p) + penalty(theta, options);
  };
}
// [/collocation]

/// Rates of Lotka–Volterra by linear regression: along the splines, u₁' = a − β y and u₂' = −b + δ x are
/// straight lines.
inline costate::Vector<double> regressed_start(const Record& record, std::size_t n) {
  costate::Vector<double> theta(6);
  const auto spline = splines(record, n, years(n));
  for (std::size_t j = 0; j < 2; ++j) {
    double mean_z = 0, mean_slope = 0, zz = 0, zs = 0;
    const auto z = [&](std::size_t i) { return std::exp(record.log(i, 1 - j)); };
    for (std::size_t i = 0; i < n; ++i) {
      mean_z += z(i) / static_cast<double>(n);
      mean_slope += spline.du[i][j] / static_cast<double>(n);
    }
    for (std::size_t i = 0; i < n; ++i) {
      zz += (z(i) - mean_z) * (z(i) - mean_z);
      zs += (z(i) - mean_z) * (spline.du[i][j] - mean_slope);
    }
    const double sign = j == 0 ? 1 : -1, slope = zs / zz;
    // a rate is positive; where so few years say otherwise, start from 0.1
    theta[j] = record.log(0, j);
    theta[2 + j] = std::log(std::max(0.1, sign * (mean_slope - slope * mean_z)));
    theta[4 + j] = std::log(std::max(0.1, -sign * slope));
  }
  return theta;
}

}  // namespace lynx_and_hare
