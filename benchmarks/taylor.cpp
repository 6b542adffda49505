// Taylor's method on a generic right-hand side beside the same method specialised by hand and Vern7, in one
// process on one core. Prints Markdown.
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
#include "limits/lotka_volterra_taylor.hpp"
#endif

namespace {

using timing::keep, timing::launder, timing::Table;

std::array<double, 2> u0{1, 1};
std::array<double, 4> p{1.5, 1, 3, 1};
const auto lotka_volterra = [](auto& du, const auto& u, const auto& q, auto /*t*/) {
  du[0] = q[0] * u[0] - q[1] * u[0] * u[1];
  du[1] = -q[2] * u[1] + q[3] * u[0] * u[1];
};
const auto problem = costate::ODEProblem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
// a capture keeps f from being recorded while the program is compiled
const double one = 1;
const auto captured = [scale = one](auto& du, const auto& u, const auto& q, auto t) {
  lotka_volterra(du, u, q, t);
  du[0] = scale * du[0];
};
const auto captured_problem = costate::ODEProblem(captured, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});

template <class A, class B>
double largest_difference(const A& a, const B& b) {
  double e = 0;
  for (std::size_t i = 0; i < std::size(b); ++i) {
    if (std::isnan(double(a[i]))) return std::numeric_limits<double>::infinity();
    e = std::fmax(e, std::abs(double(a[i]) - double(b[i])));
  }
  return e;
}
costate::SolveOptions options(double tolerance) {
  return {.abstol = tolerance, .reltol = tolerance, .saveat = 0.1, .dense = false};
}

template <class Problem, class Method>
void add_solve(Table& table, std::string name, const Problem& of, Method method, double tolerance,
               const limits::LotkaVolterraReference& reference) {
  const auto run = [=, &of] { return solve(of, method, options(tolerance)); };
  table.add({.name = std::move(name),
             .call =
                 [=] {
                   const auto solution = run();
                   keep(solution.values().data());
                 },
             .error = [=, &reference] { return largest_difference(run().values(), reference.saved); },
             .rhs_evaluations = [=] { return run().statistics().rhs_evaluations; }});
}
template <class Problem, class Method>
void add_gradient(Table& table, std::string name, const Problem& of, Method method, double tolerance,
                  const limits::LotkaVolterraReference& reference) {
  const auto run = [=, &of] {
    const auto loss = [&](const auto& start, const auto& q) {
      return sum(solve(of.with_u0(start).with_p(q), method, options(tolerance)));
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
                   return largest_difference(g, reference.gradient) / std::abs(reference.gradient[5]);
                 }});
}

}  // namespace

int main() {
  const auto reference = limits::lotka_volterra_reference(u0, p);
  int failures = 0;
  // the tolerance at which each is just below the bound
  struct Bound {
    double error, by_hand, taylor18, taylor, vern7;
  };
  for (const Bound& bound :
       {Bound{1e-8, 1e-10, 3e-10, 1e-9, 1e-9}, Bound{1e-11, 1e-13, 1e-12, 5e-13, 2e-12}}) {
    Table table("Lotka–Volterra solve by Taylor's method, 101 saved points",
                "max |error| at the saved points", bound.error);
#ifdef COSTATE_LIMITS
    alignas(64) static std::array<double, limits::lotka_volterra_saved> saved{};
    const auto by_hand = [=] {
      launder(p);
      return limits::lotka_volterra_taylor(u0, p, bound.by_hand, saved);
    };
    table.add({.name = "limit: Taylor of order 20 by hand",
               .is_limit = true,
               .call = [=] { by_hand(); },
               .error = [=, &reference] { return by_hand(), largest_difference(saved, reference.saved); }});
#endif
    add_solve(table, "costate, Taylor{.order = 18}", problem, costate::Taylor{.order = 18}, bound.taylor18,
              reference);
    add_solve(table, "costate, Taylor{}", problem, costate::Taylor{}, bound.taylor, reference);
    add_solve(table, "costate, Taylor{}, f recorded in every step", captured_problem, costate::Taylor{},
              bound.taylor, reference);
    add_solve(table, "costate, Vern7", problem, costate::Vern7{}, bound.vern7, reference);
    failures += table.run();
  }
  for (const Bound& bound : {Bound{1e-8, 1e-9, 5e-10, 1e-9, 1e-9}}) {
    Table table("Gradient of the sum of the saved values by u0 and p", "max |error| / max |entry|",
                bound.error);
#ifdef COSTATE_LIMITS
    static std::vector<limits::TaylorRecord> tape;
    alignas(64) static std::array<double, limits::lotka_volterra_saved> weights;
    weights.fill(1);
    const auto by_hand = [=] {
      launder(p);
      return limits::lotka_volterra_taylor_gradient(u0, p, bound.by_hand, weights, tape);
    };
    table.add({.name = "limit: Taylor of order 16 by hand, reverse sweep",
               .is_limit = true,
               .call = [=] { keep(by_hand()); },
               .error =
                   [=, &reference] {
                     return largest_difference(by_hand().gradient, reference.gradient) /
                            std::abs(reference.gradient[5]);
                   }});
#endif
    add_gradient(table, "costate, Taylor{.order = 18}", problem, costate::Taylor{.order = 18}, bound.taylor18,
                 reference);
    add_gradient(table, "costate, Taylor{}", problem, costate::Taylor{}, bound.taylor, reference);
    add_gradient(table, "costate, Taylor{}, f recorded in every step", captured_problem, costate::Taylor{},
                 bound.taylor, reference);
    add_gradient(table, "costate, Vern7", problem, costate::Vern7{}, bound.vern7, reference);
    failures += table.run();
  }
  return failures == 0 ? 0 : 1;
}
