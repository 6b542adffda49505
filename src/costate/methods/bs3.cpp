#include <costate/methods/bs3.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(BS3::tableau));
static_assert(row_sum_residual(BS3::tableau) < 1e-15);
static_assert(order_residual(BS3::tableau, BS3::tableau.order) < 1e-15);
static_assert(embedded_order_residual(BS3::tableau, BS3::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(BS3::tableau, BS3::tableau.dense_order) < 1e-15);
static_assert(end_point_residual(BS3::tableau) < 1e-15);

}  // namespace costate
