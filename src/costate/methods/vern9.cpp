#include <costate/methods/order_conditions.hpp>
#include <costate/methods/vern9.hpp>

namespace costate {

static_assert(is_well_formed(Vern9::tableau));
static_assert(row_sum_residual(Vern9::tableau) < 1e-13);
static_assert(order_residual(Vern9::tableau, Vern9::tableau.order) < 1e-13);
static_assert(embedded_order_residual(Vern9::tableau, Vern9::tableau.embedded_order) < 1e-13);
static_assert(dense_order_residual(Vern9::tableau, Vern9::tableau.dense_order) < 1e-10);
static_assert(end_point_residual(Vern9::tableau) < 1e-11);

}  // namespace costate
