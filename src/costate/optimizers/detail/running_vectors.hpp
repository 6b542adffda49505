#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace costate::detail {

/// The state of a first-order rule: how many updates it made, and N numbers for every parameter.
template <class T, std::size_t N>
struct RunningVectors {
  std::uint64_t step = 0;
  std::array<std::vector<T>, N> running;

  RunningVectors() = default;
  explicit RunningVectors(std::size_t size) {
    for (auto& v : running) v.resize(size);
  }

  auto fields() {
    return std::apply([this](auto&... v) { return std::tie(step, v...); }, running);
  }
};

}  // namespace costate::detail
