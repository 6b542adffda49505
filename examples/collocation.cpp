// A noisy spiral: slopes estimated by a kernel along the data, a network fitted to the slopes without solving
// anything, then to the solution.
//
//     collocation [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

int run(bool is_short, const std::string& folder) {
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const auto x3 = u[0] * u[0] * u[0], y3 = u[1] * u[1] * u[1];
    du[0] = -0.1 * x3 - 2.0 * y3;
    du[1] = 2.0 * x3 - 0.1 * y3;
  };
  const std::size_t points = is_short ? 100 : 300;
  const SolveOptions precise{.abstol = 1e-8, .reltol = 1e-8, .saveat = linspace(0.0, 1.5, points)};
  const auto truth = solve(ODEProblem(spiral, {2.0, 0.0}, {0.0, 1.5}), Tsit5{}, precise);
  TimeSeries data = time_series(truth, {"x", "y"});
  for (std::size_t k = 0; k < data.values.size(); ++k)
    data.values.data()[k] += 0.1 * std::sqrt(12.0) * (uniform(1, 0, k) - 0.5);
  std::printf("Spiral: %zu points with noise of standard deviation 0.1\n", points);

  // [collocate]
  const auto smoothed = collocate(data, EpanechnikovKernel{}, {.bandwidth = 0.1});
  // [/collocate]
  double state_error = 0, slope_error = 0, slope_size = 0;
  Matrix<double> slopes(2, points);
  for (std::size_t i = 0; i < points; ++i) {
    Vector<double, 2> slope;
    spiral(slope, truth[i], Vector<double, 0>(), 0.0);
    for (std::size_t j = 0; j < 2; ++j) {
      slopes(j, i) = slope[j];
      state_error += std::pow(smoothed.u[i][j] - truth[i][j], 2) / double(2 * points);
      slope_error += std::pow(smoothed.du[i][j] - slope[j], 2) / double(2 * points);
      slope_size += slope[j] * slope[j] / double(2 * points);
    }
  }
  std::printf("  estimated states miss by %.3f, slopes by %.2f of %.2f (root mean squares)\n",
              std::sqrt(state_error), std::sqrt(slope_error), std::sqrt(slope_size));

  const Chain field{[](auto z) { return z * z * z; }, Dense<2, 16, activation::tanh>{}, Dense<16, 2>{}};
  const ODEProblem model([&](const auto& u, const auto& p, auto /*t*/) { return field(u, p); }, {2.0, 0.0},
                         {0.0, 1.5}, field.initial_parameters<double>(1));
  const auto miss_of = [&](const auto& p) {
    return std::sqrt(mean_squared_error(solve(model.with_p(p), Tsit5{}, precise), truth));
  };
  // [start]
  const auto near = train(collocation_loss(model, smoothed), model.p(), Adam{.learning_rate = 0.05},
                          {.max_iterations = is_short ? 200u : 1000u, .progress = false});
  const auto loss = trajectory_loss(model, data, Tsit5{}, {.solve = {.abstol = 1e-6, .reltol = 1e-6}});
  const auto found = train(loss, near.minimizer, BFGS{.initial_step_norm = 0.01},
                           {.max_iterations = is_short ? 20u : 100u, .progress = false});
  // [/start]
  std::printf(
      "  the network misses the true states by %.3f at random, %.3f after the slopes, %.3f after the "
      "solution\n",
      miss_of(model.p()), miss_of(near.minimizer), miss_of(found.minimizer));

  try {
    plot::Figure figure{.title = "A spiral from noisy points", .width = 1150, .height = 420};
    auto& states = figure.panel({.title = "states", .x_label = "t"});
    auto& derivatives = figure.panel({.title = "derivatives", .x_label = "t"});
    for (std::size_t j = 0; j < 2; ++j) {
      const plot::Color color = j == 0 ? plot::blue : plot::vermillion;
      const std::string name = j == 0 ? "x" : "y";
      states.points(data.t, data.component(j), {.label = name + " data", .color = color, .size = 0.4});
      states.line(data.t, truth.component(j),
                  {.label = j == 0 ? "true" : "", .color = plot::black, .dashed = true});
      states.line(data.t, smoothed.u.component(j), {.label = name + " estimated", .color = color});
      std::vector<double> slope;
      for (std::size_t i = 0; i < points; ++i) slope.push_back(slopes(j, i));
      derivatives.line(data.t, slope, {.label = j == 0 ? "true" : "", .color = plot::black, .dashed = true});
      derivatives.line(data.t, smoothed.du.component(j), {.label = name + "'", .color = color});
    }
    figure.save(folder + "/collocation.svg");
    std::printf("Picture: %s/collocation.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const bool right = slope_error < 0.1 * slope_size && miss_of(found.minimizer) < (is_short ? 0.2 : 0.05);
  if (!right) std::puts("WRONG: the network did not find the spiral");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
