#include <costate/core/detail/instruction_set.hpp>
#include <costate/core/instruction_set.hpp>

#include <stdexcept>
#include <string>

namespace costate::detail {
namespace {

bool is_supported(InstructionSet set) {
  if (set == InstructionSet::generic) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (set == InstructionSet::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

}  // namespace

constinit std::atomic<int> chosen_instruction_set{-1};

int choose_instruction_set() {
  int widest = static_cast<int>(InstructionSet::avx512), none = -1;
  while (!is_supported(static_cast<InstructionSet>(widest))) --widest;
  chosen_instruction_set.compare_exchange_strong(none, widest);
  return chosen_instruction_set.load();
}

std::string_view kernel_instruction_set() {
  return instruction_set_names[instruction_set_index()];
}

void force_kernel_instruction_set(std::string_view name) {
  for (int set = 0; set <= static_cast<int>(InstructionSet::avx512); ++set) {
    if (instruction_set_names[set] != name || !is_supported(static_cast<InstructionSet>(set))) continue;
    chosen_instruction_set.store(set);
    return;
  }
  throw std::invalid_argument(
      "force_kernel_instruction_set: want an instruction set of this build that the processor has, got \"" +
      std::string(name) + "\"");
}

}  // namespace costate::detail
