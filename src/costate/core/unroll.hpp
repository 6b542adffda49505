#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// Unrolls f(0) … f(K − 1) with compile-time indices.
template <std::size_t K, class F>
[[gnu::always_inline]] inline void unroll(F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<std::size_t, I>{}), ...);
  }
  (std::make_index_sequence<K>{});
}

/// f(m) for every component m: written out where the size is known and small (at -O2 g++ 12 keeps a loop of
/// two as a loop, and with it the state in memory), a plain loop that vectorizes otherwise.
template <std::size_t N, class F>
[[gnu::always_inline]] inline void for_components(std::size_t n, F&& f) {
  if constexpr (N <= 16) {
    unroll<N>([&](auto M) __attribute__((always_inline)) { f(std::size_t{M}); });
  } else {
    for (std::size_t m = 0; m < n; ++m) f(m);
  }
}

}  // namespace costate::detail
