// A universal differential equation: known terms, a network for the others, a run that is stopped and
// resumed.
//
//     universal_equation [--short] [folder for the picture]
#include <costate/costate.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

using namespace costate;

namespace {

/// Forty-one invented observations of Lotka and Volterra's equation, each up to 2 % off.
TimeSeries observations() {
  const auto whole = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    du[0] = 1.3 * u[0] - 0.9 * u[0] * u[1];
    du[1] = -1.8 * u[1] + 0.8 * u[0] * u[1];
  };
  const ODEProblem problem(whole, {0.44, 4.6}, {0.0, 4.0});
  auto series = time_series(solve(problem, Vern7{}, {.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.1}),
                            {"prey", "predators"});
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t j = 0; j < 2; ++j) series.values(j, i) *= 0.98 + 0.04 * uniform(7, j, i);
  return series;
}

/// The observations beside the solution, and what is eaten along it: as learned and as it is.
template <class Net, class Solution>
void draw(const TimeSeries& data, const Net& net, const Vector<double>& p, const Solution& model,
          const std::string& path) {
  plot::Figure figure{.title = "A universal equation", .width = 900, .height = 360};
  auto& states = figure.panel({.title = "observed and fitted", .x_label = "t"});
  plot_solution(states, model, {"prey", "predators"}, {.samples = 400});
  for (const auto& name : data.names)
    states.points(data.t, data.component(name), {.color = plot::black, .size = 0.5});
  std::vector<double> t = linspace(0.0, 4.0, 200), learned, eaten;
  for (const double time : t) {
    const auto u = model(time);
    learned.push_back(-net(u, p)[0]);
    eaten.push_back(0.9 * u[0] * u[1]);
  }
  figure.panel({.title = "prey eaten", .x_label = "t"})
      .line(t, learned, {.label = "learned"})
      .line(t, eaten, {.label = "true", .color = plot::black, .dashed = true});
  figure.save(path);
}

}  // namespace

int main(int count, char** arguments) {
  bool quick = false;
  std::string folder = "pictures";
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--short")
      quick = true;
    else
      folder = argument;
  }
  const TimeSeries data = observations();

  // [equation]
  const Chain net{Dense<2, 8, activation::tanh>{}, Dense<8, 2>{}};
  const auto f = [net](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto unknown = net(u, p);
    du[0] = 1.3 * u[0] + unknown[0];   // the growth of the prey is known,
    du[1] = -1.8 * u[1] + unknown[1];  // and so is the death of the predators
  };
  const auto start = net.initial_parameters<double>(1);  // 42 numbers, from seed 1
  const ODEProblem problem(f, {0.44, 4.6}, {0.0, 4.0}, start);

  const auto loss = [&](const auto& p) {
    const SolveOptions options{.abstol = 1e-7, .reltol = 1e-7, .saveat = data.t};
    return mean_squared_error(solve(problem.with_p(p), Tsit5{}, options), data) + 1e-6 * l2_penalty(p);
  };
  // [/equation]

  // [training]
  const PolyOpt adam_then_bfgs(Adam{.learning_rate = 0.02}, BFGS{.initial_step_norm = 0.01},
                               {.first_iterations = 300});
  const TrainOptions options{.max_iterations = 1000, .checkpoint = "universal.run", .resume = true};
  // [/training]
  std::remove("universal.run");
  const auto halt_at = [&](std::size_t iteration) {
    return train(loss, start, adam_then_bfgs, options,
                 [=](TrainProgress& at) { return at.iteration == iteration; });
  };
  halt_at(120);  // as Ctrl-C would, in Adam
  halt_at(450);  // and in BFGS
  // [run]
  const auto result = train(loss, start, adam_then_bfgs, options, print_every(100));
  std::printf("%s\n", report(result).c_str());
  // [/run]

  // [save]
  save_parameters("universal.safetensors", net, result.minimizer);
  const auto p = load_parameters("universal.safetensors", net);
  std::printf("  prey  predators   eaten: learned    true\n");
  for (std::size_t i = 0; i < data.size(); i += 8) {
    const Vector u{data.values(0, i), data.values(1, i)};
    std::printf("%6.3f  %9.3f  %15.3f  %6.3f\n", u[0], u[1], -net(u, p)[0], 0.9 * u[0] * u[1]);
  }
  // [/save]

  try {
    const auto model = solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-7, .reltol = 1e-7});
    draw(data, net, p, model, folder + "/universal_equation.svg");
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  bool same = result.resumed_at == 450 && result.minimum < 1e-2;
  if (!quick) {
    const auto in_one_go = train(loss, start, adam_then_bfgs, {.max_iterations = 1000});
    same = same && in_one_go.minimum == result.minimum;
    std::printf("stopped twice and in one go: %s\n", same ? "the same bits" : "DIFFERENT");
  }
  std::remove("universal.run");
  std::remove("universal.safetensors");
  return same ? 0 : 1;
}
