#include <contracts/differentiated_method_contract.hpp>

#include <costate/methods/vern9.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Vern9, DifferentiatedMethodContract, Vern9);
}  // namespace costate
