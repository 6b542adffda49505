#include <costate/methods/tsit_pap8.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
INSTANTIATE_TYPED_TEST_SUITE_P(TsitPap8, DifferentiatedMethodContract, TsitPap8);
}  // namespace costate
