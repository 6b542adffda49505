#include <costate/methods/order_conditions.hpp>
#include <costate/methods/owren_zen4.hpp>

namespace costate {

static_assert(is_well_formed(OwrenZen4::tableau));
static_assert(row_sum_residual(OwrenZen4::tableau) < 1e-15);
static_assert(order_residual(OwrenZen4::tableau, OwrenZen4::tableau.order) < 1e-15);
static_assert(embedded_order_residual(OwrenZen4::tableau, OwrenZen4::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(OwrenZen4::tableau, OwrenZen4::tableau.dense_order) < 1e-14);
static_assert(end_point_residual(OwrenZen4::tableau) < 1e-14);

}  // namespace costate
