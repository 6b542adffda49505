// A neural ODE learns a spiral from thirty points: Adam to come near, LBFGS to finish. Single precision.
//
//     spiral_neural_ode [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>
#include <costate/plot/solution_plot.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

int run(bool is_short, const std::string& folder) {
  std::puts("Spiral: u' = net(u) instead of x' = -0.1 x^3 - 2 y^3, y' = 2 x^3 - 0.1 y^3");
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const auto x3 = u[0] * u[0] * u[0], y3 = u[1] * u[1] * u[1];
    du[0] = -0.1f * x3 - 2.0f * y3;
    du[1] = 2.0f * x3 - 0.1f * y3;
  };
  const auto t = linspace(0.0, 1.5, 30);
  const SolveOptions precise{.abstol = 1e-6, .reltol = 1e-6, .saveat = t};
  const ODEProblem truth(spiral, {2.0f, 0.0f}, {0.0, 1.5});
  const auto data = solve(truth, Tsit5{}, precise);

  // [loss]
  const Chain net{[](auto x) { return x * x * x; }, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}};
  const auto loss_of = [&](const auto& node) {
    return [&](const auto& p) { return squared_error(node({2.0f, 0.0f}, p), data); };
  };
  // [/loss]
  const auto start = net.initial_parameters<float>(1);
  std::printf("  a network 2-50-2 of the cubes, %zu parameters, 30 points on [0, 1.5]\n",
              net.parameter_count());

  // [adam]
  const NeuralODE coarse_node(net, {0.0, 1.5}, Tsit5{}, {.saveat = t});
  const auto coarse = train(loss_of(coarse_node), start, Adam{.learning_rate = 0.05},
                            {.max_iterations = is_short ? 30u : 300u});
  // [/adam]
  std::printf("  Adam : loss %9.5f -> %.5f in %.3f s\n", double(coarse.initial_loss), double(coarse.minimum),
              coarse.seconds);
  // [lbfgs]
  // at the default tolerances the loss is a staircase that stalls a line search
  const NeuralODE node(net, {0.0, 1.5}, Tsit5{}, precise);
  const auto fine =
      train(loss_of(node), coarse.minimizer, LBFGS{}, {.max_iterations = is_short ? 10u : 300u});
  // [/lbfgs]
  std::printf("  LBFGS: loss %9.5f -> %.5f in %.3f s\n", double(fine.initial_loss), double(fine.minimum),
              fine.seconds);

  // The network never saw anything after 1.5.
  const auto longer = linspace(0.0, 6.0, 241);
  const SolveOptions drawn{.abstol = 1e-6, .reltol = 1e-6, .saveat = longer};
  const auto path = [&](const auto& p) {
    return solve(ODEProblem([&](const auto& u, const auto& q, auto /*t*/) { return net(u, q); }, {2.0f, 0.0f},
                            {0.0, 6.0}, p),
                 Tsit5{}, drawn);
  };
  const auto before = path(start), after = path(fine.minimizer);
  const auto spiral_path = solve(truth.with_tspan({0.0, 6.0}), Tsit5{}, drawn);
  double farthest = 0;
  for (std::size_t i = 0; i < longer.size(); ++i) {
    const double dx = after[i][0] - spiral_path[i][0], dy = after[i][1] - spiral_path[i][1];
    if (longer[i] <= 1.5) farthest = std::fmax(farthest, std::sqrt(dx * dx + dy * dy));
  }
  std::printf("  farthest from the spiral while t <= 1.5: %.4f\n", farthest);

  try {
    plot::Figure figure{.title = "A neural ODE learns a spiral", .width = 1150, .height = 400};
    std::vector<double> until;
    for (const double time : longer) {
      if (time <= 1.5) until.push_back(time);
    }
    auto& time = figure.panel({.title = "state over time", .x_label = "t", .y_range = {-2.6, 2.6}});
    for (std::size_t j = 0; j < 2; ++j) {
      const auto numbers = [&](const auto& solution) {
        const auto all = solution.component(j);
        return std::vector<double>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(until.size()));
      };
      const plot::Color color = j == 0 ? plot::blue : plot::vermillion;
      const std::string name = j == 0 ? "x" : "y";
      time.line(until, numbers(before),
                {.label = name + " before", .color = color, .width = 1.5, .dashed = true});
      time.line(until, numbers(after), {.label = name + " trained", .color = color});
      time.points(t, data.component(j), {.label = name + " data", .color = color, .size = 0.8});
    }

    auto& phase = figure.panel({.title = "phase plane to t = 6, trained to 1.5",
                                .x_label = "x",
                                .y_label = "y",
                                .x_range = {-2.3, 2.3},
                                .y_range = {-2.3, 2.3},
                                .equal_axes = true});
    phase.line(spiral_path.component(0), spiral_path.component(1),
               {.label = "spiral", .color = plot::Color{195, 195, 195}, .width = 5});
    phase.line(after.component(0), after.component(1), {.label = "trained", .color = plot::blue});
    phase.points(data.component(0), data.component(1), {.label = "data", .color = plot::black, .size = 0.8});

    auto& losses =
        figure.panel({.title = "training", .x_label = "iteration", .y_label = "loss", .log_y = true});
    plot_losses(losses, coarse.history, {.label = "Adam", .color = plot::blue});
    std::vector<double> iterations;
    for (std::size_t i = 0; i < fine.history.size(); ++i)
      iterations.push_back(static_cast<double>(coarse.history.size() - 1 + i));
    losses.line(iterations, fine.history, {.label = "LBFGS", .color = plot::vermillion});
    figure.save(folder + "/spiral_neural_ode.svg");
    std::printf("Picture: %s/spiral_neural_ode.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const bool right =
      is_short ? fine.minimum < 0.5f * coarse.initial_loss : fine.minimum < 0.0143f && farthest < 0.1;
  if (!right) std::puts("WRONG: the network did not learn the spiral");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
