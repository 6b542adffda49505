#include <costate/methods/heun.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(Heun::tableau));
static_assert(row_sum_residual(Heun::tableau) < 1e-15);
static_assert(order_residual(Heun::tableau, Heun::tableau.order) < 1e-15);
static_assert(embedded_order_residual(Heun::tableau, Heun::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(Heun::tableau, Heun::tableau.dense_order) < 1e-14);
static_assert(end_point_residual(Heun::tableau) < 1e-14);

}  // namespace costate
