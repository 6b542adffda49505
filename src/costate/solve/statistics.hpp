#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace costate {

/// What a solve did.
struct Statistics {
  std::string_view method;  ///< name of the method
  std::string_view vjp_route =
      "none";             ///< how the right-hand side is differentiated, where a gradient was asked for
  std::size_t steps = 0;  ///< accepted
  std::size_t rejected_steps = 0;
  std::size_t rhs_evaluations = 0;
  double first_dt = 0;             ///< the first accepted step
  std::size_t recorded_bytes = 0;  ///< kept for the gradient
};

/// One line of text.
std::string to_string(const Statistics& statistics);

}  // namespace costate
