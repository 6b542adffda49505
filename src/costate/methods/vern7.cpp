#include <costate/methods/order_conditions.hpp>
#include <costate/methods/vern7.hpp>

namespace costate {

static_assert(is_well_formed(Vern7::tableau));
static_assert(row_sum_residual(Vern7::tableau) < 1e-13);
static_assert(order_residual(Vern7::tableau, Vern7::tableau.order) < 1e-13);
static_assert(embedded_order_residual(Vern7::tableau, Vern7::tableau.embedded_order) < 1e-13);
static_assert(dense_order_residual(Vern7::tableau, Vern7::tableau.dense_order) < 1e-10);
static_assert(end_point_residual(Vern7::tableau) < 1e-12);

}  // namespace costate
