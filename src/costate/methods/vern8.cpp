#include <costate/methods/order_conditions.hpp>
#include <costate/methods/vern8.hpp>

namespace costate {

static_assert(is_well_formed(Vern8::tableau));
static_assert(row_sum_residual(Vern8::tableau) < 1e-13);
static_assert(order_residual(Vern8::tableau, Vern8::tableau.order) < 1e-12);
static_assert(embedded_order_residual(Vern8::tableau, Vern8::tableau.embedded_order) < 1e-12);
static_assert(dense_order_residual(Vern8::tableau, Vern8::tableau.dense_order) < 1e-7);
static_assert(end_point_residual(Vern8::tableau) < 1e-9);

}  // namespace costate
