#include <costate/control/dead_band.hpp>
#include <costate/control/i_controller.hpp>
#include <costate/control/no_growth_after_rejection.hpp>
#include <costate/control/pid_controller.hpp>
#include <costate/control/with_control.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/erased_problem.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <model_problems/lotka_volterra.hpp>
#include <stdexcept>
#include <string>

namespace costate {
namespace {

template <class Controller>
std::string refusal(const Controller& controller) {
  try {
    (void)controller.start(4);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(BadControl, NamesTheFieldWhatWasWantedAndWhatWasGiven) {
  EXPECT_EQ(refusal(IController{.gamma = 1.5}), "IController.gamma: want a number in (0, 1), got 1.5");
  EXPECT_EQ(refusal(IController{.qmin = 1.5}), "IController.qmin: want a number in (0, 1), got 1.5");
  EXPECT_EQ(refusal(IController{.qmax = 0.5}), "IController.qmax: want a finite number >= 1, got 0.5");
  EXPECT_EQ(refusal(PIController{.beta1 = -0.1, .beta2 = 0.04}),
            "PIController.beta1: want a finite number > 0, got -0.1");
  EXPECT_EQ(refusal(PIController{.beta1 = 0.1, .beta2 = 0.04, .qmin = 0.0}),
            "PIController.qmin: want a number in (0, 1), got 0");
  EXPECT_EQ(refusal(PIController{.beta1 = 0.25, .beta2 = 0.5}),
            "PIController: the weight of an error that stays: want a number > 0, got -0.25");
  EXPECT_EQ(refusal(PIDController{.beta1 = 0.5, .beta2 = -0.75}),
            "PIDController: the weight of an error that stays: want a number > 0, got -0.25");
  EXPECT_EQ(refusal(PIDController{.beta1 = 0.5, .accept_safety = 1.0}),
            "PIDController.accept_safety: want a number in [0.3, 1), got 1");
  EXPECT_EQ(refusal(DeadBand{IController{}, {.qsteady_min = 1.1}}),
            "DeadBand.qsteady_min: want a number in (0, 1], got 1.1");
  EXPECT_EQ(refusal(DeadBand{IController{}, {.qsteady_max = 0.9}}),
            "DeadBand.qsteady_max: want a finite number >= 1, got 0.9");
}

TEST(BadControl, IsRefusedInsideAWrapper) {
  EXPECT_NE(refusal(DeadBand{IController{.qmin = 2.0}}), "");
  EXPECT_NE(refusal(NoGrowthAfterRejection{IController{.qmin = 2.0}}), "");
}

TEST(BadControl, IncludesNoNumbers) {
  EXPECT_NE(refusal(IController{.gamma = nan}), "");
  EXPECT_NE(refusal(IController{.qmin = nan}), "");
  EXPECT_NE(refusal(IController{.qmax = nan}), "");
  EXPECT_NE(refusal(PIController{.beta1 = nan, .beta2 = 0.0}), "");
  EXPECT_NE(refusal(PIController{.beta1 = 0.1, .beta2 = nan}), "");
  EXPECT_NE(refusal(PIDController{.beta1 = 0.1, .beta3 = nan}), "");
  EXPECT_NE(refusal(DeadBand{IController{}, {.qsteady_min = nan}}), "");
  EXPECT_NE(refusal(DeadBand{IController{}, {.qsteady_max = nan}}), "");
}

TEST(BadControl, IsRefusedBeforeAnyWork) {
  std::size_t calls = 0;
  const auto problem = erased<model_problems::LotkaVolterra>(&calls);
  EXPECT_THROW(solve(problem, with_control(Tsit5{}, IController{.qmax = 0.0})), std::invalid_argument);
  EXPECT_EQ(calls, 0u);
}

}  // namespace
}  // namespace costate
