#include <costate/core/detail/weighted_sum_impl.hpp>

namespace costate::detail {
const SumTable avx2_sums = simd::sum_table();
}  // namespace costate::detail
