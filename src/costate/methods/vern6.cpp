#include <costate/methods/order_conditions.hpp>
#include <costate/methods/vern6.hpp>

namespace costate {

static_assert(is_well_formed(Vern6::tableau));
static_assert(row_sum_residual(Vern6::tableau) < 5e-13);
static_assert(order_residual(Vern6::tableau, Vern6::tableau.order) < 1e-10);
static_assert(embedded_order_residual(Vern6::tableau, Vern6::tableau.embedded_order) < 1e-10);
static_assert(dense_order_residual(Vern6::tableau, Vern6::tableau.dense_order) < 1e-6);
static_assert(end_point_residual(Vern6::tableau) < 1e-10);

}  // namespace costate
