#pragma once

#include <string_view>

namespace costate::detail {

/// The instruction set whose compiled kernels run: "avx512", "avx2", "neon" or "generic". The widest that the
/// processor has is chosen at the first use of any.
std::string_view kernel_instruction_set();

/// Makes every later call, from any thread, use the kernels of one instruction set (for tests and
/// measurements). Throws std::invalid_argument where the name is unknown or this processor or this build
/// lacks the set.
void force_kernel_instruction_set(std::string_view name);

}  // namespace costate::detail
