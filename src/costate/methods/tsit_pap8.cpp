#include <costate/methods/order_conditions.hpp>
#include <costate/methods/tsit_pap8.hpp>

namespace costate {

static_assert(is_well_formed(TsitPap8::tableau));
static_assert(row_sum_residual(TsitPap8::tableau) < 1e-13);
static_assert(order_residual(TsitPap8::tableau, TsitPap8::tableau.order) < 1e-13);
static_assert(embedded_order_residual(TsitPap8::tableau, TsitPap8::tableau.embedded_order) < 1e-13);
static_assert(dense_order_residual(TsitPap8::tableau, TsitPap8::tableau.dense_order) < 2e-11);
static_assert(end_point_residual(TsitPap8::tableau) < 1e-12);

}  // namespace costate
