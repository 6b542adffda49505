// Lotka–Volterra fitted to its own points by six optimizers: what curvature is worth, and what it costs.
//
//     second_order [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

/// What a run did: the loss after every iteration, and how often the right-hand side had been called by then.
struct Run {
  std::string name;
  std::vector<double> losses, calls;
  double farthest = 0;  // of the parameters from those of the data
};

int run(bool is_short, const std::string& folder) {
  // [problem]
  std::size_t calls = 0;
  const auto lotka_volterra = [&](auto& du, const auto& u, const auto& p, auto /*t*/) {
    ++calls;
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  const Vector truth{1.5, 1.0, 3.0, 1.0}, start{1.2, 0.8, 2.5, 0.8};
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, truth);
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.1};
  const auto data = solve(problem, Tsit5{}, options);
  const auto loss = [&](const auto& p) {
    return squared_error(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  const auto residuals = [&](const auto& p) {
    return residual(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  // [/problem]

  std::vector<Run> runs;
  std::puts("  optimizer               loss reached   iterations  evaluations  calls of f    time");
  const auto fit = [&](const auto& objective, const auto& optimizer, std::size_t iterations) {
    Run run;
    calls = 0;
    const auto watch = [&](const auto& /*p*/, double value) {
      run.losses.push_back(value);
      run.calls.push_back(static_cast<double>(calls));
      return value < 1e-18;
    };
    const auto result =
        train(objective, start, optimizer, {.max_iterations = iterations, .progress = false}, watch);
    run.name = result.optimizer;
    for (std::size_t i = 0; i < truth.size(); ++i)
      run.farthest = std::fmax(run.farthest, std::abs(result.minimizer[i] - truth[i]));
    std::printf("  %-20s %15.2e  %11zu  %11zu  %10.0f  %6.1f ms\n", run.name.c_str(), result.minimum,
                result.iterations, result.evaluations, run.calls.back(), 1e3 * result.seconds);
    runs.push_back(run);
  };
  // [fits]
  fit(loss, Adam{.learning_rate = 0.05}, is_short ? 300 : 1000);
  fit(loss, BFGS{.initial_step_norm = 0.01}, 200);
  fit(loss, LBFGS{}, 200);
  fit(loss, Newton{}, 50);
  fit(loss, KrylovTrustRegion{}, 50);
  fit(residuals, LevenbergMarquardt{.initial_damping = 1}, 50);
  // [/fits]

  try {
    plot::Figure figure{.title = "Lotka-Volterra fitted to its own points", .width = 1100, .height = 430};
    auto& by_iteration = figure.panel({.title = "by iterations",
                                       .x_label = "iteration",
                                       .y_label = "loss",
                                       .log_y = true,
                                       .x_range = {0, 60},
                                       .y_range = {1e-18, 1e4}});
    auto& by_calls = figure.panel({.title = "by work",
                                   .x_label = "calls of the right-hand side",
                                   .y_label = "loss",
                                   .log_x = true,
                                   .log_y = true,
                                   .y_range = {1e-18, 1e4}});
    for (const auto& run : runs) {
      std::vector<double> iterations;
      for (std::size_t i = 0; i < run.losses.size(); ++i) iterations.push_back(static_cast<double>(i));
      by_iteration.line(iterations, run.losses, {.label = run.name});
      by_calls.line(run.calls, run.losses, {.label = run.name});
    }
    figure.save(folder + "/second_order.svg");
    std::printf("Picture: %s/second_order.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  bool right = true;
  for (const auto& run : runs)
    right = right && (run.name == "Adam" || (run.farthest < 1e-6 && run.losses.back() < 1e-12));
  right = right && runs.front().losses.back() < runs.front().losses.front() * (is_short ? 0.5 : 1e-3);
  if (!right) std::puts("WRONG: the rates of the data were not found");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
