#include <costate/control/dead_band.hpp>
#include <costate/control/i_controller.hpp>
#include <costate/control/no_growth_after_rejection.hpp>
#include <costate/control/pi_controller.hpp>
#include <costate/control/pid_controller.hpp>

#include <contracts/controller_contract.hpp>

namespace costate {

struct TestedI {
  static constexpr IController controller{};
  static constexpr double lowest = 0.2, highest = 10.0;
};
struct TestedPI {
  static constexpr PIController controller = Tsit5::controller;
  static constexpr double lowest = 0.2, highest = 10.0;
};
// 1 + atan(x − 1) at x = 0 and x = (2.2e-16)^(-0.7/5)
struct TestedPID {
  static constexpr PIDController controller{.beta1 = 0.7, .beta2 = -0.23};
  static constexpr double lowest = 0.2146, highest = 2.5639;
};
struct TestedDeadBand {
  static constexpr DeadBand<PIController> controller{Tsit5::controller};
  static constexpr double lowest = 0.2, highest = 10.0;
};
struct TestedNoGrowthAfterRejection {
  static constexpr NoGrowthAfterRejection<IController> controller{IController{}};
  static constexpr double lowest = 0.2, highest = 10.0;
};

INSTANTIATE_TYPED_TEST_SUITE_P(I, ControllerContract, TestedI);
INSTANTIATE_TYPED_TEST_SUITE_P(PI, ControllerContract, TestedPI);
INSTANTIATE_TYPED_TEST_SUITE_P(PID, ControllerContract, TestedPID);
INSTANTIATE_TYPED_TEST_SUITE_P(DeadBand, ControllerContract, TestedDeadBand);
INSTANTIATE_TYPED_TEST_SUITE_P(NoGrowthAfterRejection, ControllerContract, TestedNoGrowthAfterRejection);

}  // namespace costate
