#include <costate/optimizers/adabelief.hpp>
#include <costate/optimizers/adadelta.hpp>
#include <costate/optimizers/adagrad.hpp>
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/adamw.hpp>
#include <costate/optimizers/amsgrad.hpp>
#include <costate/optimizers/chain.hpp>
#include <costate/optimizers/gradient_transformations.hpp>
#include <costate/optimizers/lion.hpp>
#include <costate/optimizers/momentum.hpp>
#include <costate/optimizers/nadam.hpp>
#include <costate/optimizers/nesterov.hpp>
#include <costate/optimizers/radam.hpp>
#include <costate/optimizers/rmsprop.hpp>
#include <costate/optimizers/sgd.hpp>
#include <costate/training/train_loop.hpp>

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace costate {
namespace {

double rosenbrock(std::span<const double> x, std::span<double> g) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  g[0] = -2 * a - 400 * x[0] * b;
  g[1] = 200 * b;
  return a * a + 100 * b * b;
}

template <class Rule>
void goes_on_as_if_not_stopped(const Rule& rule) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("costate_optimizers_" + std::to_string(::getpid()) + ".run"))
          .string();
  const auto objective = [](std::span<const double> x, std::span<double> g) { return rosenbrock(x, g); };
  const std::vector<double> start{-1.2, 1};
  double rate = 0;
  const auto run = [&](const TrainOptions& options) {
    return detail::train_loop<double>({objective, {}}, std::span<const double>(start), rule, options,
                                      [&](const detail::TrainPoint<double>& point) {
                                        rate = point.progress.learning_rate;
                                        return false;
                                      });
  };
  const auto whole = run({.max_iterations = 40});
  const double last_rate = rate;
  EXPECT_NE(whole.last[0], start[0]) << Rule::name;
  run({.max_iterations = 17, .checkpoint = file});
  const auto rest = run({.max_iterations = 40, .checkpoint = file, .resume = true});
  std::filesystem::remove(file);
  EXPECT_EQ(rest.resumed_at, 17u) << Rule::name;
  EXPECT_EQ(rest.history, whole.history) << Rule::name;
  EXPECT_EQ(rest.last[0], whole.last[0]) << Rule::name;
  EXPECT_EQ(rest.last[1], whole.last[1]) << Rule::name;
  EXPECT_EQ(rate, last_rate) << Rule::name;
}

TEST(ResumeOptimizers, GoOnAsIfNotStopped) {
  const Schedule rate = cosine_schedule(1e-3, 50);
  goes_on_as_if_not_stopped(SGD{.learning_rate = rate});
  goes_on_as_if_not_stopped(Momentum{.learning_rate = rate});
  goes_on_as_if_not_stopped(Nesterov{.learning_rate = rate});
  goes_on_as_if_not_stopped(Adam{.learning_rate = rate});
  goes_on_as_if_not_stopped(AdamW{.learning_rate = rate});
  goes_on_as_if_not_stopped(AMSGrad{.learning_rate = rate});
  goes_on_as_if_not_stopped(NAdam{.learning_rate = rate});
  goes_on_as_if_not_stopped(RAdam{.learning_rate = rate});
  goes_on_as_if_not_stopped(AdaBelief{.learning_rate = rate});
  goes_on_as_if_not_stopped(AdaGrad{.learning_rate = rate});
  goes_on_as_if_not_stopped(AdaDelta{});
  goes_on_as_if_not_stopped(RMSProp{.learning_rate = rate});
  goes_on_as_if_not_stopped(Lion{.learning_rate = rate});
}

TEST(ResumeOptimizers, ChainsGoOnAsIfNotStopped) {
  goes_on_as_if_not_stopped(chain(clip_by_norm(1.0), AdamW{.learning_rate = cosine_schedule(1e-2, 50)}));
}

TEST(ResumeOptimizers, ShowTheRateOfTheUpdateThatComes) {
  const auto objective = [](std::span<const double> x, std::span<double> g) { return rosenbrock(x, g); };
  const std::vector<double> start{-1.2, 1};
  const Schedule rate = cosine_schedule(1e-2, 50);
  const auto check = [&](const auto& rule) {
    detail::train_loop<double>({objective, {}}, std::span<const double>(start), rule, {.max_iterations = 5},
                               [&](const detail::TrainPoint<double>& point) {
                                 EXPECT_EQ(point.progress.learning_rate, rate(point.iteration));
                                 return false;
                               });
  };
  check(AdamW{.learning_rate = rate});
  check(chain(clip_by_norm(1.0), AdamW{.learning_rate = rate}));
}

}  // namespace
}  // namespace costate
