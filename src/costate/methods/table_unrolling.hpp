#pragma once

#include <costate/core/unroll.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// Which coefficients are not zero, a bit each.
template <class Row>
constexpr std::uint64_t nonzero(const Row& row) {
  static_assert(std::tuple_size_v<Row> <= 64);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < row.size(); ++i) bits |= std::uint64_t{row[i] != 0} << i;
  return bits;
}
template <std::uint64_t Bits>
constexpr std::size_t place_of_bit(std::size_t k) {
  for (std::size_t i = 0;; ++i)
    if ((Bits >> i & 1) != 0 && k-- == 0) return i;
}
/// The places of the bits as a type. Sums over a table are pack expansions over it, which cost the compiler a
/// fraction of a lambda per term.
template <std::uint64_t Bits>
constexpr auto places() {
  return []<std::size_t... K>(std::index_sequence<K...>) {
    return std::index_sequence<place_of_bit<Bits>(K)...>{};
  }
  (std::make_index_sequence<std::popcount(Bits)>{});
}

}  // namespace costate::detail
