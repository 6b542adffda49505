// A network in a linear equation brings its state to 1 and keeps it there; the initial state and the two
// rates of the equation are trained with the network.
//
//     neural_control [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>
#include <costate/plot/solution_plot.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

int run(bool is_short, const std::string& folder) {
  // [equation]
  // x' = net(x, y), y' = p1 y + p2 x: the network moves x, and y must be 1 at t = 0, 1, ..., 25.
  const Chain net{Dense<2, 16, activation::tanh>{}, Dense<16, 16, activation::tanh>{}, Dense<16, 1>{}};
  const auto dynamics = [&](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto [weights, linear] = split(p, net, 2);
    du[0] = net(u, weights)[0];
    du[1] = linear[0] * u[1] + linear[1] * u[0];
  };
  const auto p = concatenate(net.initial_parameters<double>(1), {0.5, -0.5});
  const ODEProblem problem(dynamics, {0.0, 1.1}, {0.0, 25.0}, p);
  // [/equation]
  // [loss]
  const auto solved = [&](const auto& theta) {
    const auto [y0, q] = split(theta, 1, p.size());
    return solve(problem.with_u0(Vector{0.0, y0[0]}).with_p(q), Tsit5{},
                 {.abstol = 1e-8, .reltol = 1e-6, .saveat = 1.0});
  };
  const auto loss = [&](const auto& theta) { return squared_error(solved(theta).component(1), 1.0); };
  // [/loss]

  // [train]
  // Untrained, the equation grows like exp(t/2): Adam leaves that region, BFGS finishes.
  const auto start = concatenate({1.1}, p);
  const auto coarse =
      train(loss, start, Adam{.learning_rate = 0.01}, {.max_iterations = is_short ? 40u : 300u});
  std::printf("Adam: loss %.3e -> %.3e in %.2f s\n", coarse.initial_loss, coarse.minimum, coarse.seconds);
  const auto result = train(loss, coarse.minimizer, BFGS{.initial_step_norm = 0.01},
                            {.max_iterations = is_short ? 5u : 200u});
  std::printf("%s\n", report(result).c_str());
  // [/train]

  const auto solution = solved(result.minimizer);
  for (const std::size_t t : {0, 1, 5, 25}) std::printf("y(%2zu) = %.9f\n", t, solution[t][1]);
  const auto [initial, weights, linear] = split(result.minimizer, 1, net, 2);
  std::printf("at the start: x' = net(0, y) = %.1e, y' = p1 y + p2 x with p1 = %.1e, p2 = %.4f\n",
              net(Vector{0.0, initial[0]}, weights)[0], linear[0], linear[1]);

  try {
    const auto drawn = [&](const auto& theta) {
      const auto [y0, q] = split(theta, 1, p.size());
      return solve(problem.with_u0(Vector{0.0, y0[0]}).with_p(q), Tsit5{},
                   {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.05});
    };
    plot::Figure figure{.title = "A network holds y at 1", .width = 1150, .height = 400};
    auto& y = figure.panel({.title = "state", .x_label = "t", .y_label = "y", .y_range = {-4, 9}});
    const auto before = drawn(start), adam = drawn(coarse.minimizer), after = drawn(result.minimizer);
    y.line(before.t(), before.component(1), {.label = "untrained", .color = plot::gray});
    y.line(adam.t(), adam.component(1), {.label = "after Adam", .color = plot::vermillion});
    y.line(after.t(), after.component(1), {.label = "after BFGS", .color = plot::blue});
    auto& error =
        figure.panel({.title = "distance from 1", .x_label = "t", .y_label = "|y - 1|", .log_y = true});
    const auto distance = [&](const auto& path, const char* label, plot::Color color) {
      std::vector<double> numbers;
      for (const double value : path.component(1)) numbers.push_back(std::fmax(std::abs(value - 1), 1e-16));
      error.line(path.t(), numbers, {.label = label, .color = color});
    };
    distance(before, "untrained", plot::gray);
    distance(adam, "after Adam", plot::vermillion);
    distance(after, "after BFGS", plot::blue);
    auto& losses =
        figure.panel({.title = "training", .x_label = "iteration", .y_label = "loss", .log_y = true});
    plot_losses(losses, coarse.history, {.label = "Adam", .color = plot::vermillion});
    std::vector<double> iterations;
    for (std::size_t i = 0; i < result.history.size(); ++i)
      iterations.push_back(static_cast<double>(coarse.history.size() - 1 + i));
    losses.line(iterations, result.history, {.label = "BFGS", .color = plot::blue});
    figure.save(folder + "/neural_control.svg");
    std::printf("Picture: %s/neural_control.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const bool right = is_short ? result.minimum < 0.5 * coarse.initial_loss : result.minimum < 1e-6;
  if (!right) std::puts("WRONG: the network does not hold y at 1");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
