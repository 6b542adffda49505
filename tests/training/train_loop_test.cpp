#include <costate/training/interrupt.hpp>
#include <costate/training/progress_bar.hpp>
#include <costate/training/report.hpp>
#include <costate/training/train_loop.hpp>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace costate {
namespace {

using Point = detail::TrainPoint<double>;

double bowl(std::span<const double> x, std::span<double> g) {
  double total = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    g[i] = 2 * x[i];
    total += x[i] * x[i];
  }
  return total;
}
const auto bowl_objective = [](std::span<const double> x, std::span<double> g) { return bowl(x, g); };

template <class Optimizer>
TrainResult<double> run(const Optimizer& optimizer, const std::vector<double>& start,
                        const TrainOptions& options = {}, function_ref<bool(const Point&)> callback = {}) {
  return detail::train_loop<double>({bowl_objective, {}}, std::span<const double>(start), optimizer, options,
                                    callback);
}

/// A rule of a user's own: no header of the library knows it.
struct GradientDescent {
  double rate = 0.1;
  static constexpr const char* name = "GradientDescent";
  template <class T>
  struct State {
    int steps = 0;
  };
  template <class T>
  State<T> init(std::size_t) const {
    return {};
  }
  template <class T>
  void update(State<T>& state, std::span<const T> g, std::span<T> x) const {
    ++state.steps;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= T(rate) * g[i];
  }
};
static_assert(UpdateRule<GradientDescent, double> && !IterativeOptimizer<GradientDescent, double>);
static_assert(UpdateRule<Adam, float> && IterativeOptimizer<BFGS, float> &&
              IterativeOptimizer<LBFGS, double>);

TEST(TrainLoop, RunsARuleOfAUsersOwn) {
  const auto result = run(GradientDescent{}, {1, -2}, {.max_iterations = 10});
  EXPECT_EQ(result.iterations, 10u);
  EXPECT_EQ(result.evaluations, 11u);
  EXPECT_NEAR(result.last[1], -2 * std::pow(0.8, 10), 1e-14);
  EXPECT_EQ(result.optimizer, "GradientDescent");
}

TEST(TrainLoop, MakesAThousandIterationsWhereNothingIsSaid) {
  const auto result = run(Adam{}, {1});
  EXPECT_EQ(result.iterations, 1000u);
  EXPECT_EQ(result.max_iterations, 1000u);
  EXPECT_EQ(result.stop_reason, StopReason::max_iterations);
}

TEST(TrainLoop, KeepsTheLowestPointNotTheLast) {
  // a rate above 1 makes the bowl's iterates grow
  const auto result = run(GradientDescent{.rate = 1.1}, {1}, {.max_iterations = 5});
  EXPECT_EQ(result.minimum, 1);
  EXPECT_EQ(result.minimizer[0], 1);
  EXPECT_NEAR(std::fabs(result.last[0]), std::pow(1.2, 5), 1e-12);
  EXPECT_NEAR(result.last_loss, std::pow(1.2, 10), 1e-12);
}

TEST(TrainLoop, JudgesANoisyLossByTheMeanOfTen) {
  int evaluations = 0;
  const auto loss = [&](std::span<const double> x, std::span<double> g) {
    // a lucky draw at the seventh evaluation, which alone would be the minimum
    return bowl(x, g) + (++evaluations == 7 ? -0.95 : 0);
  };
  const std::vector<double> start{1};
  const auto result =
      detail::train_loop<double>({loss, {}}, std::span<const double>(start), GradientDescent{.rate = 0.01},
                                 {.max_iterations = 40}, {}, detail::Judge::mean_of_ten);
  double lowest = 1e9;
  std::size_t at = 0;
  for (std::size_t end = 9; end < result.history.size(); ++end) {
    double sum = 0;
    for (std::size_t i = end - 9; i <= end; ++i) sum += result.history[i];
    if (sum / 10 < lowest) {
      lowest = sum / 10;
      at = end;
    }
  }
  EXPECT_NEAR(result.minimum, lowest, 1e-12);
  EXPECT_NEAR(result.minimizer[0], std::pow(0.98, double(at)), 1e-12);
}

TEST(TrainLoop, CountsWhatItTookBack) {
  int evaluations = 0;
  const auto loss = [&](std::span<const double> x, std::span<double> g) {
    return ++evaluations % 3 == 0 ? std::nan("") : bowl(x, g);
  };
  const std::vector<double> start{1};
  const auto result =
      detail::train_loop<double>({loss, {}}, std::span<const double>(start), Adam{}, {.max_iterations = 30});
  EXPECT_EQ(result.iterations, 30u);
  EXPECT_EQ(result.skipped, 10u);
  for (const double l : result.history) EXPECT_TRUE(std::isfinite(l));
  EXPECT_NE(report(result).find("taken back   10"), std::string::npos);
}

TEST(TrainLoop, SaysWhetherThePointWasTheLastEvaluated) {
  int evaluations = 0;
  const auto loss = [&](std::span<const double> x, std::span<double> g) {
    return ++evaluations == 3 ? std::nan("") : bowl(x, g);
  };
  const std::vector<double> start{1};
  std::vector<bool> last;
  const auto callback = [&](const Point& point) {
    last.push_back(point.last_evaluated);
    return false;
  };
  detail::train_loop<double>({loss, {}}, std::span<const double>(start), Adam{}, {.max_iterations = 3},
                             callback);
  EXPECT_EQ(last, (std::vector<bool>{true, true, false, true}));
}

TEST(TrainLoop, ShowsTheStartFirstAndHaltsThere) {
  double first = 0;
  const auto result = run(BFGS{}, {3}, {}, [&](const Point& point) {
    first = point.loss;
    return true;
  });
  EXPECT_EQ(first, 9);
  EXPECT_EQ(result.iterations, 0u);
  EXPECT_EQ(result.evaluations, 1u);
  EXPECT_EQ(result.minimum, 9);
}

TEST(TrainLoop, PassesExceptionsOfTheCallbackOn) {
  EXPECT_THROW(run(LBFGS{}, {3}, {}, [](const Point&) -> bool { throw std::runtime_error("mine"); }),
               std::runtime_error);
}

TEST(TrainLoop, WantsParameters) {
  try {
    run(BFGS{}, {});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "train: want at least one parameter, got 0");
  }
}

TEST(TrainOptions, KeepsItsFieldsInOrder) {
  const TrainOptions all{.lower = {0},
                         .upper = {1},
                         .max_iterations = 2,
                         .epochs = 3,
                         .seed = 4,
                         .checkpoint = "a",
                         .resume = true,
                         .progress = false,
                         .interruptible = false};
  EXPECT_EQ(*all.max_iterations + *all.epochs + all.seed, 9u);
}

TEST(Report, TellsTheRun) {
  const std::string text = report(run(BFGS{}, {3, 4}));
  for (const char* part : {"BFGS on 2 parameters", "loss         25 ->", "of at most 1000",
                           "stopped      converged: the gradient is within gradient_tolerance"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("try"), std::string::npos);
}

TEST(Report, SaysWhatToTry) {
  const auto loss = [](std::span<const float>, std::span<float> g) {
    g[0] = 0;
    return std::numeric_limits<float>::infinity();
  };
  const float start = 1;
  const auto result = detail::train_loop<float>({loss, {}}, std::span<const float>(&start, 1), Adam{});
  const std::string text = report(result);
  EXPECT_NE(text.find("not finite at the start"), std::string::npos);
  EXPECT_NE(text.find("try          other starting parameters"), std::string::npos);
}

TEST(Report, WarnsOfALossThatDependsOnNothing) {
  const auto loss = [](std::span<const double>, std::span<double> g) {
    g[0] = 0;
    return 1.0;
  };
  const double start = 1;
  const auto result = detail::train_loop<double>({loss, {}}, std::span<const double>(&start, 1), BFGS{});
  EXPECT_NE(report(result).find("does the loss depend on the parameters?"), std::string::npos);
}

TEST(ProgressBar, WritesOneLine) {
  EXPECT_EQ(detail::progress_line(50, 200, 0.125, 10),
            "[=====               ] 50/200  loss 0.125  5/s  0:00:30 left");
  EXPECT_EQ(detail::progress_line(200, 200, 1, 10), "[====================] 200/200  loss 1  20/s");
  EXPECT_EQ(detail::progress_line(0, 10, 1, 0), "[                    ] 0/10  loss 1  0/s");
}

TEST(ProgressBar, IsSilentWhereStderrIsNotATerminal) {
  testing::internal::CaptureStderr();
  {
    ProgressBar bar(10, true);
    const double begin = detail::steady_seconds();
    while (detail::steady_seconds() - begin < 0.12) {
    }
    bar.update(5, 1.0);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

volatile std::sig_atomic_t users_handler_calls = 0;
void users_handler(int) {
  users_handler_calls = users_handler_calls + 1;
}

TEST(InterruptGuard, GivesTheUsersHandlerBackAtTheFirstCtrlC) {
  const auto outer = std::signal(SIGINT, users_handler);
  users_handler_calls = 0;
  {
    const InterruptGuard guard;
    EXPECT_FALSE(guard.interrupted());
    std::raise(SIGINT);
    EXPECT_TRUE(guard.interrupted());
    EXPECT_EQ(users_handler_calls, 0);
    std::raise(SIGINT);
    EXPECT_EQ(users_handler_calls, 1);
  }
  std::raise(SIGINT);
  EXPECT_EQ(users_handler_calls, 2);
  const InterruptGuard later;
  EXPECT_FALSE(later.interrupted());
  std::signal(SIGINT, outer);
}

TEST(InterruptGuardDeathTest, SecondCtrlCKills) {
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_DFL);
        const InterruptGuard guard;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptGuard, LeavesAProcessThatIgnoresCtrlCAlone) {
  const auto outer = std::signal(SIGINT, SIG_IGN);
  {
    const InterruptGuard guard;
    std::raise(SIGINT);
    EXPECT_FALSE(guard.interrupted());
  }
  EXPECT_EQ(std::signal(SIGINT, outer), SIG_IGN);
}

TEST(TrainLoop, EndsInBothThreadsAtOneCtrlC) {
  const auto outer = std::signal(SIGINT, users_handler);
  users_handler_calls = 0;
  std::atomic<int> running{0};
  TrainResult<double> results[2];
  const auto work = [&](int k) {
    bool first = true;
    const auto loss = [&](std::span<const double> x, std::span<double> g) {
      if (std::exchange(first, false)) ++running;
      return bowl(x, g);
    };
    const std::vector<double> start{1};
    results[k] = detail::train_loop<double>({loss, {}}, std::span<const double>(start),
                                            Adam{.learning_rate = 1e-9}, {.max_iterations = 2'000'000'000});
  };
  std::thread a(work, 0), b(work, 1);
  while (running < 2) std::this_thread::yield();
  std::raise(SIGINT);
  a.join();
  b.join();
  for (const auto& result : results) EXPECT_EQ(result.stop_reason, StopReason::interrupted);
  EXPECT_EQ(users_handler_calls, 0);
  EXPECT_EQ(std::signal(SIGINT, outer), users_handler);
}

TEST(TrainLoop, CanBeToldToLeaveCtrlCAlone) {
  const auto outer = std::signal(SIGINT, users_handler);
  users_handler_calls = 0;
  const auto result = run(Adam{}, {1}, {.max_iterations = 5, .interruptible = false}, [](const Point& point) {
    if (point.iteration == 2) std::raise(SIGINT);
    return false;
  });
  EXPECT_EQ(result.iterations, 5u);
  EXPECT_EQ(users_handler_calls, 1);
  std::signal(SIGINT, outer);
}

TEST(FunctionRef, CallsWhatItRefersTo) {
  int total = 0;
  auto add = [&](int n) { return total += n; };
  const function_ref<int(int)> reference = add;
  EXPECT_EQ(reference(3) + reference(4), 10);
  EXPECT_TRUE(reference);
  EXPECT_FALSE(function_ref<void()>{});
  static_assert(!std::is_constructible_v<function_ref<int(std::string)>, decltype(add)&>);
}

}  // namespace
}  // namespace costate
