#include <costate/core/status.hpp>

namespace costate {

std::string_view message(Status status) {
  switch (status) {
    case Status::success:
      return "The end of the time span was reached.";
    case Status::terminated:
      return "An event ended the solve.";
    case Status::max_steps_reached:
      return "max_steps steps did not reach the end: loosen the tolerances, raise max_steps, or use a stiff "
             "method if the steps are tiny.";
    case Status::dt_below_minimum:
      return "The error test asks for a step below dtmin or below the resolution of t: the problem may be "
             "stiff or have a singularity; "
             "try a stiff method, looser tolerances, or declare discontinuities as tstops.";
    case Status::unstable:
      return "The state or the right-hand side became infinite or NaN: the solution may blow up, or the step "
             "is too large for this method.";
    case Status::initial_failure:
      return "u0, p or f(u0, p, t0) is not finite: check the initial values and the parameters.";
    case Status::adjoint_failed:
      return "The backward solve of a continuous adjoint failed, or left the trajectory of the solve: use "
             "DiscreteAdjoint, which follows the recorded steps, or InterpolatingAdjoint with tighter "
             "tolerances.";
  }
  return "";
}

}  // namespace costate
