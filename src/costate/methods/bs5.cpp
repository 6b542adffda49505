#include <costate/methods/bs5.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(BS5::tableau));
static_assert(row_sum_residual(BS5::tableau) < 1e-15);
static_assert(order_residual(BS5::tableau, BS5::tableau.order) < 1e-15);
static_assert(embedded_order_residual(BS5::tableau, BS5::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(BS5::tableau, BS5::tableau.dense_order) < 2e-13);
static_assert(end_point_residual(BS5::tableau) < 1e-13);

}  // namespace costate
