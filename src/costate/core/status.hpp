#pragma once

#include <string_view>

namespace costate {

/// How a solve ended. Only `success` and `terminated` are successful; the others keep the requested size and
/// fill what was not reached with NaN.
enum class Status {
  success,            ///< the end of the span was reached
  terminated,         ///< an event asked for the end
  max_steps_reached,  ///< SolveOptions::max_steps steps were tried
  dt_below_minimum,   ///< the error test asked for a step below dtmin, or below the resolution of t
  unstable,           ///< the state or the right-hand side became infinite or NaN
  initial_failure,    ///< u0, p or f(u0, p, t0) is not finite
  adjoint_failed,     ///< the solve succeeded, the backward solve of its continuous adjoint did not
};

/// One sentence: what happened and what to try.
std::string_view message(Status status);

constexpr bool is_successful(Status status) {
  return status == Status::success || status == Status::terminated;
}

}  // namespace costate
