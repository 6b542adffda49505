// Four ways to put networks and equations together: an equation as an activation, an equation as a layer, a
// network in an equation, a network in a cost. Each is trained, and each has a number to reach.
//
//     networks_and_equations [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

const SolveOptions precise{.abstol = 1e-8, .reltol = 1e-8};
const plot::PointOptions data_points{.label = "data", .color = plot::black, .size = 0.7};
const plot::LineOptions untrained_line{
    .label = "untrained", .color = plot::gray, .width = 1.5, .dashed = true};
const plot::LineOptions true_line{.label = "truth", .color = plot::Color{195, 195, 195}, .width = 5};

template <class Result>
void tell(const char* way, const Result& result, const char* what, double number) {
  std::printf("%-26s loss %9.2e -> %8.2e in %.2f s; %s %.4f\n", way, double(result.initial_loss),
              double(result.minimum), result.seconds, what, number);
}

void draw(plot::Panel& panel, const std::vector<double>& at, const std::vector<double>& wanted,
          const std::vector<double>& before, const std::vector<double>& found) {
  panel.line(at, wanted, true_line).line(at, before, untrained_line);
  panel.line(at, found, {.label = "trained", .color = plot::blue});
}

TrainOptions quiet(std::size_t iterations) {
  return {.max_iterations = iterations, .progress = false};
}

/// y = V u(1) + c with u' = a (u - u^3), u(0) = W x + b: the equation in the place of tanh. Fits sin 2x; the
/// number is the farthest point between the samples.
double activation(bool is_short, plot::Panel& panel) {
  // [activation]
  const Dense<1, 8> into;
  const Dense<8, 1> out_of;
  const auto bistable = [](auto& du, const auto& u, const auto& a, auto /*t*/) {
    for (std::size_t j = 0; j < u.cols(); ++j)
      for (std::size_t i = 0; i < u.rows(); ++i) du(i, j) = a[0] * (u(i, j) - u(i, j) * u(i, j) * u(i, j));
  };
  const auto model = [&](const auto& x, const auto& p) {  // x is [1 × samples]
    const auto [first, a, last] = split(p, into, 1, out_of);
    const auto u = solve(ODEProblem(bistable, into(x, first), {0.0, 1.0}, a), Tsit5{}, {.saveat = 1.0});
    return out_of(u.back(), last);
  };
  // [/activation]
  Matrix<double> x(1, 24), y(1, 24), between(1, 200);
  for (std::size_t j = 0; j < x.cols(); ++j)
    x(0, j) = -2 + 4 * double(j) / 23, y(0, j) = std::sin(2 * x(0, j));
  for (std::size_t j = 0; j < between.cols(); ++j) between(0, j) = -2 + 4 * double(j) / 199;
  const auto start =
      concatenate(concatenate(into.initial_parameters(1), {1.0}), out_of.initial_parameters(2));
  const auto loss = [&](const auto& p) { return mean_squared_error(model(x, p), y); };
  const auto result = train(loss, start, BFGS{.initial_step_norm = 0.1}, quiet(is_short ? 40 : 500));

  const auto values = model(between, result.minimizer), first_values = model(between, start);
  std::vector<double> at, found, wanted, before;
  double farthest = 0;
  for (std::size_t j = 0; j < between.cols(); ++j) {
    at.push_back(between(0, j)), found.push_back(values(0, j)), wanted.push_back(std::sin(2 * at.back()));
    before.push_back(first_values(0, j));
    farthest = std::fmax(farthest, std::abs(found.back() - wanted.back()));
  }
  draw(panel, at, wanted, before, found);
  panel.points(VectorView<const double>(x.data(), x.cols()), VectorView<const double>(y.data(), y.cols()),
               data_points);
  tell("equation as activation:", result, "farthest from sin 2x", farthest);
  return farthest;
}

/// An oscillator as the last layer of a network that reads a curve: what it hands over can only be the
/// stiffness and the friction. The number is their mean error on curves that it never saw.
double layer(bool is_short, plot::Panel& panel) {
  // [layer]
  const auto oscillator = [](auto& du, const auto& u, const auto& rates, auto /*t*/) {
    du[0] = u[1];
    du[1] = -rates[0] * u[0] - rates[1] * u[1];
  };
  const ODEProblem problem(oscillator, {1.0, 0.0}, {0.0, 3.0}, {1.0, 0.0});
  const Chain reader{Dense<11, 16, activation::tanh>{}, Dense<16, 2>{}, activation::softplus};
  const auto redrawn = [&](const auto& curve, const auto& p) {
    return solve(problem.with_p(reader(curve, p)), Tsit5{}, {.saveat = 0.3}).component(0);
  };
  // [/layer]
  const auto rates = [](std::size_t i) { return Vector{1 + 4 * uniform(1, 0, i), uniform(1, 1, i)}; };
  const auto curve = [&](std::size_t i) {
    SolveOptions options = precise;
    options.saveat = 0.3;
    return solve(problem.with_p(rates(i)), Tsit5{}, options).component(0);
  };
  std::vector<Vector<double>> curves;
  for (std::size_t i = 0; i < 64; ++i) curves.push_back(curve(i));
  const auto loss = [&](const auto& p) {
    auto total = squared_error(redrawn(curves[0], p), curves[0]);
    for (std::size_t i = 1; i < curves.size(); ++i)
      total = total + squared_error(redrawn(curves[i], p), curves[i]);
    return total;
  };
  const auto start = reader.initial_parameters<double>(1);
  const auto result = train(loss, start, Adam{.learning_rate = 0.01}, quiet(is_short ? 60 : 3000));

  std::vector<double> wanted[2], read[2];
  double error = 0;
  for (std::size_t i = 100; i < 200; ++i) {
    const auto found = reader(curve(i), result.minimizer);
    for (std::size_t k = 0; k < 2; ++k) {
      wanted[k].push_back(rates(i)[k]), read[k].push_back(found[k]);
      error += std::abs(found[k] - rates(i)[k]) / 200;
    }
  }
  panel.line({0, 5}, {0, 5}, true_line);
  panel.points(wanted[0], read[0], {.label = "stiffness", .color = plot::blue, .size = 0.6});
  panel.points(wanted[1], read[1], {.label = "friction", .color = plot::vermillion, .size = 0.6});
  tell("equation as layer:", result, "mean error of the rates", error);
  return error;
}

/// A pendulum whose friction is not known: u'' = -sin u - net(u'). The number is how far the network is from
/// the true law at the speeds that were seen.
double in_equation(bool is_short, plot::Panel& panel) {
  // [in_equation]
  const Chain net{Dense<1, 10, activation::tanh>{}, Dense<10, 1>{}};
  const auto pendulum = [&](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = u[1];
    du[1] = -sin(u[0]) - net(Vector{u[1]}, p)[0];
  };
  // [/in_equation]
  const auto friction = [](const auto& v) { return 0.4 * tanh(4.0 * v); };
  const auto true_pendulum = [&](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    du[0] = u[1];
    du[1] = -sin(u[0]) - friction(u[1]);
  };
  SolveOptions options = precise;
  options.saveat = 0.1;
  const auto data = solve(ODEProblem(true_pendulum, {2.5, 0.0}, {0.0, 6.0}), Tsit5{}, options);
  const ODEProblem problem(pendulum, {2.5, 0.0}, {0.0, 6.0}, net.initial_parameters<double>(1));
  const auto loss = [&](const auto& p) {
    return squared_error(solve(problem.with_p(p), Tsit5{}, options), data);
  };
  const auto result = train(loss, problem.p(), BFGS{.initial_step_norm = 0.01}, quiet(is_short ? 40 : 500));

  double slowest = 0, fastest = 0, farthest = 0;
  for (std::size_t i = 0; i < data.size(); ++i)
    slowest = std::fmin(slowest, data[i][1]), fastest = std::fmax(fastest, data[i][1]);
  std::vector<double> at, found, wanted, before;
  for (const double v : linspace(slowest, fastest, 101)) {
    at.push_back(v), wanted.push_back(friction(v)), found.push_back(net(Vector{v}, result.minimizer)[0]);
    before.push_back(net(Vector{v}, problem.p())[0]);
    farthest = std::fmax(farthest, std::abs(found.back() - wanted.back()));
  }
  draw(panel, at, wanted, before, found);
  tell("network in an equation:", result, "farthest from the law", farthest);
  return farthest;
}

/// A meter reads what a machine used in a whole run, and the network learns what it uses at each speed. The
/// number is how far that is from the truth at the speeds that were seen.
double in_cost(bool is_short, plot::Panel& panel) {
  // [in_cost]
  const Chain net{Dense<1, 10, activation::tanh>{}, Dense<10, 1>{}};
  const auto machine = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    du[0] = u[1];
    du[1] = -u[0] - 0.3 * u[1];
  };
  const auto used = [&](const auto& u, const auto& p, auto /*t*/) { return net(Vector{u[1]}, p)[0]; };
  const auto total = [&](double amplitude, const auto& p) {
    return integral(ODEProblem(machine, {amplitude, 0.0}, {0.0, 2.0}, p), used, Tsit5{}, precise);
  };
  // [/in_cost]
  const auto truth = [](const auto& v) { return v * v / (1.0 + v * v); };
  std::vector<double> amplitudes, readings;
  for (std::size_t i = 0; i < 20; ++i) {
    amplitudes.push_back(-3 + 6 * double(i) / 19);
    readings.push_back(integral(
        ODEProblem(machine, {amplitudes[i], 0.0}, {0.0, 2.0}),
        [&](const auto& u, const auto& /*p*/, auto /*t*/) { return truth(u[1]); }, Tsit5{}, precise));
  }
  const auto loss = [&](const auto& p) {
    auto sum_of_squares = 0.0 * p[0];
    for (std::size_t i = 0; i < amplitudes.size(); ++i) {
      const auto r = total(amplitudes[i], p) - readings[i];
      sum_of_squares = sum_of_squares + r * r;
    }
    return sum_of_squares;
  };
  const auto start = net.initial_parameters<double>(1);
  const auto result = train(loss, start, BFGS{.initial_step_norm = 0.01}, quiet(is_short ? 30 : 150));

  std::vector<double> at, found, wanted, before;
  double farthest = 0;
  for (const double v : linspace(-2.0, 2.0, 101)) {
    at.push_back(v), wanted.push_back(truth(v)), found.push_back(net(Vector{v}, result.minimizer)[0]);
    before.push_back(net(Vector{v}, start)[0]);
    farthest = std::fmax(farthest, std::abs(found.back() - wanted.back()));
  }
  draw(panel, at, wanted, before, found);
  tell("network in a cost:", result, "farthest from the truth", farthest);
  return farthest;
}

int run(bool is_short, const std::string& folder) {
  plot::Figure figure{
      .title = "Four ways to put networks and equations together", .width = 1000, .height = 800};
  const double by_activation = activation(
      is_short, figure.panel({.title = "an equation as an activation", .x_label = "x", .y_label = "y"}));
  const double by_layer = layer(
      is_short,
      figure.panel({.title = "an equation as a layer", .x_label = "true rate", .y_label = "rate read"}));
  const double by_equation = in_equation(
      is_short,
      figure.panel({.title = "a network in an equation", .x_label = "speed", .y_label = "friction"}));
  const double by_cost =
      in_cost(is_short, figure.panel({.title = "a network in a cost", .x_label = "speed", .y_label = "use"}));
  try {
    figure.save(folder + "/networks_and_equations.svg");
    std::printf("Picture: %s/networks_and_equations.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }
  const bool right = is_short
                         ? by_activation < 0.5 && by_layer < 0.5 && by_equation < 0.3 && by_cost < 0.3
                         : by_activation < 0.01 && by_layer < 0.05 && by_equation < 0.01 && by_cost < 0.01;
  if (!right) std::puts("WRONG: one of the four did not learn what it was to learn");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
