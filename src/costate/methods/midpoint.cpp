#include <costate/methods/midpoint.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(Midpoint::tableau));
static_assert(row_sum_residual(Midpoint::tableau) < 1e-15);
static_assert(order_residual(Midpoint::tableau, Midpoint::tableau.order) < 1e-15);
static_assert(embedded_order_residual(Midpoint::tableau, Midpoint::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(Midpoint::tableau, Midpoint::tableau.dense_order) < 1e-14);
static_assert(end_point_residual(Midpoint::tableau) < 1e-14);

}  // namespace costate
