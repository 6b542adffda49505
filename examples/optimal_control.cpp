// Four rates that hold Lotka–Volterra at (1, 1), found by BFGS on the exact gradient of the solve.
//
//     optimal_control [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>
#include <costate/plot/solution_plot.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <tuple>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

int run(bool is_short, const std::string& folder) {
  // [equation]
  const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
  const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1};
  // [/equation]

  // [loss]
  // What follows the loss in the tuple goes to the callback as plain numbers.
  const auto loss = [&](const auto& p) {
    const auto prediction = solve(problem.with_p(p), Tsit5{}, options);
    return std::tuple(squared_error(prediction, 1.0), prediction);
  };
  std::vector<Solution<double, 2>> seen;
  const auto watch = [&](const auto& /*p*/, double value, const auto& prediction) {
    double farthest = 0;
    for (std::size_t i = 0; i < prediction.size(); ++i)
      farthest = std::fmax(farthest, std::abs(prediction[i][0] - 1));
    std::printf("iteration %3zu  loss %12.4e  prey at most %.4f away from 1\n", seen.size(), value, farthest);
    seen.push_back(prediction);
    return value < 1e-9;  // good enough: true ends the run
  };
  const auto result = train(loss, problem.p(), BFGS{.initial_step_norm = 1e-4},
                            {.max_iterations = is_short ? 12u : 200u, .progress = false}, watch);
  // [/loss]

  std::printf("\n%s\n", report(result).c_str());
  const auto& p = result.minimizer;
  std::printf("p = (%.4f, %.4f, %.4f, %.4f): at rest at (1, 1) where p0 = p1 and p2 = p3\n", p[0], p[1], p[2],
              p[3]);

  try {
    plot::Figure figure{.title = "Four rates that hold both kinds at 1", .width = 1150, .height = 400};
    for (const std::size_t kind : {0, 1}) {
      auto& panel = figure.panel({.title = kind == 0 ? "prey" : "predators", .x_label = "t"});
      const std::size_t last = seen.size() - 1, middle = last / 2;
      for (const std::size_t i : {std::size_t{0}, middle, last})
        panel.line(seen[i].t(), seen[i].component(kind), {.label = "iteration " + std::to_string(i)});
    }
    auto& losses =
        figure.panel({.title = "training", .x_label = "iteration", .y_label = "loss", .log_y = true});
    plot_losses(losses, result.history, {.color = plot::black});
    figure.save(folder + "/optimal_control.svg");
    std::printf("Picture: %s/optimal_control.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const bool right =
      is_short ? result.minimum < 0.5 * result.initial_loss
               : result.minimum < 2e-6 && std::abs(p[0] - p[1]) < 1e-3 && std::abs(p[2] - p[3]) < 1e-3;
  if (!right) std::puts("WRONG: the control was not found");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
