#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/adamw.hpp>
#include <costate/optimizers/chain.hpp>
#include <costate/optimizers/gradient_transformations.hpp>
#include <costate/optimizers/sgd.hpp>

#include <contracts/optimizer_contract.hpp>
#include <contracts/refusal.hpp>

namespace costate {

using ClippedAdam = decltype(chain(clip_by_norm(1.0), scale(1.0), Adam{}));
template <>
struct ContractSettings<ClippedAdam> : ContractSettings<Adam> {
  static ClippedAdam with(double rate) {
    return chain(clip_by_norm(1.0), scale(1.0), Adam{.learning_rate = rate});
  }
};

namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Chain, OptimizerContract, FloatAndDouble<ClippedAdam>);

using Point = std::vector<double>;

Point gradient_at(const Point& x) {
  return {x[0] * x[0] * x[0] + x[1] / 2, x[0] / 2 + 2 * x[1]};
}

/// x after each update on x₀⁴/4 + x₀x₁/2 + x₁² from (1, −2)
template <class Rule>
std::vector<Point> path(const Rule& rule, int updates) {
  auto state = rule.template init<double>(2);
  std::vector<Point> all{{1, -2}};
  for (int k = 0; k < updates; ++k) {
    Point x = all.back();
    const Point g = gradient_at(x);
    rule.update(state, std::span<const double>(g), std::span<double>(x));
    all.push_back(x);
  }
  return all;
}

void expect_near(const Point& x, const Point& wanted) {
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], wanted[i], 1e-13);
}

/// What is left of `gradient` after one pass through `part`.
template <class Part, class T>
std::vector<T> transformed(const Part& part, std::vector<T> gradient, const std::vector<T>& x) {
  auto state = part.template init<T>(x.size());
  EXPECT_TRUE(part.transform(state, std::span<T>(gradient), std::span<const T>(x)));
  return gradient;
}

TEST(Chain, HasTheNamesOfItsParts) {
  EXPECT_STREQ(decltype(chain(clip_by_norm(1.0), AdamW{}))::name, "chain(clip_by_norm, AdamW)");
  EXPECT_STREQ(decltype(chain(SGD{}))::name, "chain(SGD)");
}

// optax 0.2.8 in double precision: chain(clip_by_global_norm(1), adamw(cosine_decay_schedule(0.1, 20),
// weight_decay=0.01))
TEST(Chain, FollowsOptax) {
  const auto rule =
      chain(clip_by_norm(1.0), AdamW{.learning_rate = cosine_schedule(0.1, 20), .weight_decay = 0.01});
  const auto x = path(rule, 40);
  expect_near(x[1], {0.999, -1.898000001});
  expect_near(x[2], {0.9240516170870787, -1.796729543493529});
  expect_near(x[5], {0.9395886814065781, -1.509375434414028});
  expect_near(x[10], {0.8324413983193261, -1.14374206794047});
  expect_near(x[40], {0.7815288945832489, -0.9342030941975719});
}

TEST(Chain, WaitsForTheMeanOfSeveralGradients) {
  const auto waiting = path(chain(accumulate_gradients(4), Adam{.learning_rate = 0.1}), 40);
  const auto adam = path(Adam{.learning_rate = 0.1}, 10);
  for (std::size_t k = 0; k <= 40; ++k) EXPECT_EQ(waiting[k], adam[k / 4]);

  const auto rule = chain(accumulate_gradients(3), SGD{.learning_rate = 1});
  auto state = rule.init<double>(1);
  double x = 0;
  for (const double g : {1.0, 2.0, 6.0, 30.0, 10.0, 20.0}) {
    rule.update(state, std::span<const double>(&g, 1), std::span<double>(&x, 1));
  }
  EXPECT_DOUBLE_EQ(x, -3 - 20);
}

// optax 0.2.8: chain(add_decayed_weights(0.1), sgd(0.1))
TEST(Chain, DecaysLikeOptax) {
  const auto x = path(chain(add_weight_decay(0.1), SGD{.learning_rate = 0.1}), 40);
  expect_near(x[1], {0.99, -1.63});
  expect_near(x[2], {0.9645701, -1.3372});
  expect_near(x[5], {0.861807906152423, -0.7710560466736608});
  expect_near(x[10], {0.7100319460609182, -0.366305485032109});
  expect_near(x[40], {0.3795194058253051, -0.09681542581121311});
}

TEST(Chain, OfARuleAloneIsTheRule) {
  EXPECT_EQ(path(chain(Adam{.learning_rate = 0.1}), 20), path(Adam{.learning_rate = 0.1}, 20));
  EXPECT_EQ(path(chain(clip_by_norm(1.0), chain(scale(0.5), SGD{})), 20),
            path(chain(clip_by_norm(1.0), scale(0.5), SGD{}), 20));
}

TEST(Chain, ActsInTheOrderOfItsParts) {
  const auto first_step = [](const auto& rule) { return path(rule, 1).back()[1] + 2; };
  EXPECT_NEAR(first_step(chain(scale(0.5), clip_by_value(1.0), SGD{.learning_rate = 1})), 1, 1e-15);
  EXPECT_NEAR(first_step(chain(clip_by_value(1.0), scale(0.5), SGD{.learning_rate = 1})), 0.5, 1e-15);
}

TEST(Chain, ScalesByASchedule) {
  EXPECT_EQ(path(chain(scale(constant_schedule(0, 3).then(1)), SGD{}), 3).back(), (Point{1, -2}));
  EXPECT_NE(path(chain(scale(constant_schedule(0, 3).then(1)), SGD{}), 4).back(), (Point{1, -2}));
}

TEST(Chain, KeepsTheDirectionOfAGradientThatItClips) {
  expect_near(transformed(clip_by_norm(1.0), Point{3, -4}, Point{0, 0}), {0.6, -0.8});
  expect_near(transformed(clip_by_norm(10.0), Point{3, -4}, Point{0, 0}), {3, -4});
  expect_near(transformed(clip_by_norm(1.0), Point{0, 0}, Point{0, 0}), {0, 0});
  expect_near(transformed(clip_by_norm(1.0), Point{3e300, -4e300}, Point{0, 0}), {0.6, -0.8});
  const auto huge =
      transformed(clip_by_norm(1.0), std::vector<float>{3e38f, -3e38f}, std::vector<float>{0, 0});
  EXPECT_NEAR(huge[0], std::sqrt(0.5f), 1e-6f);
  EXPECT_NEAR(huge[1], -std::sqrt(0.5f), 1e-6f);
  expect_near(transformed(clip_by_value(2.0), Point{3, -1}, Point{0, 0}), {2, -1});
}

TEST(Chain, AGradientThatIsNotFiniteChangesNothing) {
  const auto rule = chain(accumulate_gradients(2), Adam{});
  auto state = rule.init<double>(2);
  Point x{1, 2};
  const auto update = [&](const Point& g) {
    rule.update(state, std::span<const double>(g), std::span<double>(x));
  };
  update({1, 1});
  const auto before = state;
  update({1, std::numeric_limits<double>::quiet_NaN()});
  update({std::numeric_limits<double>::infinity(), 1});
  EXPECT_EQ(std::get<0>(state.parts).running, std::get<0>(before.parts).running);
  EXPECT_EQ(std::get<0>(state.parts).step, 1u);
  EXPECT_EQ(x, (Point{1, 2}));
  update({1, 1});
  EXPECT_NE(x, (Point{1, 2}));
}

TEST(Chain, PartsOutOfRangeAreNamed) {
  const auto refusal = [](const auto& part) {
    return refusal_of([&] { chain(part, SGD{}).template init<double>(1); });
  };
  EXPECT_EQ(refusal(clip_by_norm(0)), "clip_by_norm.max_norm: want a number > 0, got 0");
  EXPECT_EQ(refusal(clip_by_value(-1)), "clip_by_value.max_value: want a number > 0, got -1");
  EXPECT_EQ(refusal(add_weight_decay(-1)),
            "add_weight_decay.weight_decay: want a finite number >= 0, got -1");
  EXPECT_EQ(refusal(scale(-1)), "scale.factor: want a finite number >= 0, got -1");
  EXPECT_EQ(refusal(accumulate_gradients(0)), "accumulate_gradients.count: want a number >= 1, got 0");
  EXPECT_EQ(refusal_of([] { chain(clip_by_norm(1.0), SGD{.learning_rate = -1}).init<float>(1); }),
            "SGD.learning_rate: want a finite number > 0, got -1");
}

}  // namespace
}  // namespace costate
