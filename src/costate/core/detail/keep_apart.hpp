#pragma once

#include <costate/core/instruction_namespace.hpp>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Keeps a number by itself: where two numbers have the same shape a compiler packs what leads to them into
/// one register, and takes it apart again where only one of them is wanted and waited for.
template <class T>
[[gnu::always_inline]] inline void keep_apart([[maybe_unused]] T& x) {
  // wider ones are no numbers of a vector register
  if constexpr (sizeof(T) <= sizeof(double)) {
#if defined(__AVX512F__)
    asm("" : "+v"(x));
#elif defined(__SSE2__)
    asm("" : "+x"(x));
#elif defined(__aarch64__)
    asm("" : "+w"(x));
#endif
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
