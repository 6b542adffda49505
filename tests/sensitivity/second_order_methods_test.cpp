#include <costate/methods/heun.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/ralston.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
using SecondOrderMethods = testing::Types<Midpoint, Heun, Ralston>;
INSTANTIATE_TYPED_TEST_SUITE_P(SecondOrder, DifferentiatedMethodContract, SecondOrderMethods);
}  // namespace costate
