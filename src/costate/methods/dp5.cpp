#include <costate/methods/dp5.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(DP5::tableau));
static_assert(row_sum_residual(DP5::tableau) < 1e-14);
static_assert(order_residual(DP5::tableau, DP5::tableau.order) < 1e-14);
static_assert(embedded_order_residual(DP5::tableau, DP5::tableau.embedded_order) < 1e-14);
static_assert(dense_order_residual(DP5::tableau, DP5::tableau.dense_order) < 1e-13);
static_assert(end_point_residual(DP5::tableau) < 1e-14);

}  // namespace costate
