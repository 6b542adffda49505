#include <costate/methods/bs3.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/rk4.hpp>

#include <contracts/differentiated_method_contract.hpp>

namespace costate {
using LowOrderMethods = testing::Types<Euler, RK4, BS3>;
INSTANTIATE_TYPED_TEST_SUITE_P(LowOrder, DifferentiatedMethodContract, LowOrderMethods);
}  // namespace costate
