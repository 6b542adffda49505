#pragma once

#include <costate/core/detail/instruction_set.hpp>
#include <costate/nn/detail/kernel_table.hpp>

#include <type_traits>

/// The kernels of the instruction set in use, for the sources that dispatch.
namespace costate::detail {

// In the order of InstructionSet.
inline constexpr const KernelTable* kernel_tables[] = {
    &generic_kernels,
#if defined(__x86_64__)
    &avx2_kernels,
    &avx512_kernels,
#endif
};

template <class T>
const Kernels<T>& kernels() {
  const KernelTable& table = *kernel_tables[instruction_set_index()];
  if constexpr (std::is_same_v<T, float>) {
    return table.single_precision;
  } else {
    return table.double_precision;
  }
}

}  // namespace costate::detail
