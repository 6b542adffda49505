#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

/// Which of the compiled kernels run, for the sources that dispatch. A table of kernels is an array of one
/// pointer for each set, in this order.
namespace costate::detail {

enum class InstructionSet : int { generic, avx2, avx512 };

/// What every processor of the target has: 128-bit registers, by the name that the target gives them.
inline constexpr std::string_view instruction_set_names[] = {
#if defined(__aarch64__)
    "neon",
#else
    "generic",
#endif
    "avx2", "avx512"};

// −1 until the first call. Two threads that meet there find the same answer, so neither needs to wait.
extern std::atomic<int> chosen_instruction_set;
int choose_instruction_set();

/// The widest that the processor has, unless another one was forced.
inline std::size_t instruction_set_index() {
  const int chosen = chosen_instruction_set.load(std::memory_order_relaxed);
  return static_cast<std::size_t>(chosen >= 0 ? chosen : choose_instruction_set());
}

}  // namespace costate::detail
