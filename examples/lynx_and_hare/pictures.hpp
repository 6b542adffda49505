#pragma once

#include <costate/plot/figure.hpp>
#include <costate/plot/solution_plot.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "ensemble.hpp"

namespace lynx_and_hare {

/// Everything that is drawn.
struct Results {
  Fit<LotkaVolterra> classic;
  Fit<CorrectedInteraction> corrected;
  Fit<UnknownInteraction> unknown;
  std::vector<Fit<CorrectedInteraction>> members;
};

namespace plot = costate::plot;
inline constexpr plot::Color classic_color = plot::vermillion, corrected_color = plot::blue,
                             unknown_color = plot::green;

inline std::vector<double> calendar(const std::vector<double>& times) {
  std::vector<double> result;
  for (const double t : times) result.push_back(first_year + t);
  return result;
}

/// The record, the fits and the forecasts, one panel a species.
inline void draw_record(const std::string& path, const Record& record, const Results& results) {
  const auto times = costate::linspace(0.0, static_cast<double>(all_years - 1), 201);
  const auto x = calendar(times), x_record = calendar(years(all_years));
  const double forecast_from = first_year + static_cast<double>(trained_years) - 0.5;
  const std::array<const char*, 2> names{"hare", "lynx"};
  const std::array<double, 2> top{110, 85};

  plot::Figure figure{.title = "Lynx and hare: trained on 1900–1915, forecast to 1920",
                      .width = 1000,
                      .height = 640,
                      .columns = 1};
  for (std::size_t j = 0; j < 2; ++j) {
    std::vector<std::vector<double>> paths;
    for (const auto& member : results.members) paths.push_back(pelts_of(member.at(times), j));
    const Band band = band_of(paths);
    const auto& pelts = record.pelts[j];
    const auto split_at = static_cast<std::ptrdiff_t>(trained_years);

    auto& panel = figure.panel({.y_label = std::string(names[j]) + ", thousands of pelts",
                                .x_range = {first_year - 0.3, first_year + 20.3},
                                .y_range = {0, top[j]},
                                .legend = j == 0 ? plot::Legend::above : plot::Legend::none});
    panel.band({forecast_from, first_year + 20.3}, {0.0, 0.0}, {top[j], top[j]},
               {.label = "forecast: no fit saw these years", .color = plot::gray, .opacity = 0.12});
    panel.band(x, band.low, band.high,
               {.label = "universal, 90 % of refits", .color = corrected_color, .opacity = 0.18});
    panel.line(x, pelts_of(results.classic.at(times), j),
               {.label = "Lotka–Volterra", .color = classic_color, .dashed = true});
    panel.line(x, pelts_of(results.corrected.at(times), j),
               {.label = "universal equation", .color = corrected_color, .width = 2.5});
    panel.points(std::vector<double>(x_record.begin(), x_record.begin() + split_at),
                 std::vector<double>(pelts.begin(), pelts.begin() + split_at),
                 {.label = "record", .color = plot::black});
    panel.points(std::vector<double>(x_record.begin() + split_at, x_record.end()),
                 std::vector<double>(pelts.begin() + split_at, pelts.end()),
                 {.label = "record, held back", .color = plot::black, .marker = plot::Marker::open_circle});
    panel.vertical_line(forecast_from);
  }
  figure.save(path);
}

/// −N₁ and N₂ of an equation along the states given, thousands of pelts a year.
template <class Interaction>
std::array<std::vector<double>, 2> interaction_along(const Fit<Interaction>& fit,
                                                     const costate::Solution<double, 2>& states) {
  const auto [head, rest] = costate::split(fit.theta, 4, fit.theta.size() - 4);
  std::array<std::vector<double>, 2> result;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto n = fit.interaction.per_head(states[i], rest);
    result[0].push_back(-n[0] * unit[0] * std::exp(states[i][0]));
    result[1].push_back(n[1] * unit[1] * std::exp(states[i][1]));
  }
  return result;
}

/// What was learned of the interaction, beside β x y and δ x y at the same states: those of the fitted path
/// through the record.
inline void draw_interaction(const std::string& path, const Results& results) {
  const auto times = costate::linspace(0.0, static_cast<double>(trained_years - 1), 151);
  const auto x = calendar(times);
  const auto states = results.corrected.at(times);
  const auto classic = interaction_along(results.classic, states),
             corrected = interaction_along(results.corrected, states);
  std::vector<std::array<std::vector<double>, 2>> members;
  for (const auto& member : results.members) members.push_back(interaction_along(member, states));

  plot::Figure figure{.title = "The interaction along the fitted path", .width = 1000, .height = 400};
  const std::array<const char*, 2> titles{"hares lost to lynxes, −N₁", "lynxes gained from hares, N₂"};
  const std::array<const char*, 2> terms{"β x y of Lotka–Volterra", "δ x y of Lotka–Volterra"};
  for (std::size_t j = 0; j < 2; ++j) {
    std::vector<std::vector<double>> paths;
    for (const auto& member : members) paths.push_back(member[j]);
    const Band band = band_of(paths);
    auto& panel = figure.panel({.title = titles[j],
                                .x_label = "year",
                                .y_label = "thousands of pelts a year",
                                .x_range = {first_year, first_year + 15}});
    panel.band(x, band.low, band.high,
               {.label = "90 % of refits", .color = corrected_color, .opacity = 0.18});
    panel.line(x, classic[j], {.label = terms[j], .color = classic_color, .dashed = true});
    panel.line(x, corrected[j], {.label = "learned", .color = corrected_color, .width = 2.5});
  }
  figure.save(path);
}

/// How the losses fell, and the three paths in the phase plane.
inline void draw_training(const std::string& path, const Record& record, const Results& results) {
  const auto times = costate::linspace(0.0, static_cast<double>(all_years - 1), 401);
  plot::Figure figure{.title = "Training, and the fits in the phase plane", .width = 1000, .height = 430};
  auto& loss =
      figure.panel({.title = "BFGS on 1900–1915", .x_label = "iteration", .y_label = "loss", .log_y = true});
  loss.horizontal_line(results.classic.loss, {.label = "Lotka–Volterra's minimum", .color = classic_color});
  plot_losses(loss, results.corrected.history, {.label = "universal, corrected", .color = corrected_color});
  plot_losses(loss, results.unknown.history, {.label = "universal, unknown", .color = unknown_color});

  auto& phase = figure.panel({.title = "1900 to 1920", .x_label = "hare", .y_label = "lynx"});
  const auto path_of = [&](const auto& fit, const char* label, plot::Color color) {
    const auto solution = fit.at(times);
    phase.line(pelts_of(solution, 0), pelts_of(solution, 1), {.label = label, .color = color});
  };
  path_of(results.classic, "Lotka–Volterra", classic_color);
  path_of(results.corrected, "universal, corrected", corrected_color);
  path_of(results.unknown, "universal, unknown", unknown_color);
  phase.points(record.pelts[0], record.pelts[1], {.label = "record", .color = plot::black});
  figure.save(path);
}

}  // namespace lynx_and_hare
