#include <costate/training/minibatches.hpp>
#include <costate/training/train.hpp>
#include <costate/training/train_step.hpp>

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costate {
namespace {

using Order = std::vector<std::size_t>;

Order order_of(const Minibatches& batches, std::uint64_t seed, std::size_t epoch) {
  Order order;
  batches.write_order(seed, epoch, order);
  return order;
}

TEST(Minibatches, ShowsEverySampleOnceInAnEpoch) {
  for (const std::size_t count : {1u, 2u, 7u, 256u}) {
    const Minibatches batches(count);
    for (const std::size_t epoch : {0u, 1u, 9u}) {
      Order order = order_of(batches, 3, epoch);
      std::sort(order.begin(), order.end());
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(order[i], i);
    }
  }
}

TEST(Minibatches, ShufflesBySeedAndEpochAlone) {
  const Minibatches batches(100);
  EXPECT_EQ(order_of(batches, 1, 2), order_of(batches, 1, 2));
  std::set<Order> all;
  for (std::uint64_t seed : {0, 1, 2})
    for (std::size_t epoch : {0, 1, 2}) all.insert(order_of(batches, seed, epoch));
  EXPECT_EQ(all.size(), 9u);
  const Minibatches in_order(100, {.shuffle = false});
  const Order order = order_of(in_order, 1, 2);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// All n! permutations come equally often: χ² with 23 degrees of freedom lies below 49.7 with probability
// 0.999.
TEST(Minibatches, DrawsPermutationsEvenly) {
  const Minibatches batches(4);
  std::vector<std::pair<Order, int>> seen;
  constexpr int draws = 24000;
  for (int epoch = 0; epoch < draws; ++epoch) {
    const Order order = order_of(batches, 17, std::size_t(epoch));
    const auto place =
        std::find_if(seen.begin(), seen.end(), [&](const auto& s) { return s.first == order; });
    if (place == seen.end())
      seen.emplace_back(order, 1);
    else
      ++place->second;
  }
  ASSERT_EQ(seen.size(), 24u);
  double chi_square = 0;
  for (const auto& [order, times] : seen) chi_square += std::pow(times - draws / 24.0, 2) / (draws / 24.0);
  EXPECT_LT(chi_square, 49.7);
  EXPECT_GT(chi_square, 7);
}

TEST(Minibatches, CountsBatches) {
  EXPECT_EQ(Minibatches(10, {.size = 4}).size(), 3u);
  EXPECT_EQ(Minibatches(10, {.size = 4, .drop_last = true}).size(), 2u);
  EXPECT_EQ(Minibatches(8, {.size = 4, .drop_last = true}).size(), 2u);
  EXPECT_EQ(Minibatches(3, {.size = 4}).size(), 1u);
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "accepted";
}

TEST(Minibatches, RefusesByName) {
  EXPECT_EQ(refusal([] { Minibatches(10, {.size = 0}); }), "Minibatches.size: want a number >= 1, got 0");
  EXPECT_EQ(refusal([] { Minibatches(0); }), "Minibatches: count: want a number >= 1, got 0");
  EXPECT_EQ(refusal([] { Minibatches(3, {.size = 4, .drop_last = true}); }),
            "Minibatches.size: want at most the count where the smaller batch is dropped, got 4");
}

TEST(TrainStep, DrawsAKeyOfItsOwnForEveryIteration) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed : {0, 1})
    for (std::size_t i = 0; i < 100; ++i) keys.insert(detail::train_step(seed, i, 8).key);
  EXPECT_EQ(keys.size(), 200u);
  const TrainStep step = detail::train_step(1, 19, 8);
  EXPECT_EQ(step.epoch, 2u);
  EXPECT_EQ(step.batch, 3u);
  EXPECT_EQ(step.key, detail::train_step(1, 19, 8).key);
}

// Mean of the squared distance to the samples of a batch.
const std::vector<double> samples{1, 2, 3, 4, 5, 6, 7};
const auto distance = [](const auto& p, const Batch& batch) {
  auto total = 0.0 * p[0];
  for (const std::size_t i : batch) total = total + (p[0] - samples[i]) * (p[0] - samples[i]);
  return total / double(batch.size());
};

TEST(TrainOnBatches, MakesItsEpochs) {
  std::vector<Order> seen;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  const auto loss = [&](const auto& p, const Batch& batch) {
    if constexpr (!PlainScalar<scalar_of<decltype(p)>>) {
      seen.emplace_back(batch.begin(), batch.end());
      places.emplace_back(batch.epoch(), batch.index());
    }
    return distance(p, batch);
  };
  const Minibatches batches(7, {.size = 3});
  const auto result = train(loss, Vector{0.0}, Adam{.learning_rate = 0.1}, batches, {.epochs = 4, .seed = 9});
  EXPECT_EQ(result.iterations, 12u);
  EXPECT_EQ(result.epochs, 4u);
  EXPECT_EQ(result.message, "all epochs were made");
  ASSERT_EQ(seen.size(), 13u);  // one at the start, one after every update
  for (std::size_t epoch = 0; epoch < 4; ++epoch) {
    Order all;
    for (std::size_t b = 0; b < 3; ++b) {
      const Order& batch = seen[3 * epoch + b];
      EXPECT_EQ(batch.size(), b < 2 ? 3u : 1u);
      EXPECT_EQ(places[3 * epoch + b], std::pair(epoch, b));
      all.insert(all.end(), batch.begin(), batch.end());
    }
    EXPECT_EQ(all, order_of(batches, 9, epoch));
  }
}

TEST(TrainOnBatches, JudgesByTheMeanOfAnEpoch) {
  std::vector<double> shown;
  const auto result = train(distance, Vector{0.0}, Adam{.learning_rate = 0.3}, Minibatches(7, {.size = 2}),
                            {.epochs = 30}, [&](const auto& p, double) {
                              shown.push_back(p[0]);
                              return false;
                            });
  double lowest = std::numeric_limits<double>::infinity();
  std::size_t at = 0;
  for (std::size_t epoch = 0; epoch < 30; ++epoch) {
    double sum = 0;
    for (std::size_t b = 0; b < 4; ++b) sum += result.history[4 * epoch + b];
    if (sum / 4 < lowest) {
      lowest = sum / 4;
      at = 4 * epoch + 3;
    }
  }
  EXPECT_EQ(result.minimum, lowest);
  EXPECT_EQ(result.minimizer[0], shown[at]);
  EXPECT_NEAR(result.minimizer[0], 4, 0.7);
}

TEST(TrainOnBatches, StopsAtTheFirstOfItsLimits) {
  const Minibatches batches(7, {.size = 3});
  EXPECT_EQ(train(distance, Vector{0.0}, Adam{}, batches, {.max_iterations = 5, .epochs = 4}).iterations, 5u);
  EXPECT_EQ(train(distance, Vector{0.0}, Adam{}, batches, {.max_iterations = 50, .epochs = 4}).iterations,
            12u);
  EXPECT_EQ(train(distance, Vector{0.0}, Adam{}, batches).iterations, 1000u);
  EXPECT_EQ(refusal([] {
              train([](const auto& p) { return p[0] * p[0]; }, Vector{0.0}, Adam{},
                    TrainOptions{.epochs = 2});
            }),
            "TrainOptions.epochs: want it unset where the loss takes no batches, got 2");
}

struct Measured {
  double x, y;
};

TEST(TrainOnBatches, HandsElementsOfAnyRangeToTheLoss) {
  const std::vector<std::vector<Measured>> parts{{{1, 2}, {2, 4}}, {{3, 6}}};
  const auto loss = [](const auto& p, const std::vector<Measured>& part) {
    auto total = 0.0 * p[0];
    for (const Measured& m : part) total = total + (p[0] * m.x - m.y) * (p[0] * m.x - m.y);
    return total;
  };
  const auto result = train(loss, Vector{0.0}, Adam{.learning_rate = 0.05}, parts, {.epochs = 300});
  EXPECT_EQ(result.iterations, 600u);
  EXPECT_NEAR(result.minimizer[0], 2, 1e-2);
  EXPECT_EQ(refusal([&] { train(loss, Vector{0.0}, Adam{}, std::vector<std::vector<Measured>>{}); }),
            "train: the batches: want at least one, got 0");
}

TEST(TrainOnBatches, GivesTheRestOfTheBatchThatGaveTheLoss) {
  const auto loss = [](const auto& p, const Batch& batch) {
    auto value = distance(p, batch);
    if (batch.index() == 2) value = value * std::numeric_limits<double>::quiet_NaN();
    return std::tuple(value, double(batch.index()), distance(p, batch));
  };
  std::size_t calls = 0;
  const auto result = train(loss, Vector{0.0}, Adam{.learning_rate = 0.3}, Minibatches(7, {.size = 2}),
                            {.epochs = 20}, [&](const auto&, double value, double index, double again) {
                              EXPECT_NE(index, 2);
                              EXPECT_NEAR(again, value, 1e-12 * value);
                              ++calls;
                              return false;
                            });
  EXPECT_EQ(result.skipped, 20u);
  EXPECT_EQ(calls, 81u);
}

TEST(TrainOnBatches, RefusesALineSearchWhereTheLossChanges) {
  const std::string text = refusal([] { train(distance, Vector{0.0}, BFGS{}, Minibatches(7, {.size = 3})); });
  EXPECT_EQ(
      text,
      "train: the optimizer: want an update rule, such as Adam, for a loss that changes from iteration to "
      "iteration, got BFGS");
  const auto whole = train(distance, Vector{0.0}, BFGS{}, Minibatches(7, {.size = 7}));
  EXPECT_NEAR(whole.minimizer[0], 4, 1e-6);
  EXPECT_EQ(refusal([] {
              train([](const auto& p, const TrainStep&) { return p[0]; }, Vector{0.0}, LBFGS{});
            }).find("train: the optimizer"),
            0u);
}

TEST(TrainOnSteps, DrawsTheSameNoiseForTheSameSeed) {
  std::vector<std::size_t> iterations;
  const auto loss = [&](const auto& p, const TrainStep& step) {
    if constexpr (!PlainScalar<scalar_of<decltype(p)>>) iterations.push_back(step.iteration);
    const double noise = double(step.key >> 11) * 0x1p-53 - 0.5;
    return (p[0] - 1 - noise) * (p[0] - 1 - noise);
  };
  const auto run = [&](std::uint64_t seed) {
    return train(loss, Vector{0.0}, Adam{.learning_rate = 0.05}, {.max_iterations = 400, .seed = seed});
  };
  const auto result = run(4);
  for (std::size_t i = 0; i < 401; ++i) EXPECT_EQ(iterations[i], i);
  EXPECT_EQ(result.last[0], run(4).last[0]);
  EXPECT_NE(result.last[0], run(5).last[0]);
  EXPECT_NEAR(result.last[0], 1, 0.2);
  // the variance of the noise, 1 / 12, is what the mean of ten comes near to; a lucky draw would be near 0
  EXPECT_GT(result.minimum, 0.01);
}

TEST(TrainOnSteps, TakesBatchAndStepTogether) {
  const auto loss = [](const auto& p, const Batch& batch, const TrainStep& step) {
    EXPECT_EQ(step.batch, batch.index());
    EXPECT_EQ(step.epoch, batch.epoch());
    return distance(p, batch);
  };
  EXPECT_EQ(train(loss, Vector{0.0}, Adam{}, Minibatches(7, {.size = 3}), {.epochs = 2}).iterations, 6u);
}

}  // namespace
}  // namespace costate
