#pragma once

#include <costate/random/philox.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace costate {

/// Glorot's uniform initialisation: weights of a layer in → out are uniform on ±sqrt(6 / (in + out)), a pure
/// function of (seed, layer, index). X. Glorot & Y. Bengio, AISTATS 2010, eq. (16).
struct GlorotUniform {
  template <class T>
  void operator()(T* weights, std::size_t in, std::size_t out, std::uint64_t seed,
                  std::uint32_t layer) const {
    const double bound = std::sqrt(6.0 / static_cast<double>(in + out));
    for (std::size_t i = 0; i < in * out; ++i)
      weights[i] = static_cast<T>(bound * (2 * uniform(seed, layer, i) - 1));
  }
};

}  // namespace costate
