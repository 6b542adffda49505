#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

/// Where the spiral network starts, here and in the peers' programs.
namespace spiral_start {

/// In [−1, 1), from a linear congruential generator.
inline double uniform_number(std::uint64_t& state) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return 2 * double(state >> 11) * 0x1p-53 - 1;
}

/// Glorot's uniform weights and zero biases, in the order of the flat vector.
template <class T>
std::vector<T> weights() {
  std::uint64_t state = 42;
  std::vector<T> w(252);
  for (std::size_t i = 0; i < 50; ++i)
    for (const std::size_t j : {i, 50 + i, 150 + 2 * i, 151 + 2 * i})
      w[j] = T(std::sqrt(6.0 / 52) * uniform_number(state));
  return w;
}

}  // namespace spiral_start
