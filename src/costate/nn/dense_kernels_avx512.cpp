#include <costate/nn/detail/dense_kernels_impl.hpp>

namespace costate::detail {
const KernelTable avx512_kernels = simd::kernel_table();
}  // namespace costate::detail
