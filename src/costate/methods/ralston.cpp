#include <costate/methods/order_conditions.hpp>
#include <costate/methods/ralston.hpp>

namespace costate {

static_assert(is_well_formed(Ralston::tableau));
static_assert(row_sum_residual(Ralston::tableau) < 1e-15);
static_assert(order_residual(Ralston::tableau, Ralston::tableau.order) < 1e-15);
static_assert(embedded_order_residual(Ralston::tableau, Ralston::tableau.embedded_order) < 1e-15);
static_assert(dense_order_residual(Ralston::tableau, Ralston::tableau.dense_order) < 1e-14);
static_assert(end_point_residual(Ralston::tableau) < 1e-14);

}  // namespace costate
