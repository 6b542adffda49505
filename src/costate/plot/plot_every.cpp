#include <costate/plot/figure.hpp>
#include <costate/plot/plot_every.hpp>
#include <costate/plot/solution_plot.hpp>
#include <costate/training/callbacks.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace costate::plot {

PlotEvery::PlotEvery(std::size_t iterations, std::string path)
    : iterations_(iterations), path_(std::move(path)) {
  costate::detail::check_period("plot_every", iterations);
}

bool PlotEvery::operator()(TrainProgress& at) {
  if (failed_ || at.iteration % iterations_ != 0) return false;
  try {
    std::vector<double> iterations, losses;
    const auto add = [&](std::size_t iteration, double loss) {
      iterations.push_back(static_cast<double>(iteration));
      losses.push_back(loss);
    };
    for (const Validation& before : at.validations) add(before.iteration, before.loss);
    if (at.validation) add(at.iteration, *at.validation);

    const auto positive = [](double loss) { return !(loss <= 0); };
    const bool log_y = std::all_of(losses.begin(), losses.end(), positive) &&
                       std::all_of(at.history.begin(), at.history.end(), positive);
    Figure figure{.width = 640, .height = 420};
    Panel& panel = figure.panel({.x_label = "iteration", .y_label = "loss", .log_y = log_y});
    plot_losses(panel, at.history, {.label = "training"});
    if (!losses.empty()) panel.line(iterations, losses, {.label = "validation"});
    figure.save(path_);
  } catch (const std::exception& e) {
    failed_ = true;
    std::fprintf(stderr, "plot_every: %s\n", e.what());
  }
  return false;
}

}  // namespace costate::plot
