#pragma once

#include <cstddef>
#include <vector>

namespace costate {

/// `count` equally spaced numbers from first to last, both included; throws std::invalid_argument where count
/// < 2.
std::vector<double> linspace(double first, double last, std::size_t count);

}  // namespace costate
