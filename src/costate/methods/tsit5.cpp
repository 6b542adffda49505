#include <costate/methods/order_conditions.hpp>
#include <costate/methods/tsit5.hpp>

namespace costate {

static_assert(is_well_formed(Tsit5::tableau));
static_assert(row_sum_residual(Tsit5::tableau) < 1e-14);
static_assert(order_residual(Tsit5::tableau, Tsit5::tableau.order) < 1e-13);
static_assert(embedded_order_residual(Tsit5::tableau, Tsit5::tableau.embedded_order) < 1e-13);
static_assert(dense_order_residual(Tsit5::tableau, Tsit5::tableau.dense_order) < 1e-12);
static_assert(end_point_residual(Tsit5::tableau) < 1e-13);

}  // namespace costate
