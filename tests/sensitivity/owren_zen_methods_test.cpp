#include <costate/methods/owren_zen3.hpp>
#include <costate/methods/owren_zen4.hpp>
#include <costate/methods/owren_zen5.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
using OwrenZenMethods = testing::Types<OwrenZen3, OwrenZen4, OwrenZen5>;
INSTANTIATE_TYPED_TEST_SUITE_P(OwrenZen, DifferentiatedMethodContract, OwrenZenMethods);
}  // namespace costate
