#include "lotka_volterra_steps.hpp"

namespace limits {
namespace {

template <StepControl control>
[[gnu::noinline]] SolveStatistics solve(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                        double tolerance, double* saved) {
  saved[0] = u0[0];
  saved[1] = u0[1];
  int save = 1;
  const auto sink = [&](const Step& step) __attribute__((always_inline)) {
    if (spacing * save <= step.end) {
      const double inverse_h = 1 / step.h;
      do {
        const Pair u = step.dense((spacing * save - step.t) * inverse_h);
        saved[2 * save] = u.x;
        saved[2 * save + 1] = u.y;
        ++save;
      } while (spacing * save <= step.end && save <= last_save);
    }
    if (step.end >= t_end) {
      saved[2 * last_save] = step.u[6].x;
      saved[2 * last_save + 1] = step.u[6].y;
    }
  };
  return integrate<control>(u0, p, tolerance, sink);
}

}  // namespace

SolveStatistics lotka_volterra_solve(const std::array<double, 2>& u0, const std::array<double, 4>& p,
                                     double tolerance, std::span<double, lotka_volterra_saved> saved,
                                     StepControl control) {
  switch (control) {
    case StepControl::pi_libm:
      return solve<StepControl::pi_libm>(u0, p, tolerance, saved.data());
    case StepControl::dead_band:
      return solve<StepControl::dead_band>(u0, p, tolerance, saved.data());
    case StepControl::pi_short:
      break;
  }
  return solve<StepControl::pi_short>(u0, p, tolerance, saved.data());
}

}  // namespace limits
