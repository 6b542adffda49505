#include <costate/methods/bs5.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(BS5, DifferentiatedMethodContract, BS5);
}  // namespace costate
