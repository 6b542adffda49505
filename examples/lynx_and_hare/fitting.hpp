#pragma once

#include <costate/costate.hpp>

#include <algorithm>
#include <array>
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
  auto total = 0.0 * theta[0];
  for (std::size_t i = 2; i < theta.size(); ++i) {
    const bool is_rate = i - 2 < options.rates.size();
    const auto away = theta[i] - (is_rate ? options.rates[i - 2] : 0.0);
    total = total + (is_rate ? 0.1 : options.decay) * away * away;
  }
  return total;
}

/// mean(wᵢ rᵢ²) with r the difference of logarithms, and the penalty where there is decay.
template <class Interaction>
auto loss_on(const Record& record, const Interaction& interaction, const FitOptions& options) {
  return [=, logs = record.logs(options.years), times = years(options.years)](const auto& theta) {
    const auto solution = solution_of(interaction, theta, times);
    auto total = 0.0 * theta[0];
    for (std::size_t i = 0; i < logs.size(); ++i) {
      const auto miss = solution[i / 2][i % 2] - logs[i];
      total = total + (options.emphasis.empty() ? 1.0 : options.emphasis[i]) * miss * miss;
    }
    total = total / static_cast<double>(logs.size());
    return options.decay > 0 ? total + penalty(theta, options) : total;
  };
}

/// BFGS from `theta`. Ctrl-C ends the program, since the next of many fits would only go on.
template <class Loss>
auto minimize(const Loss& loss, const costate::Vector<double>& theta, std::size_t max_iterations) {
  auto result = costate::train(loss, theta, costate::BFGS{.initial_step_norm = 0.01},
                               {.max_iterations = max_iterations, .progress = false});
  if (result.stop_reason == costate::StopReason::interrupted) {
    std::fputs("\ninterrupted\n", stderr);
    std::exit(130);
  }
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
template <class Interaction>
Fit<Interaction> fit_growing(const Record& record, const Interaction& interaction,
                             costate::Vector<double> theta, const FitOptions& options) {
  std::vector<double> history;
  for (std::size_t n = 6;; n += 5) {
    FitOptions stage = options;
    stage.years = std::min(n, options.years);
    auto result = fit(record, interaction, theta, stage);
    history.insert(history.end(), result.history.begin(), result.history.end());
    if (n >= options.years) return {interaction, result.theta, result.loss, history};
    theta = result.theta;
  }
}

/// The natural cubic spline through the logarithms of one species: the state and its slope where no equation
/// is solved.
class Spline {
 public:
  Spline(const Record& record, std::size_t species, std::size_t n) : y_(n), second_(n) {
    for (std::size_t i = 0; i < n; ++i) y_[i] = record.log(i, species);
    std::vector<double> upper(n);
    for (std::size_t i = 1; i + 1 < n; ++i) {
      upper[i] = 1 / (4 - upper[i - 1]);
      second_[i] = (6 * (y_[i + 1] - 2 * y_[i] + y_[i - 1]) - second_[i - 1]) * upper[i];
    }
    for (std::size_t i = n - 2; i > 0; --i) second_[i] -= upper[i] * second_[i + 1];
  }
  double value(double t) const {
    const auto [i, s, r] = place(t);
    return r * y_[i] + s * y_[i + 1] + ((r * r * r - r) * second_[i] + (s * s * s - s) * second_[i + 1]) / 6;
  }
  double slope(double t) const {
    const auto [i, s, r] = place(t);
    return y_[i + 1] - y_[i] + ((1 - 3 * r * r) * second_[i] + (3 * s * s - 1) * second_[i + 1]) / 6;
  }

 private:
  struct Place {
    std::size_t i;
    double s, r;
  };
  Place place(double t) const {
    const std::size_t i = std::min(static_cast<std::size_t>(t), y_.size() - 2);
    const double s = t - static_cast<double>(i);
    return {i, s, 1 - s};
  }
  std::vector<double> y_, second_;
};

/// The mean square of u' − f(u) along splines through the record, four times a year: no equation is solved,
/// so there is no bad minimum to be out of step in.
template <class Interaction>
auto collocation_loss(const Record& record, const Interaction& interaction, const FitOptions& options) {
  struct Point {
    std::array<double, 2> u, slope;
  };
  const Spline hare(record, 0, options.years), lynx(record, 1, options.years);
  std::vector<Point> points;
  for (double t = 0; t <= static_cast<double>(options.years - 1); t += 0.25)
    points.push_back({{hare.value(t), lynx.value(t)}, {hare.slope(t), lynx.slope(t)}});
  return [=](const auto& theta) {
    const auto [u0, p] = costate::split(theta, 2, theta.size() - 2);
    const auto f = right_hand_side(interaction);
    auto total = 0.0 * theta[0];
    for (const auto& point : points) {
      costate::Vector du{0.0 * p[0], 0.0 * p[0]};
      f(du, costate::Vector{point.u[0], point.u[1]}, p, 0.0);
      total = total + costate::squared_error(du, costate::Vector{point.slope[0], point.slope[1]});
    }
    return total / static_cast<double>(points.size()) + penalty(theta, options);
  };
}

/// Rates of Lotka–Volterra by linear regression: along the splines, u₁' = a − β y and u₂' = −b + δ x are
/// straight lines.
inline costate::Vector<double> regressed_start(const Record& record, std::size_t n) {
  costate::Vector<double> theta(6);
  for (std::size_t j = 0; j < 2; ++j) {
    const Spline spline(record, j, n);
    double mean_z = 0, mean_slope = 0, zz = 0, zs = 0;
    const auto z = [&](std::size_t i) { return std::exp(record.log(i, 1 - j)); };
    for (std::size_t i = 0; i < n; ++i) {
      mean_z += z(i) / static_cast<double>(n);
      mean_slope += spline.slope(static_cast<double>(i)) / static_cast<double>(n);
    }
    for (std::size_t i = 0; i < n; ++i) {
      zz += (z(i) - mean_z) * (z(i) - mean_z);
      zs += (z(i) - mean_z) * (spline.slope(static_cast<double>(i)) - mean_slope);
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
