#include <costate/methods/vern8.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Vern8, DifferentiatedMethodContract, Vern8);
}  // namespace costate
