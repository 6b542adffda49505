#include <costate/core/errors.hpp>
#include <costate/sensitivity/adjoint_tolerances.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace costate::detail {

namespace {

void check(const AdjointSettings& settings, const char* field, const std::optional<double>& value) {
  if (value && !(*value >= 0 && std::isfinite(*value)))
    reject(std::string(settings.name) + "." + field, "a finite number >= 0, or unset", *value);
}

}  // namespace

double abstol_of(const SolveOptions& options, std::size_t i) {
  return options.abstol.is_list() ? options.abstol.values()[i] : options.abstol.value_or(default_abstol);
}
double reltol_of(const SolveOptions& options, std::size_t i) {
  return options.reltol.is_list() ? options.reltol.values()[i] : options.reltol.value_or(default_reltol);
}

AdjointTolerances resolve_tolerances(const AdjointSettings& settings, const SolveOptions& options) {
  check(settings, "abstol", settings.abstol);
  check(settings, "reltol", settings.reltol);
  check(settings, "quadrature_abstol", settings.quadrature_abstol);
  check(settings, "quadrature_reltol", settings.quadrature_reltol);
  if (settings.checkpoints && *settings.checkpoints == 0)
    reject(std::string(settings.name) + ".checkpoints", "at least 1, or unset to keep every interpolant",
           "0");
  AdjointTolerances result{};
  const double abstol = options.abstol.smallest_or(default_abstol),
               reltol = options.reltol.smallest_or(default_reltol);
  result.reltol = settings.reltol.value_or(reltol);
  result.abstol = settings.abstol.value_or(reltol > 0 ? std::min(abstol, reltol) : abstol);
  result.quadrature_reltol = settings.quadrature_reltol.value_or(result.reltol);
  result.quadrature_abstol = settings.quadrature_abstol.value_or(result.abstol);
  if (result.abstol == 0 && result.reltol == 0)
    reject(std::string(settings.name) + ".abstol", "abstol or reltol > 0", "both 0");
  if (result.quadrature_abstol == 0 && result.quadrature_reltol == 0)
    reject(std::string(settings.name) + ".quadrature_abstol", "quadrature_abstol or quadrature_reltol > 0",
           "both 0");
  return result;
}

SolveOptions backward_options(const AdjointTolerances& tolerances, const SolveOptions& options,
                              std::size_t states, std::size_t parameters, bool steps_states) {
  SolveOptions result{.abstol = tolerances.abstol,
                      .reltol = tolerances.reltol,
                      .adaptive = options.adaptive,
                      .dtmin = options.dtmin,
                      .dtmax = options.dtmax,
                      .max_steps = options.max_steps,
                      .tstops = options.tstops};
  if (!options.adaptive) result.dt = options.dt;
  const bool same = parameters == 0 || (tolerances.quadrature_abstol == tolerances.abstol &&
                                        tolerances.quadrature_reltol == tolerances.reltol);
  if (same && !steps_states) return result;
  std::vector<double> abstols(states, tolerances.abstol), reltols(states, tolerances.reltol);
  abstols.insert(abstols.end(), parameters, tolerances.quadrature_abstol);
  reltols.insert(reltols.end(), parameters, tolerances.quadrature_reltol);
  for (std::size_t i = 0; steps_states && i < states; ++i) {
    abstols.push_back(abstol_of(options, i));
    reltols.push_back(reltol_of(options, i));
  }
  result.abstol = abstols;
  result.reltol = reltols;
  return result;
}

}  // namespace costate::detail
