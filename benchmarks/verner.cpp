// Verner's pairs on a generic right-hand side beside the same pairs specialised by hand, in one process on
// one core. Prints Markdown.
#include <costate/costate.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "limits/lotka_volterra.hpp"
#include "limits/lotka_volterra_reference.hpp"
#include "timing_table.hpp"
#ifdef COSTATE_LIMITS
#include "limits/lotka_volterra_verner.hpp"
#endif

namespace {

using timing::keep, timing::launder, timing::Table;

const std::array<double, 2> u0{1, 1};
std::array<double, 4> p{1.5, 1, 3, 1};
const auto lotka_volterra = [](auto& du, const auto& u, const auto& q, auto /*t*/) {
  du[0] = q[0] * u[0] - q[1] * u[0] * u[1];
  du[1] = -q[2] * u[1] + q[3] * u[0] * u[1];
};
const auto problem = costate::ODEProblem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
const auto sized_at_run_time = costate::ODEProblem(lotka_volterra, std::vector<double>{1.0, 1.0}, {0.0, 10.0},
                                                   std::vector<double>{1.5, 1.0, 3.0, 1.0});

template <class A, class B>
double largest_difference(const A& a, const B& b) {
  double e = 0;
  for (std::size_t i = 0; i < std::size(b); ++i) {
    if (std::isnan(double(a[i]))) return std::numeric_limits<double>::infinity();
    e = std::fmax(e, std::abs(double(a[i]) - double(b[i])));
  }
  return e;
}
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  double scale = 0;
  for (const double x : b) scale = std::fmax(scale, std::abs(x));
  return largest_difference(a, b) / scale;
}

template <class Method, class Problem>
void add_solve(Table& table, std::string name, const Problem& of, const costate::SolveOptions& options,
               const limits::LotkaVolterraReference& reference) {
  const auto run = [=, &of] { return solve(of, Method{}, options); };
  table.add({.name = std::move(name),
             .call =
                 [=] {
                   const auto solution = run();
                   keep(solution.values().data());
                 },
             .error = [=, &reference] { return largest_difference(run().values(), reference.saved); },
             .rhs_evaluations = [=] { return run().statistics().rhs_evaluations; }});
}
template <class Method, class Problem>
void add_gradient(Table& table, std::string name, const Problem& of, const costate::SolveOptions& options,
                  const limits::LotkaVolterraReference& reference) {
  static costate::Statistics statistics;
  const auto run = [=, &of] {
    const auto loss = [&](const auto& start, const auto& q) {
      const auto solution = solve(of.with_u0(start).with_p(q), Method{}, options);
      statistics = solution.statistics();
      return sum(solution);
    };
    return costate::value_and_gradient(loss, of.u0(), of.p());
  };
  table.add({.name = std::move(name),
             .call =
                 [=] {
                   const auto result = run();
                   keep(result);
                 },
             .error =
                 [=, &reference] {
                   const auto [value, du0, dp] = run();
                   const std::array<double, 6> g{du0[0], du0[1], dp[0], dp[1], dp[2], dp[3]};
                   return relative_difference(g, reference.gradient);
                 },
             .rhs_evaluations = [=] { return run(), statistics.rhs_evaluations; },
             .record_bytes = [=] { return run(), statistics.recorded_bytes; }});
}

/// Every row at the tolerance that is just below the bound.
template <class Method>
int tables(const limits::LotkaVolterraReference& reference, double bound, double tolerance) {
  const std::string method(Method::name);
  char at[64];
  std::snprintf(at, sizeof at, " at an error of %.0e", bound);
  Table values("Lotka–Volterra solve by " + method + at + ", 101 saved points",
               "max |error| at the saved points", bound);
  Table gradients("Lotka–Volterra gradient by " + method + at, "max |error| / max |entry|", bound);
#ifdef COSTATE_LIMITS
  static std::array<double, limits::lotka_volterra_saved> saved{};
  for (const auto& [name, control] :
       {std::pair{"limit: by hand", limits::StepControl::pi_short},
        std::pair{"the same with a dead band", limits::StepControl::dead_band}}) {
    const auto run = [=, control = control] {
      launder(p);
      return limits::lotka_volterra_verner<Method>(u0, p, tolerance, saved, control);
    };
    values.add({.name = name,
                .is_limit = control == limits::StepControl::pi_short,
                .call = [=] { keep(run()); },
                .error =
                    [=, control = control, &reference] {
                      run();
                      // that of the dead band is another one
                      return control == limits::StepControl::dead_band
                                 ? std::fmin(bound, largest_difference(saved, reference.saved))
                                 : largest_difference(saved, reference.saved);
                    }});
  }
  static limits::VernerTape<Method> tape;
  static std::array<double, limits::lotka_volterra_saved> weights;
  weights.fill(1);
  const auto by_hand = [=] {
    launder(p);
    return limits::lotka_volterra_verner_gradient<Method>(u0, p, tolerance, weights, tape);
  };
  gradients.add(
      {.name = "limit: discrete adjoint by hand",
       .is_limit = true,
       .call = [=] { keep(by_hand()); },
       .error = [=, &reference] { return relative_difference(by_hand().gradient, reference.gradient); },
       .record_bytes = [] { return tape.bytes(); }});
#endif
  const costate::SolveOptions dense{.abstol = tolerance, .reltol = tolerance, .saveat = 0.1};
  costate::SolveOptions options = dense;
  options.dense = false;
  add_solve<Method>(values, "costate, dense = false", problem, options, reference);
  add_solve<Method>(values, "costate", problem, dense, reference);
  add_solve<Method>(values, "costate, dense = false, sized at run time", sized_at_run_time, options,
                    reference);
  add_gradient<Method>(gradients, "costate, dense = false", problem, options, reference);
  add_gradient<Method>(gradients, "costate", problem, dense, reference);
  add_gradient<Method>(gradients, "costate, dense = false, sized at run time", sized_at_run_time, options,
                       reference);
  return values.run() + gradients.run();
}

}  // namespace

int main() {
  const auto reference = limits::lotka_volterra_reference(u0, p);
  int failures = 0;
  failures += tables<costate::Vern7>(reference, 1e-8, 1e-9);
  failures += tables<costate::Vern9>(reference, 1e-8, 1e-9);
  failures += tables<costate::Vern7>(reference, 1e-11, 2e-12);
  failures += tables<costate::Vern9>(reference, 1e-11, 2e-12);
  return failures == 0 ? 0 : 1;
}
