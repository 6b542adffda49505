#include <costate/methods/bs5.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/tsit_pap8.hpp>
#include <costate/methods/vern6.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern8.hpp>
#include <costate/methods/vern9.hpp>

#include <contracts/quadrature_property.hpp>

namespace costate {
using HighOrderMethods = testing::Types<BS5, DP5, Tsit5, Vern6, Vern7, TsitPap8, Vern8, DP8, Vern9>;
INSTANTIATE_TYPED_TEST_SUITE_P(HighOrder, QuadratureProperty, HighOrderMethods);
}  // namespace costate
