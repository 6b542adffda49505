#include <costate/methods/dp8.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(DP8, DifferentiatedMethodContract, DP8);
}  // namespace costate
