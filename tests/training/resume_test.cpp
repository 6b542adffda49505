#include <costate/data/file.hpp>
#include <costate/training/train.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace costate {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for every test, gone afterwards.
class Resume : public testing::Test {
 protected:
  Resume() : folder_(fs::temp_directory_path() / ("costate_resume_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~Resume() override { fs::remove_all(folder_); }
  std::string file(const char* name = "a.run") const { return (folder_ / name).string(); }

  fs::path folder_;
};

const auto rosenbrock = [](const auto& p) {
  const auto a = 1 - p[0], b = p[1] - p[0] * p[0];
  return a * a + 100 * b * b;
};
const Vector start{-1.2, 1.0};

const std::vector<double> samples{1, 2, 3, 4, 5, 6, 7};
const auto distance = [](const auto& p, const Batch& batch) {
  auto total = 0.0 * p[0];
  for (const std::size_t i : batch)
    total = total + (p[0] - samples[i]) * (p[0] - samples[i]) + 0.1 * p[1] * p[1];
  return total / double(batch.size());
};

template <class Result>
void expect_same(const Result& a, const Result& b) {
  EXPECT_EQ(std::vector(a.last.begin(), a.last.end()), std::vector(b.last.begin(), b.last.end()));
  EXPECT_EQ(std::vector(a.minimizer.begin(), a.minimizer.end()),
            std::vector(b.minimizer.begin(), b.minimizer.end()));
  EXPECT_EQ(a.minimum, b.minimum);
  EXPECT_EQ(a.last_loss, b.last_loss);
  EXPECT_EQ(a.initial_loss, b.initial_loss);
  EXPECT_EQ(a.gradient_norm, b.gradient_norm);
  EXPECT_EQ(a.history, b.history);
  EXPECT_EQ(a.iterations, b.iterations);
  EXPECT_EQ(a.evaluations, b.evaluations);
  EXPECT_EQ(a.skipped, b.skipped);
  EXPECT_EQ(a.stop_reason, b.stop_reason);
  EXPECT_EQ(a.message, b.message);
}

template <class Optimizer, class P>
void stop_and_go_on(const Optimizer& optimizer, const P& from, const std::string& file) {
  const auto whole = train(rosenbrock, from, optimizer, {.max_iterations = 60});
  for (const std::size_t stop : {1u, 7u, 25u}) {
    const auto part = train(rosenbrock, from, optimizer, {.max_iterations = stop, .checkpoint = file});
    EXPECT_EQ(part.iterations, stop);
    const auto rest =
        train(rosenbrock, from, optimizer, {.max_iterations = 60, .checkpoint = file, .resume = true});
    EXPECT_EQ(rest.resumed_at, stop);
    expect_same(rest, whole);
  }
}

TEST_F(Resume, GivesTheBitsOfARunThatDidNotStop) {
  stop_and_go_on(Adam{.learning_rate = 0.05}, start, file());
  stop_and_go_on(BFGS{}, start, file());
  stop_and_go_on(LBFGS{.history = 3}, start, file());
  stop_and_go_on(Adam{.learning_rate = 0.05}, Vector{-1.2f, 1.0f}, file());
  stop_and_go_on(BFGS{}, Vector{-1.2f, 1.0f}, file());
}

TEST_F(Resume, GoesOnInTheMiddleOfAnEpoch) {
  const Minibatches batches(7, {.size = 2});
  const auto run = [&](const TrainOptions& options) {
    return train(distance, start, Adam{.learning_rate = 0.1}, batches, options);
  };
  const auto whole = run({.epochs = 20, .seed = 5});
  for (const std::size_t stop : {2u, 4u, 17u, 80u}) {
    run({.max_iterations = stop, .seed = 5, .checkpoint = file()});
    expect_same(run({.epochs = 20, .seed = 5, .checkpoint = file(), .resume = true}), whole);
  }
}

TEST_F(Resume, GoesOnWhereNoiseAndSkippedStepsAre) {
  const auto loss = [](const auto& p, const TrainStep& step) {
    auto value = rosenbrock(p) * (1 + double(step.key >> 40) * 1e-8);
    if (step.iteration % 5 > 2) value = value * std::numeric_limits<double>::quiet_NaN();
    return value;
  };
  const auto run = [&](const TrainOptions& options) {
    return train(loss, start, Adam{.learning_rate = 0.02}, options);
  };
  const auto whole = run({.max_iterations = 50, .seed = 2});
  EXPECT_GT(whole.skipped, 10u);
  for (const std::size_t stop : {3u, 4u, 5u, 23u}) {
    run({.max_iterations = stop, .seed = 2, .checkpoint = file()});
    expect_same(run({.max_iterations = 50, .seed = 2, .checkpoint = file(), .resume = true}), whole);
  }
}

TEST_F(Resume, StartsWhereThereIsNoFileAndEndsWhereAllIsDone) {
  const TrainOptions options{.max_iterations = 20, .checkpoint = file(), .resume = true};
  const auto first = train(rosenbrock, start, BFGS{}, options);
  EXPECT_EQ(first.resumed_at, 0u);
  std::size_t calls = 0;
  const auto again =
      train(rosenbrock, start, BFGS{}, options, [&](const auto&, double) { return ++calls > 0; });
  EXPECT_EQ(again.resumed_at, 20u);
  EXPECT_EQ(calls, 0u);
  expect_same(again, first);
}

TEST_F(Resume, ShowsItsCallbackOnlyWhatIsNew) {
  std::vector<std::size_t> shown;
  const auto callback = [&](const auto& p, double loss, TrainProgress& at) {
    EXPECT_NEAR(loss, rosenbrock(p), 1e-9 * loss);
    EXPECT_EQ(at.history.size(), at.iteration + 1);
    EXPECT_EQ(at.first, shown.empty());
    shown.push_back(at.iteration);
    return false;
  };
  train(rosenbrock, start, Adam{}, {.max_iterations = 3, .checkpoint = file()});
  train(rosenbrock, start, Adam{}, {.max_iterations = 6, .checkpoint = file(), .resume = true}, callback);
  EXPECT_EQ(shown, (std::vector<std::size_t>{4, 5, 6}));
}

TEST_F(Resume, GoesOnAfterCtrlCWithTheSameBits) {
  std::size_t evaluations = 0;
  const auto interrupted = [&](const auto& p) {
    if (++evaluations == 20) std::raise(SIGINT);
    return rosenbrock(p);
  };
  const auto whole = train(rosenbrock, start, BFGS{}, {.max_iterations = 30});
  const auto part = train(interrupted, start, BFGS{}, {.max_iterations = 30, .checkpoint = file()});
  EXPECT_EQ(part.stop_reason, StopReason::interrupted);
  expect_same(train(rosenbrock, start, BFGS{}, {.max_iterations = 30, .checkpoint = file(), .resume = true}),
              whole);
}

template <class Call>
std::string failure(Call call) {
  try {
    call();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST_F(Resume, RefusesAFileThatIsNotOfThisRunAndLeavesItAlone) {
  train(rosenbrock, start, Adam{}, {.max_iterations = 5, .seed = 3, .checkpoint = file()});
  const std::string whole = read_file(file());
  const auto refuses = [&](const std::string& bytes, const std::string& reason) {
    write_file(file(), bytes);
    const std::string text = failure([&] {
      train(rosenbrock, start, Adam{},
            {.max_iterations = 9, .seed = 3, .checkpoint = file(), .resume = true});
    });
    EXPECT_NE(text.find(file()), std::string::npos) << text;
    EXPECT_NE(text.find(reason), std::string::npos) << text;
    EXPECT_EQ(read_file(file()), bytes);
  };
  refuses("a,b\n1,2\n", "it is not a run of costate");
  refuses("", "it is not a run of costate");
  refuses(whole.substr(0, 15), "it is truncated");
  refuses(whole.substr(0, whole.size() - 1), "it is truncated");
  refuses(whole + "x", "it is longer than it says");
  std::string changed = whole;
  changed[whole.size() / 2] ^= 1;
  refuses(changed, "the checksum is another");
  std::string newer = whole;
  newer[8] = 9;
  refuses(newer, "its format is version 9, this costate reads version 1");

  write_file(file(), whole);
  const auto refused = [&](auto run, const std::string& reason) {
    const std::string text = failure(run);
    EXPECT_NE(text.find(reason), std::string::npos) << text;
    EXPECT_EQ(read_file(file()), whole);
  };
  const TrainOptions again{.max_iterations = 9, .seed = 3, .checkpoint = file(), .resume = true};
  refused([&] { train(rosenbrock, start, BFGS{}, again); }, "it was made by Adam, this run is by BFGS");
  refused(
      [&] {
        train(rosenbrock, Vector{1.0, 1.0, 1.0}, Adam{}, again);
      },
      "it has parameters: 2, this run 3");
  refused(
      [&] {
        train(rosenbrock, Vector{1.0f, 1.0f}, Adam{}, again);
      },
      "it has bytes of a number: 8, this run 4");
  TrainOptions other_seed = again;
  other_seed.seed = 4;
  refused([&] { train(rosenbrock, start, Adam{}, other_seed); }, "it has seed 3, this run 4");
  refused([&] { train(distance, start, Adam{}, Minibatches(7), again); },
          "it has batches in an epoch: 0, this run 1");
}

TEST_F(Resume, RefusesTheStateOfOtherSettings) {
  train(rosenbrock, start, LBFGS{.history = 3}, {.max_iterations = 5, .checkpoint = file()});
  const std::string text = failure([&] {
    train(rosenbrock, start, LBFGS{.history = 4},
          {.max_iterations = 9, .checkpoint = file(), .resume = true});
  });
  EXPECT_NE(text.find("it holds a list of 6 numbers where 8 were expected"), std::string::npos) << text;
}

TEST_F(Resume, NeverReplacesAFileThatIsNoRun) {
  write_file(file(), "my only copy\n");
  const std::string text =
      failure([&] { train(rosenbrock, start, Adam{}, {.max_iterations = 5, .checkpoint = file()}); });
  EXPECT_NE(text.find("it is not a run of costate, so it is not replaced by one"), std::string::npos) << text;
  EXPECT_EQ(read_file(file()), "my only copy\n");
}

struct Forgetful {
  static constexpr const char* name = "Forgetful";
  template <class T>
  struct State {};
  template <class T>
  State<T> init(std::size_t) const {
    return {};
  }
  template <class T>
  void update(State<T>&, std::span<const T> g, std::span<T> x) const {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= T(1e-3) * g[i];
  }
};

TEST_F(Resume, WantsAnOptimizerThatNamesItsFields) {
  try {
    train(rosenbrock, start, Forgetful{}, {.checkpoint = file()});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(),
                 "TrainOptions.checkpoint: want an optimizer whose State names its fields(), got Forgetful");
  }
}

TEST_F(Resume, SaysBeforeAnyWorkThatTheFileCannotBeWritten) {
  for (const std::string& path : {std::string("/dev/full"), file("no/such/folder.run")}) {
    std::size_t evaluations = 0;
    const auto loss = [&](const auto& p) {
      ++evaluations;
      return rosenbrock(p);
    };
    const std::string text = failure([&] { train(loss, start, Adam{}, {.checkpoint = path}); });
    EXPECT_NE(text.find("cannot write '" + path + "'"), std::string::npos) << text;
    EXPECT_LE(evaluations, 1u);
  }
}

TEST_F(Resume, ReturnsTheBestWhereTheDiskFillsUp) {
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const auto result =
      train(rosenbrock, start, BFGS{}, {.max_iterations = 40, .checkpoint = file(), .checkpoint_every = 1},
            [&](const auto&, double, TrainProgress& at) {
              const rlimit full{at.iteration < 10 ? old.rlim_cur : 64, old.rlim_max};
              setrlimit(RLIMIT_FSIZE, &full);
              return false;
            });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(result.stop_reason, StopReason::not_saved);
  EXPECT_NE(result.message.find(file()), std::string::npos) << result.message;
  EXPECT_EQ(result.iterations, 10u);
  EXPECT_LT(result.minimum, result.initial_loss);
  EXPECT_NEAR(rosenbrock(result.minimizer), result.minimum, 1e-12);
  // the file of the iteration before is whole
  const auto rest =
      train(rosenbrock, start, BFGS{}, {.max_iterations = 40, .checkpoint = file(), .resume = true});
  EXPECT_EQ(rest.resumed_at, 9u);
  EXPECT_EQ(rest.last[0], train(rosenbrock, start, BFGS{}, {.max_iterations = 40}).last[0]);
}

/// Iterations that a run was told of before it was killed, at a random moment after its first news.
std::size_t run_until_killed(const std::string& file, const Adam& rule, unsigned microseconds) {
  int news[2];
  EXPECT_EQ(::pipe(news), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    train(rosenbrock, start, rule,
          {.max_iterations = 1'000'000, .checkpoint = file, .resume = true, .checkpoint_every = 1},
          [&](const auto&, double, TrainProgress& at) {
            return ::write(news[1], &at.iteration, sizeof at.iteration) < 0;
          });
    ::_exit(0);
  }
  ::close(news[1]);
  std::size_t told = 0, next = 0;
  const auto hear = [&] { return ::read(news[0], &next, sizeof next) == sizeof next; };
  if (hear()) told = next;
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (hear()) told = next;
  ::close(news[0]);
  return told;
}

TEST_F(Resume, LosesAtMostTheLastStepWhereItIsKilled) {
  const Adam rule{.learning_rate = 0.01};
  const auto whole = train(rosenbrock, start, rule, {.max_iterations = 2000});
  std::size_t done = 0;
  unsigned random = 1;
  for (int kills = 0; kills < 30; ++kills) {
    random = random * 1103515245u + 12345u;
    const std::size_t told = run_until_killed(file(), rule, random / 65536 % 12000);
    if (!fs::exists(file())) {
      EXPECT_EQ(told, 0u);
      continue;
    }
    const auto kept =
        train(rosenbrock, start, rule, {.max_iterations = 1, .checkpoint = file(), .resume = true});
    EXPECT_GE(kept.iterations + 1, told);
    EXPECT_GE(kept.iterations, done);
    done = kept.iterations;
    ASSERT_LT(done, whole.history.size());
    EXPECT_TRUE(std::equal(kept.history.begin(), kept.history.end(), whole.history.begin()));
  }
  EXPECT_GT(done, 0u);
  // a kill in the middle of a write leaves the new file beside the old one
  std::size_t unfinished = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) unfinished += entry.path().extension() == ".new";
  EXPECT_GT(unfinished, 0u) << "no kill came in the middle of a write";
}

}  // namespace
}  // namespace costate
