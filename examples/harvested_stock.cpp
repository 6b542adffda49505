// A record of your own, from the file to a forecast: logistic growth with harvest.
//
//     harvested_stock [--short] [folder for the picture]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

using namespace costate;

int main(int count, char** arguments) {
  std::string folder = "pictures";
  for (int i = 1; i < count; ++i)
    if (std::string(arguments[i]) != "--short") folder = arguments[i];
  const std::string path = COSTATE_EXAMPLES_DATA "/harvested_stock.csv";

  // [data]
  const auto record = time_series(read_csv(path), "year", {"stock"});
  const auto parts = split(record, 14);  // parts.train to year 14, parts.forecast after it
  std::printf("%zu years to train on, %zu held back, %zu missing\n", parts.train.size(),
              parts.forecast.size(), record.missing());
  // [/data]

  // [model]
  const auto harvested = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto r = exp(p[0]), K = exp(p[1]), h = exp(p[2]);  // logarithms are trained: all stay positive
    du[0] = r * u[0] * (1.0 - u[0] / K) - h;
  };
  const Vector guess{log(0.5), log(80.0), log(5.0)};
  const ODEProblem problem(harvested, {20.0}, {0.0, 20.0}, guess);
  // [/model]

  // [fit]
  const auto loss = [&](const auto& p) {
    const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = parts.train.t};
    return mean_squared_error(solve(problem.with_p(p), Tsit5{}, options), parts.train,
                              {.missing = Missing::skip});
  };
  const auto result = train(loss, guess, BFGS{.initial_step_norm = 0.01});
  std::printf("%s\n", report(result).c_str());
  // [/fit]

  // [forecast]
  const auto& p = result.minimizer;
  std::printf("r %.2f per year, K %.0f, h %.1f per year\n", exp(p[0]), exp(p[1]), exp(p[2]));
  const auto ahead =
      solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = parts.forecast.t});
  const double miss = mean_squared_error(ahead, parts.forecast, {.missing = Missing::skip});
  std::printf("off by %.1f in the fit, by %.1f in the forecast\n", std::sqrt(result.minimum),
              std::sqrt(miss));
  // [/forecast]

  // [save]
  save_parameters("stock.npy", p);
  const auto again = load_parameters("stock.npy");
  // [/save]
  const bool same = again[0] == p[0] && again[1] == p[1] && again[2] == p[2];
  std::remove("stock.npy");

  try {
    // [picture]
    plot::Figure figure{.title = "A harvested stock", .width = 700, .height = 380};
    auto& panel = figure.panel({.x_label = "year", .y_label = "thousand tons", .y_range = {.low = 0}});
    plot_solution(panel, solve(problem.with_p(p)), {"model"}, {.samples = 400});
    panel.points(parts.train.t, parts.train.component("stock"), {.label = "trained on"});
    panel.points(parts.forecast.t, parts.forecast.component("stock"), {.label = "held back"});
    panel.vertical_line(14.5, {.label = "forecast"});
    figure.save(folder + "/harvested_stock.svg");
    // [/picture]
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }
  return same && result.minimum < 5 ? 0 : 1;
}
