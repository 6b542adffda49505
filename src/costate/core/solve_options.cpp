#include <costate/core/errors.hpp>
#include <costate/core/solve_options.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace costate::detail {
namespace {

// Names are made only for the message: validation is on the path of every solve and must not allocate.
std::string element(const char* field, std::size_t i) {
  return field + ("[" + std::to_string(i) + "]");
}

void check_tolerance(const char* field, const Tolerance& tolerance, std::size_t n) {
  const auto wrong = [](double value) { return !(value >= 0) || std::isinf(value); };
  if (!tolerance.is_list()) {
    if (wrong(tolerance.value_or(0))) reject(field, "a finite number >= 0", tolerance.value_or(0));
    return;
  }
  if (tolerance.values().size() != n) reject_size(field, n, tolerance.values().size());
  for (std::size_t i = 0; i < n; ++i)
    if (wrong(tolerance.values()[i]))
      reject(element(field, i), "a finite number >= 0", tolerance.values()[i]);
}

void check_positive(const char* field, const std::optional<double>& value) {
  if (value && !(*value > 0 && std::isfinite(*value)))
    reject(field, "a finite number > 0 in either direction of time", *value);
}

std::string span_text(double t0, double t1) {
  return "within the span [" + to_text(t0) + ", " + to_text(t1) + "]";
}

}  // namespace

void validate(const SolveOptions& options, std::size_t state_size, double t0, double t1,
              bool has_error_estimate) {
  if (!std::isfinite(t0)) reject("ODEProblem: tspan start", "a finite time", t0);
  if (!std::isfinite(t1)) reject("ODEProblem: tspan end", "a finite time", t1);
  if (!std::isfinite(t1 - t0)) reject("ODEProblem: tspan", "a finite length", t1 - t0);
  if (state_size == 0) reject("ODEProblem: u0", "at least 1 number", "0");
  check_tolerance("SolveOptions.abstol", options.abstol, state_size);
  check_tolerance("SolveOptions.reltol", options.reltol, state_size);
  for (std::size_t i = 0; i < (options.abstol.is_list() || options.reltol.is_list() ? state_size : 1); ++i) {
    const double absolute =
        options.abstol.is_list() ? options.abstol.values()[i] : options.abstol.value_or(1);
    const double relative =
        options.reltol.is_list() ? options.reltol.values()[i] : options.reltol.value_or(1);
    if (absolute == 0 && relative == 0)
      reject("SolveOptions.abstol", "abstol > 0 or reltol > 0 for each component", "both 0");
  }
  check_positive("SolveOptions.dt", options.dt);
  check_positive("SolveOptions.dtmin", options.dtmin);
  check_positive("SolveOptions.dtmax", options.dtmax);
  if (options.dtmin && options.dtmax && *options.dtmin > *options.dtmax)
    reject("SolveOptions.dtmin", "dtmin <= dtmax = " + to_text(*options.dtmax), *options.dtmin);
  if (options.dt && options.dtmin && *options.dt < *options.dtmin)
    reject("SolveOptions.dt", "dt >= dtmin = " + to_text(*options.dtmin), *options.dt);
  if (options.dt && options.dtmax && *options.dt > *options.dtmax)
    reject("SolveOptions.dt", "dt <= dtmax = " + to_text(*options.dtmax), *options.dt);
  if (!options.adaptive && !options.dt) reject("SolveOptions.dt", "a step where adaptive = false", "none");
  if (options.adaptive && !has_error_estimate && !options.dt)
    reject("SolveOptions.dt", "a step for a method that has no error estimate", "none");
  if (options.max_steps == 0) reject("SolveOptions.max_steps", "at least 1", "0");
  if (options.save_noise) reject("SolveOptions.save_noise", "false for an equation without noise", "true");
  if (options.saveat.spacing() &&
      !(*options.saveat.spacing() > 0 && std::isfinite(*options.saveat.spacing())))
    reject("SolveOptions.saveat", "a finite spacing > 0 in either direction of time",
           *options.saveat.spacing());
  if (options.saveat.spacing() && !(std::abs(t1 - t0) / *options.saveat.spacing() < 2e9))
    reject("SolveOptions.saveat", "a spacing that gives fewer than 2e9 points", *options.saveat.spacing());
  const double direction = t1 >= t0 ? 1 : -1;
  const auto inside = [&](double t) { return (t - t0) * direction >= 0 && (t1 - t) * direction >= 0; };
  double previous = t0;
  for (std::size_t i = 0; i < options.saveat.times().size(); ++i) {
    const double t = options.saveat.times()[i];
    if (!inside(t)) reject(element("SolveOptions.saveat", i), span_text(t0, t1), t);
    if ((t - previous) * direction < 0)
      reject(element("SolveOptions.saveat", i),
             "times sorted in the direction of integration, at or after " + to_text(previous), t);
    previous = t;
  }
  for (std::size_t i = 0; i < options.tstops.size(); ++i)
    if (!inside(options.tstops[i]))
      reject(element("SolveOptions.tstops", i), span_text(t0, t1), options.tstops[i]);
}

void resolve_save_times(const SolveOptions& options, double t0, double t1, Buffer<double>& times) {
  times.clear();
  if (options.saveat.is_list()) {
    times.assign(options.saveat.times().data(), options.saveat.times().size());
  } else if (options.saveat.spacing()) {
    const double spacing = *options.saveat.spacing(), direction = t1 >= t0 ? 1 : -1;
    // a last multiple within rounding of the end is the end, so that 0:0.1:10 has 101 points
    const auto count = static_cast<std::size_t>(std::ceil(std::abs(t1 - t0) / spacing * (1 - 1e-12) - 1e-9));
    times.resize(count + 1);
    for (std::size_t i = 0; i < count; ++i) times[i] = t0 + direction * spacing * static_cast<double>(i);
    times[count] = t1;
  }
}

void resolve_stops(const SolveOptions& options, double t0, double t1, Buffer<double>& stops) {
  stops.assign(options.tstops.data(), options.tstops.size());
  std::sort(stops.begin(), stops.end());
  if (t1 < t0) std::reverse(stops.begin(), stops.end());
  std::size_t kept = 0;
  for (const double t : stops)
    if (t != t0 && t != t1 && (kept == 0 || stops[kept - 1] != t)) stops[kept++] = t;
  stops.resize(kept);
  stops.push_back(t1);
}

}  // namespace costate::detail
