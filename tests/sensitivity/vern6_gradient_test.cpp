#include <costate/methods/vern6.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Vern6, DifferentiatedMethodContract, Vern6);
}  // namespace costate
