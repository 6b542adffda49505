#include <costate/methods/vern9.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Vern9, DifferentiatedMethodContract, Vern9);
}  // namespace costate
