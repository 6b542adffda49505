#pragma once

#include <cstddef>

namespace costate {

/// How an optimizer is set for the contract, which names the rate that suits Adam. Specialized by the tests
/// of those that want something else.
template <class Optimizer>
struct ContractSettings {
  static constexpr bool scales_components = true;  ///< curvatures of 1 and of 1e6 side by side are no matter
  static constexpr bool has_memory = true;         ///< its steps depend on those before
  static constexpr std::size_t patience = 1;       ///< iterations for each that Adam needs

  static Optimizer with([[maybe_unused]] double rate) {
    Optimizer optimizer;
    if constexpr (requires { optimizer.learning_rate; }) optimizer.learning_rate = rate;
    return optimizer;
  }
};

}  // namespace costate
