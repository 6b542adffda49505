#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/unroll.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// The widest register, in bytes, that the flags of this translation unit allow.
#if defined(__AVX512F__)
inline constexpr std::size_t register_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t register_bytes = 32;
#else
inline constexpr std::size_t register_bytes = 16;
#endif

// The padded size does not depend on flags, so that files built with different ones agree on the layout.
template <class T>
constexpr std::size_t padded(std::size_t n) {
  if (!std::is_floating_point_v<T>) return n;
  if (n <= 2) return n;
  if (n <= 4) return 4;
  return (n + 7) / 8 * 8;
}

template <class T>
constexpr std::size_t partials_alignment(std::size_t n) {
  if (!std::is_floating_point_v<T> || padded<T>(n) < 4) return alignof(T);
  return (padded<T>(n) == 4 ? 4 : 8) * sizeof(T);
}

/// The N partial derivatives of a Dual. For built-in numbers they are worked on in whole registers through
/// vector types: plain loops over a returned array are left scalar by g++ 12 at -O2, since it cannot see that
/// source and result do not overlap.
template <class T, std::size_t N, class Op>
[[gnu::always_inline]] inline void transform_partials(T* result, const T* a, const T* b, Op op) {
  constexpr std::size_t P = padded<T>(N);
  if constexpr (std::is_floating_point_v<T> && P >= 4) {
    constexpr std::size_t lanes = P * sizeof(T) < register_bytes ? P : register_bytes / sizeof(T);
    typedef T Pack __attribute__((vector_size(lanes * sizeof(T))));
    for_components<P / lanes>(
        P / lanes, [&](std::size_t i) __attribute__((always_inline)) {
          Pack x, y;
          std::memcpy(&x, a + i * lanes, sizeof x);
          std::memcpy(&y, b + i * lanes, sizeof y);
          const Pack z = op(x, y);
          std::memcpy(result + i * lanes, &z, sizeof z);
        });
  } else {
    for (std::size_t i = 0; i < P; ++i) result[i] = op(a[i], b[i]);
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
