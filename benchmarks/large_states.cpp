// States of 10³ … 10⁶ components of a cheap right-hand side (advection and diffusion on a periodic line):
// steps of Tsit5 beside those written by hand for memory, in one process on one core. Prints Markdown.
// Arguments, if any, are the sizes.

#include <costate/costate.hpp>

#include "limits/advection_diffusion.hpp"
#include "timing_table.hpp"

#ifdef __linux__
#include <sched.h>
#endif

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using timing::keep;

constexpr double tolerance = 1e-6;

template <class U>
double distance_from_exact(const U& u, double t) {
  const limits::AdvectionDiffusion f(u.size());
  double largest = 0;
  for (std::size_t i = 0; i < u.size(); i += 37)
    largest = std::fmax(largest, std::abs(u[i] - f.exact(i, u.size(), t)));
  return largest;
}

auto line(std::size_t n) {
  const auto f = [f = limits::AdvectionDiffusion(n)](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const std::size_t last = u.size() - 1;
    du[0] = f.a * u[last] + f.b * u[0] + f.c * u[1];
    for (std::size_t i = 1; i < last; ++i) du[i] = f.a * u[i - 1] + f.b * u[i] + f.c * u[i + 1];
    du[last] = f.a * u[last - 1] + f.b * u[last] + f.c * u[0];
  };
  costate::Vector<double> u0(n);
  for (std::size_t i = 0; i < n; ++i) u0[i] = limits::AdvectionDiffusion::start(i, n);
  return [f, u0, n](std::size_t steps) {
    return costate::ODEProblem(f, u0, {0.0, (double(steps) - 0.5) * 0.4 / double(n)});
  };
}
costate::SolveOptions options_of(std::size_t n) {
  costate::SolveOptions options{.abstol = tolerance, .reltol = tolerance};
  options.dt = 0.2 / double(n);
  options.dtmax = 0.4 / double(n);
  options.save_everystep = false;
  options.dense = false;
  return options;
}

int table_of(std::size_t n, std::size_t steps, int rounds) {
  timing::Table table(std::to_string(n) + " states, " + std::to_string(steps) + " steps of Tsit5",
                      "distance from the exact solution on the grid", n < 10000 ? 1e-7 : 1e-9);
#ifdef COSTATE_LIMITS
  const auto hand = std::make_shared<limits::AdvectionDiffusionSteps>(n, tolerance);
  const auto add_limit = [&](const std::string& name, auto step, bool is_limit) {
    table.add({.name = name,
               .is_limit = is_limit,
               .call =
                   [=] {
                     for (std::size_t i = 0; i < steps; ++i) step(*hand);
                     keep(hand->state()[0]);
                   },
               .error =
                   [=] {
                     limits::AdvectionDiffusionSteps fresh(n, tolerance);
                     for (std::size_t i = 0; i < steps; ++i) step(fresh);
                     return distance_from_exact(fresh.state(), fresh.t());
                   }});
  };
  add_limit(
      "limit: by hand, right-hand side a black box (54 vectors a step)", [](auto& s) { s.black_box(); },
      true);
  add_limit(
      "the same, right-hand side in the passes (34)", [](auto& s) { s.fused(); }, false);
  add_limit(
      "the same, tiled over all stages (2)", [](auto& s) { s.tiled(); }, false);
  table.add({.name = "54 vectors at the speed of a triad",
             .call =
                 [=] {
                   // as many bytes, in whole triads
                   const double bytes = 54.0 * 8 * double(n) * double(steps);
                   const auto triads = std::size_t(std::lround(bytes / double(hand->triad_bytes())));
                   for (std::size_t i = 0; i < triads; ++i) hand->triad();
                 },
             .error = [] { return 0.0; }});
#endif
  const auto problem = line(n)(steps);
  const auto options = options_of(n);
  table.add({.name = "costate Tsit5, whole solve",
             .call =
                 [=] {
                   const auto solution = solve(problem, costate::Tsit5{}, options);
                   keep(solution.values().data());
                 },
             .error =
                 [=] {
                   const auto solution = solve(problem, costate::Tsit5{}, options);
                   if (solution.statistics().steps != steps)
                     std::printf("costate took %zu steps\n", solution.statistics().steps);
                   return distance_from_exact(solution.back(), problem.tspan().end);
                 },
             .rhs_evaluations =
                 [=] { return solve(problem, costate::Tsit5{}, options).statistics().rhs_evaluations; }});
  return table.run(rounds);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
  std::vector<std::size_t> sizes{1000, 10'000, 100'000, 1'000'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10) / 8 * 8);
  int failures = 0;
  for (const std::size_t n : sizes) {
    const bool is_large = n >= 1'000'000;
    failures += table_of(n, is_large ? 16 : 64, is_large ? 7 : 25);
  }
  return failures == 0 ? 0 : 1;
}
