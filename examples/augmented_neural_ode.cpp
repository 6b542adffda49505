// A disc inside a ring: a neural ODE of the plane cannot pull them apart, with one appended zero it can.
//
//     augmented_neural_ode [--short] [folder for the pictures]
#include <costate/costate.hpp>
#include <costate/plot/figure.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "program.hpp"

using namespace costate;

namespace {

struct Samples {
  Matrix<float> x;      // [2 × samples]
  Vector<float> label;  // +1 in the disc r <= 2, -1 in the ring 3 <= r <= 4
};

/// Half of them in the disc, half in the ring.
Samples draw(std::size_t count, std::uint64_t seed) {
  Samples samples{Matrix<float>(2, count), Vector<float>(count)};
  for (std::size_t j = 0; j < count; ++j) {
    const bool inside = j % 2 == 0;
    const double r = inside ? 2 * std::sqrt(uniform(seed, 0, j)) : std::sqrt(9 + 7 * uniform(seed, 0, j));
    const double angle = 2 * 3.14159265358979 * uniform(seed, 1, j);
    samples.x(0, j) = static_cast<float>(r * std::cos(angle));
    samples.x(1, j) = static_cast<float>(r * std::sin(angle));
    samples.label[j] = inside ? 1.0f : -1.0f;
  }
  return samples;
}

template <class Flow, class Head>
struct Classifier {
  Flow flow;
  Head head;

  // [model]
  /// One number a sample: u(1) of every column, in one solve, then a linear layer.
  template <class P>
  auto operator()(const Matrix<float>& x, const P& p) const {
    const auto [of_flow, of_head] = split(p, flow, head);
    const auto solution = flow(x, of_flow);
    return head(solution.back(), of_head);
  }
  // [/model]
  auto initial_parameters(std::uint64_t seed) const {
    return concatenate(flow.template initial_parameters<float>(seed),
                       head.template initial_parameters<float>(seed + 1));
  }
};
template <class Flow, class Head>
Classifier(Flow, Head) -> Classifier<Flow, Head>;

struct Outcome {
  std::vector<double> error_at;  // mean squared error of samples that were not trained on
  double right = 0;              // share of them on the right side of 0
  Matrix<float> values;          // on the grid
};

template <class Model>
Outcome fit(const Model& model, const Samples& samples, const Samples& fresh, const Matrix<float>& grid,
            std::size_t epochs) {
  Outcome outcome;
  Vector<float> newest;
  const auto watch = [&](const auto& p, double) {
    outcome.error_at.push_back(mean_squared_error(model(fresh.x, p), fresh.label));
    newest = p;
    return false;
  };
  // [train]
  const auto loss = [&](const auto& p, const Batch& batch) {
    Matrix<float> x(2, batch.size());
    Vector<float> label(batch.size());
    for (std::size_t j = 0; j < batch.size(); ++j) {
      x(0, j) = samples.x(0, batch[j]);
      x(1, j) = samples.x(1, batch[j]);
      label[j] = samples.label[batch[j]];
    }
    return mean_squared_error(model(x, p), label);
  };
  const Minibatches batches(samples.label.size(), {.size = 256});
  train(loss, model.initial_parameters(1), Adam{.learning_rate = 0.005}, batches,
        {.epochs = epochs, .seed = 1, .progress = false}, watch);
  // [/train]
  const auto values = model(fresh.x, newest);
  for (std::size_t j = 0; j < values.cols(); ++j)
    outcome.right += values(0, j) * fresh.label[j] > 0 ? 1.0 / static_cast<double>(values.cols()) : 0;
  outcome.values = model(grid, newest);
  return outcome;
}

void draw_plane(plot::Figure& figure, const char* title, const Outcome& outcome, const Matrix<float>& grid,
                const Samples& fresh) {
  auto& panel = figure.panel({.title = title,
                              .x_label = "x",
                              .y_label = "y",
                              .x_range = {-4.4, 4.4},
                              .y_range = {-4.4, 4.4},
                              .equal_axes = true});
  struct Level {
    double below;
    plot::Color color;
    const char* label;
  };
  const Level levels[] = {{-0.5, {240, 170, 120}, "below -0.5"},
                          {0, {252, 226, 205}, "-0.5 to 0"},
                          {0.5, {205, 228, 244}, "0 to 0.5"},
                          {1e9, {130, 188, 226}, "above 0.5"}};
  const double cell = grid(0, 1) - grid(0, 0);
  double from = -1e9;
  for (const auto& level : levels) {
    std::vector<double> x, y;  // a stroke for every stretch of a row
    for (std::size_t j = 0; j < grid.cols(); ++j) {
      const double value = outcome.values(0, j), gap = std::nan("");
      if (value < from || value >= level.below) continue;
      const bool goes_on = !y.empty() && y.back() == grid(1, j) && grid(0, j) - x.back() < 0.6 * cell;
      if (goes_on) {
        x.back() += cell;
        continue;
      }
      x.insert(x.end(), {gap, grid(0, j) - cell / 2, grid(0, j) + cell / 2});
      y.insert(y.end(), {gap, grid(1, j), grid(1, j)});
    }
    if (!x.empty()) panel.line(x, y, {.label = level.label, .color = level.color, .width = 5.5});
    from = level.below;
  }
  for (const bool inside : {true, false}) {
    std::vector<double> x, y;
    for (std::size_t j = inside ? 0 : 1; j < 300; j += 2)
      x.push_back(fresh.x(0, j)), y.push_back(fresh.x(1, j));
    panel.points(
        x, y, {.label = inside ? "+1" : "-1", .color = inside ? plot::blue : plot::vermillion, .size = 0.6});
  }
}

int run(bool is_short, const std::string& folder) {
  const auto samples = draw(4000, 1), fresh = draw(1000, 2);
  const std::size_t side = 61, epochs = is_short ? 3 : 10;
  Matrix<float> grid(2, side * side);
  for (std::size_t j = 0; j < grid.cols(); ++j) {
    grid(0, j) = 8.8f * static_cast<float>(j % side) / (side - 1) - 4.4f;
    grid(1, j) = 8.8f * static_cast<float>(j / side) / (side - 1) - 4.4f;
  }

  // [networks]
  const SolveOptions options{.abstol = 1e-3, .reltol = 1e-3, .saveat = 1.0, .dense = false};
  const Chain in_the_plane{Dense<2, 64, activation::relu>{}, Dense<64, 64, activation::relu>{},
                           Dense<64, 2>{}};
  const Chain in_space{Dense<3, 64, activation::relu>{}, Dense<64, 64, activation::relu>{}, Dense<64, 3>{}};
  const Classifier plain{NeuralODE(in_the_plane, {0.0, 1.0}, Tsit5{}, options), Dense<2, 1>{}};
  const Classifier augmented{AugmentedNDELayer(NeuralODE(in_space, {0.0, 1.0}, Tsit5{}, options), 1),
                             Dense<3, 1>{}};
  // [/networks]

  std::printf("A disc inside a ring, 4000 samples in batches of 256, %zu epochs of Adam\n", epochs);
  const auto without = fit(plain, samples, fresh, grid, epochs);
  const auto with = fit(augmented, samples, fresh, grid, epochs);
  std::puts("mean squared error of 1000 fresh samples");
  std::puts("  iteration     plain   augmented");
  for (std::size_t i = 0; i < with.error_at.size(); i += is_short ? 16 : 32)
    std::printf("  %9zu  %8.4f  %10.4f\n", i, without.error_at[i], with.error_at[i]);
  std::printf("on the right side of 0: plain %.1f %%, augmented %.1f %%\n", 100 * without.right,
              100 * with.right);

  try {
    plot::Figure figure{.title = "A disc inside a ring: what is left of 0", .width = 1200, .height = 430};
    draw_plane(figure, "in the plane", without, grid, fresh);
    draw_plane(figure, "augmented by one zero", with, grid, fresh);
    auto& errors = figure.panel(
        {.title = "fresh samples", .x_label = "iteration", .y_label = "mean squared error", .log_y = true});
    const auto draw_errors = [&](const Outcome& outcome, const char* label, plot::Color color) {
      std::vector<double> x;
      for (std::size_t i = 0; i < outcome.error_at.size(); ++i) x.push_back(static_cast<double>(i));
      errors.line(x, outcome.error_at, {.label = label, .color = color});
    };
    draw_errors(without, "plain", plot::vermillion);
    draw_errors(with, "augmented", plot::blue);
    figure.save(folder + "/augmented_neural_ode.svg");
    std::printf("Picture: %s/augmented_neural_ode.svg\n", folder.c_str());
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const double plain_error = without.error_at.back(), augmented_error = with.error_at.back();
  const bool right =
      is_short ? augmented_error < 0.75 * plain_error : augmented_error < 0.04 && plain_error > 0.08;
  if (!right) std::puts("WRONG: the appended zero must pull the ring off the disc, and only that");
  return right ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  return examples::run_program(count, arguments, run);
}
