#include <costate/nn/detail/dense_kernels_impl.hpp>

// What every processor of the target has: 128-bit registers, by the name that the target gives them.
namespace costate::detail {
#if defined(__aarch64__)
const KernelTable generic_kernels = simd::kernel_table("neon");
#else
const KernelTable generic_kernels = simd::kernel_table("generic");
#endif
}  // namespace costate::detail
