#pragma once

#include <array>
#include <cstdint>

namespace costate {

/// Philox 4x32-10: four random words as a pure function of a counter and a key, so that a draw depends on
/// nothing but its name. J. Salmon, M. Moraes, R. Dror & D. Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", SC11, §3.3 and Table 2.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0],
                        b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

namespace detail {
/// The middle of one of 2⁵³ equal parts of (0, 1); that of the last one would round up to 1.
constexpr double in_open_unit_interval(std::uint64_t part) {
  const double number = (static_cast<double>(part) + 0.5) * 0x1p-53;
  return number < 1 ? number : 1 - 0x1p-53;
}
}  // namespace detail

/// A number uniform on (0, 1), a pure function of (seed, stream, index); 53 random bits.
constexpr double uniform(std::uint64_t seed, std::uint32_t stream, std::uint64_t index) {
  const auto words =
      philox4x32({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), stream, 0},
                 {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return detail::in_open_unit_interval((std::uint64_t{words[0]} << 32 | words[1]) >> 11);
}

}  // namespace costate
