#include <costate/control/i_controller.hpp>

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace costate {
namespace {

constexpr double factor_error = 5e-3;  // of two short functions in a row

TEST(IController, GivesTheFactorOfItsFormula) {
  const IController controller;
  for (const int order : {1, 2, 4, 7}) {
    auto state = controller.start(order);
    for (double e = 1e-9; e < 1e9; e *= 2.7) {
      const double formula = 0.9 * std::pow(e, -1.0 / (order + 1));
      if (e <= 1) {
        EXPECT_NEAR(controller.accept(state, e * e) / std::clamp(formula, 0.2, 10.0), 1.0, factor_error);
      } else {
        EXPECT_NEAR(controller.reject(state, e * e) / std::max(formula, 0.2), 1.0, factor_error);
      }
    }
  }
}

TEST(IController, HasNoMemory) {
  const IController controller;
  auto state = controller.start(4);
  const double before = controller.accept(state, 0.25);
  controller.accept(state, 1e-10);
  controller.reject(state, 1e10);
  EXPECT_EQ(controller.accept(state, 0.25), before);
}

TEST(IController, StaysWithinItsBounds) {
  const IController controller{.gamma = 0.8, .qmin = 0.5, .qmax = 2.0};
  auto state = controller.start(4);
  EXPECT_NEAR(controller.accept(state, 0.0), 2.0, 2.0 * factor_error);
  EXPECT_NEAR(controller.accept(state, 1.0), 0.8, factor_error);
  EXPECT_NEAR(controller.reject(state, 1e300), 0.5, factor_error);
  EXPECT_LT(controller.reject(state, 1.0 + 1e-15), 1.0);
  // where gamma leaves nothing, a factor of 1 would try the same step for ever
  const IController bold{.gamma = 0.9999};
  EXPECT_LT(bold.reject(bold.start(4), 1.0 + 1e-15), 0.995);
}

}  // namespace
}  // namespace costate
