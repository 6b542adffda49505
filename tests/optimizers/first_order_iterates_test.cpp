#include <costate/optimizers/adabelief.hpp>
#include <costate/optimizers/adadelta.hpp>
#include <costate/optimizers/adagrad.hpp>
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/adamw.hpp>
#include <costate/optimizers/amsgrad.hpp>
#include <costate/optimizers/lion.hpp>
#include <costate/optimizers/momentum.hpp>
#include <costate/optimizers/nadam.hpp>
#include <costate/optimizers/nesterov.hpp>
#include <costate/optimizers/radam.hpp>
#include <costate/optimizers/rmsprop.hpp>
#include <costate/optimizers/sgd.hpp>

#include <array>
#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace costate {
namespace {

using Point = std::array<double, 2>;

/// After 1, 2, 5, 10 and 40 updates on x₀⁴/4 + x₀x₁/2 + x₁² from (1, −2), with a rate of 0.1 unless it says
/// something else. Computed in double by optax 0.2.8 on JAX, save where the paper's algorithm was written
/// down in ten lines of Python.
using Iterates = std::array<Point, 5>;

Point gradient_at(const Point& x) {
  return {x[0] * x[0] * x[0] + x[1] / 2, x[0] / 2 + 2 * x[1]};
}

template <class Rule>
void expect_iterates(const Rule& rule, const Iterates& wanted, double tolerance = 1e-12) {
  auto state = rule.template init<double>(2);
  Point x{1, -2};
  std::size_t next = 0;
  for (const int stop : {1, 2, 5, 10, 40}) {
    for (; state.step < static_cast<std::uint64_t>(stop);) {
      const Point g = gradient_at(x);
      rule.update(state, std::span<const double>(g), std::span<double>(x));
    }
    EXPECT_NEAR(x[0], wanted[next][0], tolerance) << stop;
    EXPECT_NEAR(x[1], wanted[next][1], tolerance) << stop;
    ++next;
  }
}

TEST(FirstOrder, SGDFollowsOptax) {
  expect_iterates(
      SGD{.learning_rate = 0.1},
      {{Point{1, -1.65}, Point{0.9825, -1.37}, Point{0.8947924656743399, -0.8174263024542313},
        Point{0.7556449465165579, -0.4062683170689387}, Point{0.457461454705416, -0.1205272360464496}}});
}

TEST(FirstOrder, MomentumFollowsOptax) {
  expect_iterates(
      Momentum{.learning_rate = 0.1, .momentum = 0.9},
      {{Point{1, -1.65}, Point{0.9825, -1.055}, Point{0.6413243635941248, 0.7833090148991295},
        Point{-0.6920094055874952, 0.0733117400831913}, Point{0.1834948330285281, -0.1920583398196849}}});
}

TEST(FirstOrder, NesterovFollowsOptax) {
  expect_iterates(
      Nesterov{.learning_rate = 0.1, .momentum = 0.9},
      {{Point{1, -1.335}, Point{0.936825, -0.6391999999999999}, Point{0.466801629056184, 0.5342394292301096},
        Point{-0.4669003754737827, 0.01678418899262547}, Point{-0.2568881146648049, 0.06074737924715357}}});
}

TEST(FirstOrder, MomentumFollowsOptaxAlongACosine) {
  expect_iterates(
      Momentum{.learning_rate = cosine_schedule(0.1, 20)},
      {{Point{1, -1.65}, Point{0.9826077270197925, -1.058662718672946},
        Point{0.6674382072255042, 0.6980474384218988}, Point{-0.2818437711397853, 0.3884668979291691},
        Point{-0.6780431798604937, -0.214806594507631}}});
}

TEST(FirstOrder, AdamFollowsOptax) {
  expect_iterates(
      Adam{.learning_rate = 0.1},
      {{Point{1, -1.900000000285714}, Point{0.9255863386854012, -1.800196489808013},
        Point{0.9404584019020317, -1.503338518857812}, Point{0.8079440340913516, -1.027893610476082},
        Point{-0.6231655057191997, 0.1841139036844562}}});
}

TEST(FirstOrder, AdamWFollowsOptax) {
  expect_iterates(
      AdamW{.learning_rate = 0.1, .weight_decay = 0.01},
      {{Point{0.999, -1.898000000285714}, Point{0.9235873395607856, -1.796302821026457},
        Point{0.9401215517515324, -1.494439322490213}, Point{0.8018515730907099, -1.013137069473985},
        Point{-0.6194510000300837, 0.1821282939175419}}});
}

TEST(FirstOrder, AMSGradFollowsItsPaper) {
  expect_iterates(
      AMSGrad{.learning_rate = 0.1},
      {{Point{1, -1.683772262554588}, Point{0.6837728664374865, -1.263083891636655},
        Point{0.5665102570926562, 0.1593271067232417}, Point{-1.166124436861951, 0.9069141170237469},
        Point{-0.5814581524878054, 0.1277904574897243}}});
}

TEST(FirstOrder, NAdamFollowsOptax) {
  expect_iterates(
      NAdam{.learning_rate = 0.1},
      {{Point{1, -1.852631579368421}, Point{0.8786315819537519, -1.739466611393778},
        Point{0.9178270662672295, -1.436302300805845}, Point{0.7929727118291334, -0.9753533767298239},
        Point{-0.5320813326978544, 0.1426280858862783}}});
}

TEST(FirstOrder, RAdamFollowsOptax) {
  expect_iterates(
      RAdam{.learning_rate = 0.1},
      {{Point{1, -1.65}, Point{0.9907894736842106, -1.336842105263158},
        Point{0.9214190217335142, -0.6012741952814977}, Point{0.9025860309857334, -0.5869734199706793},
        Point{0.6638397414692427, -0.4099301173291811}}});
}

TEST(FirstOrder, RMSPropFollowsOptaxWithEpsilonOutsideTheRoot) {
  expect_iterates(
      RMSProp{.learning_rate = 0.1},
      {{Point{1, -1.683772236840305}, Point{0.6837722972287033, -1.477082228466318},
        Point{0.8489416602391412, -1.059739383653584}, Point{0.702257227656877, -0.6389243999358131},
        Point{0.3549705537030885, -0.0892159552940963}}});
}

// optax has epsilon inside the root: both without
TEST(FirstOrder, AdaGradFollowsOptax) {
  expect_iterates(
      AdaGrad{.learning_rate = 0.1, .epsilon = 1e-300},
      {{Point{1, -1.9}, Point{0.9, -1.8313987131311}, Point{0.9533090564267195, -1.687680296056795},
        Point{0.918698363771554, -1.526684286328269}, Point{0.8046227063216963, -1.028731322072638}}});
}

TEST(FirstOrder, AdaDeltaFollowsOptax) {
  expect_iterates(AdaDelta{}, {{Point{1, -1.995527867695719}, Point{0.9980000013061211, -1.991004413094001},
                                Point{0.9984555728958842, -1.977282821885723},
                                Point{0.990836207976136, -1.954216852840474},
                                Point{0.9672880465748477, -1.816761936151391}}});
}

// optax adds epsilon elsewhere, which makes a difference of 1e-10
TEST(FirstOrder, AdaBeliefFollowsItsPaper) {
  expect_iterates(
      AdaBelief{.learning_rate = 0.1},
      {{Point{1, -1.88888888888889}, Point{0.9173181307180857, -1.772385399533026},
        Point{0.926931870790303, -1.393866540113357}, Point{0.7204264719638791, -0.7186446805833445},
        Point{-0.3525174636104185, 0.1752001389418611}}});
}

TEST(FirstOrder, LionFollowsOptax) {
  expect_iterates(
      Lion{.learning_rate = 0.1, .weight_decay = 0.01},
      {{Point{0.999, -1.898}, Point{0.898001, -1.796102}, Point{0.995209790104999, -1.491018980509898},
        Point{0.8908428838051522, -0.9845777813943175}, Point{-0.7058742960145561, 0.4084203357108257}}});
}

/// Calls `test` with every rule; rates are 0.01.
template <class Test>
void with_each_rule(Test test) {
  const double rate = 0.01;
  test(SGD{.learning_rate = rate});
  test(Momentum{.learning_rate = rate});
  test(Nesterov{.learning_rate = rate});
  test(Adam{.learning_rate = rate});
  test(AdamW{.learning_rate = rate});
  test(AMSGrad{.learning_rate = rate});
  test(NAdam{.learning_rate = rate});
  test(RAdam{.learning_rate = rate});
  test(RMSProp{.learning_rate = rate});
  test(AdaGrad{.learning_rate = rate});
  test(AdaDelta{.learning_rate = rate});
  test(AdaBelief{.learning_rate = rate});
  test(Lion{.learning_rate = rate});
}

TEST(FirstOrder, AGradientThatIsNotFiniteChangesNothing) {
  with_each_rule([](const auto& rule) {
    auto state = rule.template init<float>(2), before = state;
    std::vector<float> x{1, 2};
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      const std::vector<float> g{1, bad};
      rule.update(state, std::span<const float>(g), std::span<float>(x));
      EXPECT_EQ(x, (std::vector<float>{1, 2})) << rule.name;
      EXPECT_TRUE(state.fields() == before.fields()) << rule.name;
    }
  });
}

// the largest gradients leave the running vectors finite, and a component moves again after them
TEST(FirstOrder, NoGradientFreezesAComponent) {
  with_each_rule([](const auto& rule) {
    auto state = rule.template init<float>(1);
    std::vector<float> x{0};
    const auto update = [&](float g) {
      rule.update(state, std::span<const float>(&g, 1), std::span<float>(x));
      for (const auto& running : state.running) {
        for (const float v : running) ASSERT_TRUE(std::isfinite(v)) << rule.name;
      }
    };
    for (int k = 0; k < 30; ++k) update(k % 2 == 0 ? 3e38f : -3.4e38f);
    for (int k = 0; k < 20000; ++k) update(1);
    x[0] = 0;
    for (int k = 0; k < 100; ++k) update(1e10f);
    if (std::string(rule.name) != "AMSGrad" && std::string(rule.name) != "AdaGrad") {
      EXPECT_LT(x[0], 0.0f) << rule.name;  // those two never forget by design
    }
    EXPECT_TRUE(std::isfinite(x[0])) << rule.name;
  });
}

TEST(FirstOrder, ASmallGradientIsNotLostBesideEpsilonInSinglePrecision) {
  for (const float g : {1e-4f, 1.0f, 1e15f}) {
    const Adam rule{.learning_rate = 0.25};
    auto state = rule.init<float>(1);
    float x = 0;
    rule.update(state, std::span<const float>(&g, 1), std::span<float>(&x, 1));
    EXPECT_NEAR(x, -0.25f, 1e-4f) << g;
  }
}

TEST(FirstOrder, WeightDecayPullsToZeroWhereTheGradientIsZero) {
  const double g = 0;
  double x = 2;
  const AdamW adamw{.learning_rate = 0.1, .weight_decay = 0.5};
  auto a = adamw.init<double>(1);
  adamw.update(a, std::span<const double>(&g, 1), std::span<double>(&x, 1));
  EXPECT_DOUBLE_EQ(x, 2 * (1 - 0.1 * 0.5));
  const Lion lion{.learning_rate = 0.1, .weight_decay = constant_schedule(0, 1).then(0.5)};
  auto b = lion.init<double>(1);
  x = 2;
  for (int k = 0; k < 2; ++k) lion.update(b, std::span<const double>(&g, 1), std::span<double>(&x, 1));
  EXPECT_DOUBLE_EQ(x, 2 * (1 - 0.1 * 0.5));
}

TEST(FirstOrder, FieldsOutOfRangeAreNamed) {
  const auto refusal = [](const auto& rule) { return refusal_of([&] { rule.template init<double>(1); }); };
  with_each_rule([&](auto rule) {
    EXPECT_EQ(refusal(rule), "none");
    rule.learning_rate = -1;
    EXPECT_EQ(refusal(rule), std::string(rule.name) + ".learning_rate: want a finite number > 0, got -1");
    rule.learning_rate = constant_schedule(0.1, 3).then(-2);
    EXPECT_EQ(refusal(rule), std::string(rule.name) + ".learning_rate: want a finite number >= 0, got -2");
    rule.learning_rate = constant_schedule(0, 3).then(0);
    EXPECT_EQ(refusal(rule),
              std::string(rule.name) + ".learning_rate: want a rate that is not always 0, got 0");
  });
  EXPECT_EQ(refusal(Momentum{.momentum = 1}), "Momentum.momentum: want a number in [0, 1), got 1");
  EXPECT_EQ(refusal(Nesterov{.momentum = -1}), "Nesterov.momentum: want a number in [0, 1), got -1");
  EXPECT_EQ(refusal(AdamW{.weight_decay = -1}), "AdamW.weight_decay: want a finite number >= 0, got -1");
  EXPECT_EQ(refusal(Lion{.weight_decay = -1}), "Lion.weight_decay: want a finite number >= 0, got -1");
  EXPECT_EQ(refusal(Lion{.beta2 = 1}), "Lion.beta2: want a number in [0, 1), got 1");
  EXPECT_EQ(refusal(AMSGrad{.beta1 = 1}), "AMSGrad.beta1: want a number in [0, 1), got 1");
  EXPECT_EQ(refusal(RAdam{.beta2 = 1}), "RAdam.beta2: want a number in [0, 1), got 1");
  EXPECT_EQ(refusal(RMSProp{.rho = 1}), "RMSProp.rho: want a number in [0, 1), got 1");
  EXPECT_EQ(refusal(AdaDelta{.epsilon = 0}), "AdaDelta.epsilon: want a finite number > 0, got 0");
  EXPECT_EQ(refusal(AdaGrad{.epsilon = 0}), "AdaGrad.epsilon: want a finite number > 0, got 0");
}

}  // namespace
}  // namespace costate
