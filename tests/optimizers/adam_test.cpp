#include <costate/optimizers/adam.hpp>

#include <contracts/bounded_optimizer_contract.hpp>

namespace costate {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Adam, OptimizerContract, FloatAndDouble<Adam>);
INSTANTIATE_TYPED_TEST_SUITE_P(Adam, BoundedOptimizerContract, FloatAndDouble<Adam>);

TEST(Adam, FollowsAlgorithm1) {
  const Adam rule{.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3};
  auto state = rule.init<double>(1);
  const double gradients[] = {2.0, -1.0, 0.5, 4.0};
  double x = 1, expected = 1, m = 0, v = 0;
  for (int t = 1; t <= 4; ++t) {
    const double g = gradients[t - 1];
    rule.update(state, std::span<const double>(&g, 1), std::span<double>(&x, 1));
    m = 0.8 * m + 0.2 * g;
    v = 0.9 * v + 0.1 * g * g;
    expected -= 0.1 * (m / (1 - std::pow(0.8, t))) / (std::sqrt(v / (1 - std::pow(0.9, t))) + 1e-3);
    EXPECT_NEAR(x, expected, 1e-15);
  }
}

TEST(Adam, FirstStepIsTheLearningRateWhateverTheScaleOfTheGradient) {
  const Adam rule{.learning_rate = 0.25};
  for (const float g : {1e-3f, 1.0f, 1e6f, 1e15f, -1e30f, 3e38f}) {
    auto state = rule.init<float>(1);
    float x = 0;
    for (int step = 1; step <= 3; ++step) {
      rule.update(state, std::span<const float>(&g, 1), std::span<float>(&x, 1));
      EXPECT_NEAR(x, g > 0 ? -0.25f * float(step) : 0.25f * float(step), 1e-5f) << g;
    }
  }
}

TEST(Adam, RecoversFromAGradientWhoseSquareOverflows) {
  const Adam rule{.learning_rate = 0.1, .beta1 = 0, .beta2 = 0.5};
  auto state = rule.init<float>(1);
  float x = 0, huge = 3e38f, one = 1;
  rule.update(state, std::span<const float>(&huge, 1), std::span<float>(&x, 1));
  for (int i = 0; i < 300; ++i) rule.update(state, std::span<const float>(&one, 1), std::span<float>(&x, 1));
  const float before = x;
  rule.update(state, std::span<const float>(&one, 1), std::span<float>(&x, 1));
  EXPECT_NEAR(before - x, 0.1f, 1e-3f);
}

TEST(Adam, RejectsFieldsOutOfRange) {
  EXPECT_THROW(Adam{.learning_rate = 0}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(Adam{.learning_rate = -1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(Adam{.beta1 = 1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(Adam{.beta2 = -0.1}.init<double>(1), std::invalid_argument);
  EXPECT_THROW(Adam{.epsilon = 0}.init<double>(1), std::invalid_argument);
}

}  // namespace
}  // namespace costate
