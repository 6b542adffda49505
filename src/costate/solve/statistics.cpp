#include <costate/solve/statistics.hpp>

#include <cstdio>

namespace costate {

std::string to_string(const Statistics& s) {
  char text[320];
  std::snprintf(
      text, sizeof text,
      "%.*s: %zu steps, %zu rejected, %zu right-hand sides, first dt %.3g; vjp by %.*s, %zu bytes recorded",
      static_cast<int>(s.method.size()), s.method.data(), s.steps, s.rejected_steps, s.rhs_evaluations,
      s.first_dt, static_cast<int>(s.vjp_route.size()), s.vjp_route.data(), s.recorded_bytes);
  return text;
}

}  // namespace costate
