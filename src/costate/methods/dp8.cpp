#include <costate/methods/dp8.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(DP8::tableau));
static_assert(row_sum_residual(DP8::tableau) < 5e-15);
static_assert(order_residual(DP8::tableau, DP8::tableau.order) < 5e-15);
static_assert(embedded_order_residual(DP8::tableau, DP8::tableau.embedded_order) < 8e-15);
static_assert(second_embedded_order_residual(DP8::tableau, DP8::tableau.second_embedded_order) < 8e-15);
static_assert(dense_order_residual(DP8::tableau, DP8::tableau.dense_order) < 1e-11);
static_assert(end_point_residual(DP8::tableau) < 1e-13);

}  // namespace costate
