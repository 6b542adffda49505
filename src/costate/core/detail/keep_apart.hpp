#pragma once

#include <costate/core/instruction_namespace.hpp>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Keeps a number by itself: where two numbers have the same shape a compiler packs what leads to them into
/// one register, and takes it apart again where only one of them is wanted and waited for.
template <class T>
[[gnu::always_inline]] inline void keep_apart([[maybe_unused]] T& x) {
  // wider ones are no numbers of a vector register
  if constexpr (sizeof(T) <= sizeof(double)) {
    // a copy: with a component as operand the whole vector would live in memory
    T same = x;
#if defined(__AVX512F__)
    asm("" : "+v"(same));
#elif defined(__SSE2__)
    asm("" : "+x"(same));
#elif defined(__aarch64__)
    asm("" : "+w"(same));
#endif
    x = same;
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
