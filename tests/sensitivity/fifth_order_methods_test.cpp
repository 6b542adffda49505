#include <costate/methods/dp5.hpp>
#include <costate/methods/tsit5.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
using FifthOrderMethods = testing::Types<DP5, Tsit5>;
INSTANTIATE_TYPED_TEST_SUITE_P(FifthOrder, DifferentiatedMethodContract, FifthOrderMethods);
}  // namespace costate
