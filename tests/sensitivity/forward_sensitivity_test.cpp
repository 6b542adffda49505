#include <costate/sensitivity/forward_sensitivity.hpp>

#include <contracts/sensitivity_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Forward, SensitivityContract, ForwardSensitivity);
}  // namespace costate
