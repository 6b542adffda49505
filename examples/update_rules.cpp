// What schedules look like, and how far each first-order rule brings a small network with its best rate.
//
//     update_rules [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace costate;

void draw_schedules() {
  // [schedules]
  const Schedule fixed = 1.0;
  const Schedule pieces =
      piecewise_constant_schedule({{.rate = 1.0, .steps = 50}, {.rate = 0.5, .steps = 30}}, 0.1);
  const Schedule falling = exponential_schedule({.from = 1.0, .to = 0.01, .steps = 100});
  const Schedule cosine = cosine_schedule(1.0, 100);
  const Schedule warm = warm_up(cosine_schedule(1.0, 80), 20);
  const Schedule cycle = one_cycle_schedule(1.0, 100);
  // [/schedules]
  const struct {
    const char* name;
    Schedule rate;
  } all[] = {
      {"a number", fixed},         {"piecewise_constant_schedule", pieces}, {"exponential_schedule", falling},
      {"cosine_schedule", cosine}, {"warm_up(cosine_schedule)", warm},      {"one_cycle_schedule", cycle}};
  plot::Figure figure{.title = "Rates of 120 updates", .width = 900, .height = 480, .columns = 3};
  for (const auto& [name, rate] : all) {
    std::vector<double> step, value;
    for (std::uint64_t k = 0; k < 120; ++k) {
      step.push_back(static_cast<double>(k));
      value.push_back(rate(k));
    }
    auto& panel = figure.panel({.title = name, .y_range = {-0.05, 1.1}, .legend = plot::Legend::none});
    panel.line(step, value, {.color = plot::blue});
  }
  std::filesystem::create_directories("pictures");
  figure.save("pictures/schedules.svg");
  std::puts("Picture: pictures/schedules.svg");
}

const Chain net{Dense<1, 16, activation::tanh>{}, Dense<16, 1>{}};

/// The mean square of what is missing to sin 2x at 32 points.
const auto sine_fit = [](const auto& p) {
  auto total = 0.0 * p[0];
  for (int i = 0; i < 32; ++i) {
    const double x = -2 + 4.0 * i / 31;
    const auto miss = net(Vector{x}, p)[0] - std::sin(2 * x);
    total = total + miss * miss;
  }
  return total / 32.0;
};

struct Best {
  double loss = std::numeric_limits<double>::infinity(), rate = 0;
};

/// The best of the rates 1, 0.3, 0.1 … 1e-4, all the way or along a cosine to 0.
template <class Rule>
Best best_of_rates(Rule rule, std::size_t updates, bool cosine) {
  Best best;
  for (const double rate : {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001}) {
    rule.learning_rate = cosine ? cosine_schedule(rate, updates) : Schedule(rate);
    const auto result = train(sine_fit, net.template initial_parameters<double>(3), rule,
                              {.max_iterations = updates, .progress = false});
    if (double(result.last_loss) < best.loss) best = {double(result.last_loss), rate};
  }
  return best;
}

template <class... Rules>
bool compare(std::size_t updates, const Rules&... rules) {
  std::printf("Loss after %zu updates, with the best rate\n%-12s %20s %24s\n", updates, "", "one rate",
              "cosine to 0");
  bool all_learned = true;
  const auto row = [&](const auto& rule) {
    const Best fixed = best_of_rates(rule, updates, false), cosine = best_of_rates(rule, updates, true);
    std::printf("%-12s %12.1e (%6.0e) %16.1e (%6.0e)\n", rule.name, fixed.loss, fixed.rate, cosine.loss,
                cosine.rate);
    all_learned = all_learned && std::fmin(fixed.loss, cosine.loss) < 0.4;  // 0.5: a net of zeros
  };
  (row(rules), ...);
  return all_learned;
}

}  // namespace

int main(int argc, char** argv) {
  const bool brief = argc > 1 && std::string(argv[1]) == "--short";
  try {
    draw_schedules();
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }

  const std::size_t updates = brief ? 100 : 2000;
  // [chain]
  const auto rule =
      chain(clip_by_norm(1.0),
            AdamW{.learning_rate = warm_up(cosine_schedule(3e-2, updates), 20), .weight_decay = 1e-5});
  const auto fit = train(sine_fit, net.initial_parameters<double>(3), rule, {.max_iterations = updates});
  // [/chain]
  std::printf("%s: %.1e\n", rule.name, double(fit.minimum));

  const bool learned =
      compare(updates, SGD{}, Momentum{}, Nesterov{}, Adam{}, AdamW{.weight_decay = 1e-5}, AMSGrad{}, NAdam{},
              RAdam{}, RMSProp{}, AdaGrad{}, AdaDelta{}, AdaBelief{}, Lion{});
  if (!learned) std::puts("WRONG: a rule has not learned anything");
  return learned ? 0 : 1;
}
