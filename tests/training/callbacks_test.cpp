#include <costate/data/file.hpp>
#include <costate/training/callbacks.hpp>
#include <costate/training/early_stopping.hpp>
#include <costate/training/log.hpp>
#include <costate/training/train.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace costate {
namespace {

const auto bowl = [](const auto& p) { return p[0] * p[0] + 1; };
const Vector start{1.0};
const Adam rule{.learning_rate = 0.01};

TEST(Callbacks, CallsAllOfThemInTheirOrderWithWhatTheyTake) {
  const auto loss = [](const auto& p) { return std::tuple(bowl(p), 3.0 * p[0]); };
  std::string order;
  const auto result = train(loss, start, rule, {.max_iterations = 5},
                            callbacks(
                                [&](const auto&, double) {
                                  order += 'a';
                                  return true;
                                },
                                [&](const auto& p, double, double threefold) {
                                  order += 'b';
                                  EXPECT_EQ(threefold, 3 * p[0]);
                                  return false;
                                },
                                [&](const auto& p, double value, TrainProgress& at, double threefold) {
                                  order += 'c';
                                  EXPECT_EQ(threefold, 3 * p[0]);
                                  EXPECT_EQ(at.loss, value);
                                  return false;
                                },
                                callbacks([&](const auto&, double, TrainProgress&) {
                                  order += 'd';
                                  return false;
                                }),
                                [&](TrainProgress& at) {
                                  order += 'e';
                                  EXPECT_EQ(at.gradient_norm, 2);
                                  EXPECT_EQ(at.learning_rate, 0.01);
                                  return false;
                                }));
  EXPECT_EQ(order, "abcde");
  EXPECT_EQ(result.stop_reason, StopReason::halted);
}

TEST(Callbacks, ShowsWhereTheRunStands) {
  const auto loss = [](const auto& p, const Batch&) { return bowl(p); };
  std::vector<std::size_t> epochs;
  train(loss, start, rule, Minibatches(6, {.size = 2}), {.epochs = 2},
        [&](const auto&, double, TrainProgress& at) {
          epochs.push_back(at.epoch);
          EXPECT_EQ(at.max_iterations, 6u);
          EXPECT_EQ(at.batches, 3u);
          EXPECT_EQ(at.first, at.iteration == 0);
          EXPECT_EQ(at.history.back(), at.loss);
          return false;
        });
  EXPECT_EQ(epochs, (std::vector<std::size_t>{0, 0, 0, 1, 1, 1, 2}));
}

TEST(Callbacks, ThatReturnNothingLetTheRunGoOn) {
  std::size_t calls = 0;
  const auto watch = [&](const auto&, double) { ++calls; };
  EXPECT_EQ(train(bowl, start, rule, {.max_iterations = 4}, watch).iterations, 4u);
  train(bowl, start, rule, {.max_iterations = 4}, callbacks(watch, [&](TrainProgress&) { ++calls; }));
  EXPECT_EQ(calls, 5u + 2 * 5);
}

TEST(CallEvery, CallsAtItsPeriod) {
  std::vector<double> seen;
  train([](const auto& p) { return std::tuple(bowl(p), 7.0); }, start, rule, {.max_iterations = 7},
        call_every(3, [&](const auto&, double, double rest) {
          seen.push_back(rest);
          return false;
        }));
  EXPECT_EQ(seen, (std::vector<double>{7, 7, 7}));
  EXPECT_THROW(call_every(0, [](TrainProgress&) { return false; }), std::invalid_argument);
  EXPECT_THROW(print_every(0), std::invalid_argument);
}

TEST(PrintEvery, PrintsALine) {
  testing::internal::CaptureStdout();
  train(bowl, start, rule, {.max_iterations = 3}, print_every(2));
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(text.rfind("iteration 0  loss 2  gradient 2\niteration 2  loss 1.96", 0), 0u) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(StopOnPlateau, EndsWhereTheMeanFallsNoMore) {
  const auto result = train(bowl, start, Adam{.learning_rate = 0.05}, {.max_iterations = 5000},
                            stop_on_plateau({.window = 20}));
  EXPECT_EQ(result.stop_reason, StopReason::halted);
  EXPECT_LT(result.iterations, 300u);
  EXPECT_NEAR(result.minimum, 1, 1e-3);
  TrainProgress at;
  const std::vector<double> falls{4, 4, 3, 3}, stays{4, 3, 4, 3}, below{-3, -3, -4, -4};
  const StopOnPlateau two = stop_on_plateau({.window = 2, .min_decrease = 0.1});
  at.history = falls;
  EXPECT_FALSE(two(at));
  at.history = stays;
  EXPECT_TRUE(two(at));
  at.history = below;
  EXPECT_FALSE(two(at));
  at.history = std::span(stays).first(3);
  EXPECT_FALSE(two(at)) << "two windows are needed";
  EXPECT_THROW(stop_on_plateau({.window = 0}), std::invalid_argument);
  EXPECT_THROW(stop_on_plateau({.min_decrease = -1}), std::invalid_argument);
}

TEST(TimeLimit, EndsTheRun) {
  const auto result =
      train(bowl, start, Adam{.learning_rate = 1e-9}, {.max_iterations = 1'000'000'000}, time_limit(0.02));
  EXPECT_EQ(result.stop_reason, StopReason::halted);
  EXPECT_GE(result.seconds, 0.02);
  EXPECT_LT(result.seconds, 2);
  EXPECT_THROW(time_limit(0), std::invalid_argument);
}

// The training loss falls towards 0; the validation loss is lowest at p = 0.5.
const auto validation = [](const auto& p) { return 3 + (p[0] - 0.5) * (p[0] - 0.5); };

TEST(EarlyStopping, JudgesByTheValidationAndEndsWhenItRises) {
  const auto result =
      train(bowl, start, rule, {.max_iterations = 1000}, early_stopping(validation, {.patience = 3}));
  EXPECT_EQ(result.stop_reason, StopReason::halted);
  ASSERT_GT(result.validations.size(), 4u);
  std::size_t lowest = 0;
  for (std::size_t k = 0; k < result.validations.size(); ++k) {
    EXPECT_EQ(result.validations[k].iteration, 10 * k);
    if (result.validations[k].loss < result.validations[lowest].loss) lowest = k;
  }
  EXPECT_EQ(result.validations.size(), lowest + 4);
  EXPECT_EQ(result.iterations, 10 * (lowest + 3));
  EXPECT_EQ(result.minimum, result.validations[lowest].loss);
  EXPECT_EQ(validation(result.minimizer), result.minimum);
  EXPECT_NEAR(result.minimizer[0], 0.5, 0.06);
  EXPECT_NE(report(result).find("validation   3.25 -> 3.00"), std::string::npos) << report(result);
}

TEST(EarlyStopping, ValidatesOnceAnEpoch) {
  const auto loss = [](const auto& p, const Batch&) { return bowl(p); };
  const auto result =
      train(loss, start, rule, Minibatches(8, {.size = 2}), {.epochs = 3}, validate(validation));
  ASSERT_EQ(result.validations.size(), 4u);
  EXPECT_EQ(result.validations[2].iteration, 8u);
  EXPECT_EQ(result.stop_reason, StopReason::max_iterations);
}

TEST(EarlyStopping, NeverTakesAValidationThatIsNotFinite) {
  const auto holes = [](const auto& p) {
    return p[0] < 0.9 ? (p[0] < 0.5 ? std::numeric_limits<double>::quiet_NaN()
                                    : -std::numeric_limits<double>::infinity())
                      : validation(p);
  };
  const auto result =
      train(bowl, start, rule, {.max_iterations = 100}, early_stopping(holes, {.patience = 3, .every = 1}));
  EXPECT_GE(result.minimizer[0], 0.9);
  EXPECT_TRUE(std::isfinite(result.minimum));
}

TEST(EarlyStopping, RefusesByName) {
  const auto refusal = [](auto call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([] { early_stopping(validation, {.patience = 0}); }),
            "early_stopping: patience: want a number >= 1, got 0");
  EXPECT_EQ(refusal([] { validate(validation, {.every = 0}); }),
            "validate: every: want a number >= 1, got 0");
  EXPECT_EQ(refusal([] { log_csv("x", {.every = 0}); }), "LogOptions.every: want a number >= 1, got 0");
}

class RunFiles : public testing::Test {
 protected:
  RunFiles() { std::filesystem::create_directories(folder_); }
  ~RunFiles() override { std::filesystem::remove_all(folder_); }
  std::string file(const char* name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("costate_callbacks_" + std::to_string(::getpid()));
};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : read_file(path)) {
    if (c != '\n') {
      line += c;
    } else {
      lines.push_back(std::exchange(line, {}));
    }
  }
  EXPECT_EQ(line, "") << "the last line is whole";
  return lines;
}

TEST_F(RunFiles, LogsEveryIteration) {
  const auto result = train(bowl, start, rule, {.max_iterations = 20},
                            callbacks(early_stopping(validation), log_csv(file("a.csv")),
                                      log_json_lines(file("a.jsonl"), {.every = 5})));
  const auto csv = lines_of(file("a.csv")), json = lines_of(file("a.jsonl"));
  ASSERT_EQ(csv.size(), 22u);
  EXPECT_EQ(csv[0], "iteration,epoch,loss,gradient_norm,learning_rate,validation,seconds");
  EXPECT_EQ(csv[1].rfind("0,0,2,2,0.01,3.25,", 0), 0u) << csv[1];
  EXPECT_NE(csv[2].find(",0.01,,"), std::string::npos) << csv[2];
  EXPECT_EQ(std::stod(csv[21].substr(5)), result.history[20]) << "every digit is there";
  ASSERT_EQ(json.size(), 5u);
  EXPECT_EQ(
      json[0].rfind("{\"iteration\":0,\"epoch\":0,\"loss\":2,\"gradient_norm\":2,\"learning_rate\":0.01,"
                    "\"validation\":3.25,\"seconds\":",
                    0),
      0u)
      << json[0];
  EXPECT_EQ(json[1].rfind("{\"iteration\":5,", 0), 0u);
  EXPECT_NE(json[1].find("\"validation\":null"), std::string::npos);
  EXPECT_EQ(json[1].back(), '}');
}

TEST_F(RunFiles, ResumesLogsAndPatienceAsIfNotStopped) {
  const auto run = [&](std::size_t iterations, const char* log, const std::string& checkpoint, bool resume) {
    return train(bowl, start, rule,
                 {.max_iterations = iterations, .checkpoint = checkpoint, .resume = resume},
                 callbacks(early_stopping(validation, {.patience = 4}), log_csv(file(log))));
  };
  const auto whole = run(1000, "whole.csv", "", false);
  run(74, "part.csv", file("a.run"), false);
  // rows that a killed run wrote after its file, the last of them not to its end
  write_file(file("part.csv"), read_file(file("part.csv")) + "75,0,1,1,1,,1\n76,0,1,1");
  const auto rest = run(1000, "part.csv", file("a.run"), true);
  EXPECT_EQ(rest.resumed_at, 74u);
  EXPECT_EQ(rest.iterations, whole.iterations);
  EXPECT_EQ(rest.minimum, whole.minimum);
  EXPECT_EQ(rest.minimizer[0], whole.minimizer[0]);
  EXPECT_EQ(rest.validations.size(), whole.validations.size());
  auto a = lines_of(file("whole.csv")), b = lines_of(file("part.csv"));
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(a[i].substr(0, a[i].rfind(',')), b[i].substr(0, b[i].rfind(','))) << "all but the seconds";
}

TEST_F(RunFiles, LeavesAFileThatIsNoLogAlone) {
  for (const bool json : {false, true}) {
    write_file(file("data.csv"), "t,x\n0,1\n");
    const auto log = json ? log_json_lines(file("data.csv")) : log_csv(file("data.csv"));
    try {
      train(bowl, start, rule, {.max_iterations = 3}, log);
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_NE(std::string(e.what()).find("is no log of a run"), std::string::npos) << e.what();
    }
    EXPECT_EQ(read_file(file("data.csv")), "t,x\n0,1\n");
  }
  EXPECT_THROW(train(bowl, start, rule, {.max_iterations = 3}, log_csv(file("no/such/folder.csv"))),
               std::runtime_error);
  EXPECT_THROW(train(bowl, start, rule, {.max_iterations = 3}, log_csv("/dev/full")), std::runtime_error);
}

TEST_F(RunFiles, ReturnsTheBestWhereTheLogCannotBeWritten) {
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{400, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto result = train(bowl, start, rule, {.max_iterations = 100}, log_csv(file("a.csv")));
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(result.stop_reason, StopReason::not_saved);
  EXPECT_NE(result.message.find(file("a.csv")), std::string::npos) << result.message;
  EXPECT_GT(result.iterations, 2u);
  EXPECT_LT(result.minimum, 2);
}

}  // namespace
}  // namespace costate
