// A long spiral, thirty points to t = 5: a neural ODE fitted to the whole span at once stays in a bad minimum
// from every seed; fitted in pieces, or on a window that grows, it comes down from every seed.
//
//     multiple_shooting [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

const Chain field{[](auto z) { return z * z * z; }, Dense<2, 16, activation::tanh>{}, Dense<16, 2>{}};

auto model_of(const Vector<double>& p) {
  return ODEProblem([](const auto& u, const auto& q, auto /*t*/) { return field(u, q); }, {2.0, 0.0},
                    {0.0, 5.0}, p);
}

/// Adam to come near, BFGS to finish.
template <class Loss>
auto fit(const Loss& loss, const Vector<double>& start, std::size_t iterations) {
  const TrainOptions options{.max_iterations = iterations, .progress = false};
  const auto near = train(loss, start, Adam{.learning_rate = 0.05}, options);
  return train(loss, near.minimizer, BFGS{.initial_step_norm = 0.01}, options).minimizer;
}

template <class Pieces>
void draw_pieces(plot::Panel& panel, const Pieces& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto t = linspace(pieces[i].t().front(), pieces[i].t().back(), 20);
    std::vector<double> x, y;
    for (const double time : t) {
      const auto u = pieces[i](time);
      x.push_back(u[0]);
      y.push_back(u[1]);
    }
    panel.line(x, y,
               {.label = i == 0 ? "a piece each" : "", .color = i % 2 == 0 ? plot::blue : plot::sky_blue});
  }
}

int run(bool is_short, const std::string& folder) {
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const auto x3 = u[0] * u[0] * u[0], y3 = u[1] * u[1] * u[1];
    du[0] = -0.1 * x3 - 2.0 * y3;
    du[1] = 2.0 * x3 - 0.1 * y3;
  };
  const auto t = linspace(0.0, 5.0, 30);
  const SolveOptions precise{.abstol = 1e-8, .reltol = 1e-8, .saveat = t};
  const auto observed = solve(ODEProblem(spiral, {2.0, 0.0}, {0.0, 5.0}), Tsit5{}, precise);
  const std::size_t seeds = is_short ? 1 : 5, iterations = is_short ? 100 : 300;

  std::printf("Spiral to t = 5: a network 2-16-2 of the cubes, %zu parameters, 30 points\n",
              field.parameter_count());
  std::puts(
      "squared error of one solve over the whole span against the spiral, after Adam and BFGS on each "
      "loss\n");
  std::puts("            exact points          |         points with noise of standard deviation 0.1");
  std::puts("  seed   whole span     pieces   |     pieces   with free states   then the whole span");

  TimeSeries noisy = time_series(observed, {"x", "y"});
  for (std::size_t k = 0; k < noisy.values.size(); ++k)
    noisy.values.data()[k] += 0.1 * std::sqrt(12.0) * (uniform(1, 0, k) - 0.5);
  const SolveOptions fine{.abstol = 1e-6, .reltol = 1e-6};
  const TrainOptions finish{.max_iterations = iterations, .progress = false};
  const BFGS bfgs{.initial_step_norm = 0.01};

  double worst_shot = 0, best_whole = 1e300;
  std::size_t found_in_noise = 0;
  Vector<double> drawn_start, drawn_pieces, drawn_whole;
  for (std::size_t seed = 1; seed <= seeds; ++seed) {
    const auto start = field.initial_parameters<double>(seed);
    const auto model = model_of(start);
    const auto error_of = [&](const auto& u0, const auto& p) {
      return squared_error(solve(model.with_u0(u0).with_p(p), Tsit5{}, precise), observed);
    };
    const Vector u0{2.0, 0.0};

    const auto whole = fit(trajectory_loss(model, observed, Tsit5{}), start, iterations);
    // [shooting]
    const auto shooting =
        multiple_shooting(model, observed, Tsit5{}, {.group_size = 3, .continuity_weight = 200.0});
    const auto shot = fit(shooting, start, iterations);
    // [/shooting]

    // [free]
    const MultipleShootingOptions options{.group_size = 3, .continuity_weight = 200.0, .solve = fine};
    const auto from_data = multiple_shooting(model, noisy, Tsit5{}, options);
    const auto near = fit(from_data, start, iterations);
    const auto free = from_data.with_free_states();
    const auto found = train(free, free.pack(near), bfgs, finish);
    const auto p = free.parameters(found.minimizer);
    const auto states = free.states(found.minimizer);  // the first is the initial state
    // [/free]
    const auto last = train(trajectory_loss(model, noisy, Tsit5{}, {.solve = fine}), p, bfgs, finish);

    const double error = error_of(u0, shot), error_at_last = error_of(u0, last.minimizer);
    std::printf("  %4zu %12.3f %10.5f   | %10.3f %18.3f %21.3f\n", seed, error_of(u0, whole), error,
                error_of(u0, near), error_of(states.column(0), p), error_at_last);
    worst_shot = std::fmax(worst_shot, error);
    found_in_noise += error_at_last < 2;
    best_whole = std::fmin(best_whole, error_of(u0, whole));
    if (seed == 1) drawn_start = start, drawn_pieces = shot, drawn_whole = whole;
  }

  try {
    const auto model = model_of(drawn_start);
    const auto shooting = multiple_shooting(model, observed, Tsit5{}, {.group_size = 3});
    plot::Figure figure{.title = "A long spiral, fitted in pieces", .width = 1150, .height = 430};
    const auto panel_of = [&](const char* title) -> plot::Panel& {
      auto& panel = figure.panel({.title = title,
                                  .x_label = "x",
                                  .y_label = "y",
                                  .x_range = {-2.6, 2.6},
                                  .y_range = {-2.6, 2.6},
                                  .equal_axes = true});
      panel.points(observed.component(0), observed.component(1), {.label = "data", .color = plot::black});
      return panel;
    };
    const auto draw_whole = [&](plot::Panel& panel, const Vector<double>& p) {
      SolveOptions drawn = precise;
      drawn.saveat = linspace(0.0, 5.0, 401);
      const auto path = solve(model.with_p(p), Tsit5{}, drawn);
      panel.line(path.component(0), path.component(1), {.label = "one solve", .color = plot::vermillion});
    };
    draw_whole(panel_of("the whole span at once, trained"), drawn_whole);
    draw_pieces(panel_of("pieces before training"), shooting.solutions(drawn_start));
    auto& trained = panel_of("pieces after training");
    draw_whole(trained, drawn_pieces);
    draw_pieces(trained, shooting.solutions(drawn_pieces));
    figure.save(folder + "/multiple_shooting.svg");
    std::printf("\nPicture: %s/multiple_shooting.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("\nNo picture: %s\n", error.what());
  }

  const bool right =
      best_whole > 20 && worst_shot < (is_short ? 5.0 : 0.5) && (is_short || found_in_noise >= 3);
  if (!right) std::puts("WRONG: the pieces must find the spiral where the whole span does not");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
