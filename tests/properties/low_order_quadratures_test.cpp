#include <costate/methods/bs3.hpp>
#include <costate/methods/euler.hpp>
#include <costate/methods/heun.hpp>
#include <costate/methods/midpoint.hpp>
#include <costate/methods/owren_zen3.hpp>
#include <costate/methods/owren_zen4.hpp>
#include <costate/methods/owren_zen5.hpp>
#include <costate/methods/ralston.hpp>
#include <costate/methods/rk4.hpp>

#include <contracts/quadrature_property.hpp>

namespace costate {
using LowOrderMethods =
    testing::Types<Euler, Midpoint, Heun, Ralston, BS3, OwrenZen3, RK4, OwrenZen4, OwrenZen5>;
INSTANTIATE_TYPED_TEST_SUITE_P(LowOrder, QuadratureProperty, LowOrderMethods);
}  // namespace costate
