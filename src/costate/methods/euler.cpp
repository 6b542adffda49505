#include <costate/methods/euler.hpp>
#include <costate/methods/order_conditions.hpp>

namespace costate {

static_assert(is_well_formed(Euler::tableau));
static_assert(row_sum_residual(Euler::tableau) < 1e-15);
static_assert(order_residual(Euler::tableau, Euler::tableau.order) < 1e-15);
static_assert(dense_order_residual(Euler::tableau, Euler::tableau.dense_order) < 1e-15);
static_assert(end_point_residual(Euler::tableau) < 1e-15);

}  // namespace costate
