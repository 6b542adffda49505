#include <costate/methods/vern7.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(Vern7, DifferentiatedMethodContract, Vern7);
}  // namespace costate
