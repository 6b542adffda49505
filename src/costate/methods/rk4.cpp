#include <costate/methods/order_conditions.hpp>
#include <costate/methods/rk4.hpp>

namespace costate {

static_assert(is_well_formed(RK4::tableau));
static_assert(row_sum_residual(RK4::tableau) < 1e-15);
static_assert(order_residual(RK4::tableau, RK4::tableau.order) < 1e-15);
static_assert(dense_order_residual(RK4::tableau, RK4::tableau.dense_order) < 1e-15);
static_assert(end_point_residual(RK4::tableau) < 1e-15);

}  // namespace costate
