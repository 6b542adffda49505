#include <costate/methods/order_conditions.hpp>
#include <costate/methods/owren_zen3.hpp>

namespace costate {

static_assert(is_well_formed(OwrenZen3::tableau));
static_assert(row_sum_residual(OwrenZen3::tableau) < 1e-15);
static_assert(order_residual(OwrenZen3::tableau, OwrenZen3::tableau.order) < 1e-15);
static_assert(embedded_order_residual(OwrenZen3::tableau, OwrenZen3::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(OwrenZen3::tableau, OwrenZen3::tableau.dense_order) < 1e-14);
static_assert(end_point_residual(OwrenZen3::tableau) < 1e-14);

}  // namespace costate
