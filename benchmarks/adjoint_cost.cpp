// What a gradient costs beside the solve that it differentiates: 6, 252 and about 10,000 parameters. Prints
// Markdown; the ratio is that of value and gradient to the solve alone.

#include <costate/costate.hpp>

#include <cmath>
#include <cstddef>
#include <model_problems/lotka_volterra.hpp>
#include <string>

#include "timing_table.hpp"

#ifdef __linux__
#include <sched.h>
#endif

namespace {

using namespace costate;
using timing::keep;
using timing::launder;

template <class A, class B>
double relative_difference(const A& a, const B& b) {
  double largest = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double d = std::abs(double(a[i]) - double(b[i]));
    if (!(d <= largest)) largest = d;
    scale = std::fmax(scale, std::abs(double(b[i])));
  }
  return largest / scale;
}

/// solution_of(p, method, options) is differentiated; the loss is the sum of the saved values.
template <class SolutionOf, class P>
int table_of(const std::string& title, const SolutionOf& solution_of, P p, const SolveOptions& options) {
  Statistics statistics;
  const auto loss = [&](const auto& q) {
    const auto solution = solution_of(q, Tsit5{}, options);
    statistics = solution.statistics();
    return sum(solution);
  };
  const auto tight = [&](const auto& q) {
    SolveOptions at = options;
    at.abstol = at.reltol = 1e-12;
    return sum(solution_of(q, Vern7{}, at));
  };
  const auto reference = gradient(tight, p);
  const auto evaluations = [&] { return statistics.rhs_evaluations; };
  timing::Table table(title, "max |error| / max |gradient|", 1e-2);
  table.add({.name = "solve alone",
             .is_limit = true,
             .call =
                 [&] {
                   launder(p);
                   keep(loss(p));
                 },
             .error = [&] { return std::abs(loss(p) - tight(p)) / std::abs(tight(p)); },
             .rhs_evaluations = evaluations});
  table.add({.name = "value and gradient",
             .call =
                 [&] {
                   launder(p);
                   const auto result = value_and_gradient(loss, p);
                   keep(result);
                 },
             .error = [&] { return relative_difference(gradient(loss, p), reference); },
             .rhs_evaluations = evaluations,
             .record_bytes = [&] { return statistics.recorded_bytes; }});
  return table.run(61);
}

}  // namespace

int main() {
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
  int failures = 0;
  using Model = model_problems::LotkaVolterra;
  const auto lotka_volterra = [](const auto& q, const auto& method, const SolveOptions& options) {
    return solve(ODEProblem(Model::f, Vector{q[0], q[1]}, Model::tspan, Vector{q[2], q[3], q[4], q[5]}),
                 method, options);
  };
  failures += table_of("Cost of the adjoint: Lotka–Volterra, 6 inputs, Tsit5 at 1e-8", lotka_volterra,
                       Vector{1.0, 1.0, 1.5, 1.0, 3.0, 1.0},
                       {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1, .dense = false});
  const auto tables_of_net = [&](const std::string& name, const auto& net, const auto& start) {
    const SolveOptions options{.saveat = linspace(0.0, 1.5, 30), .dense = false};
    const auto p = net.template initial_parameters<double>(42);
    const auto by_neural_ode = [&](const auto& q, const auto& method, const SolveOptions& at) {
      return NeuralODE(net, {0.0, 1.5}, method, at)(start, q);
    };
    failures += table_of("Cost of the adjoint: " + name + ", NeuralODE at default tolerances", by_neural_ode,
                         p, options);
    const auto f = [&net](auto& du, const auto& u, const auto& q, auto) {
      const auto slope = net(u, q);
      for (std::size_t i = 0; i < du.size(); ++i) du[i] = slope[i];
    };
    const auto by_own_function = [&](const auto& q, const auto& method, const SolveOptions& at) {
      return solve(ODEProblem(f, start, TimeSpan{0.0, 1.5}, q), method, at);
    };
    failures +=
        table_of("Cost of the adjoint: " + name + ", the network called in a right-hand side of one's own",
                 by_own_function, p, options);
  };
  tables_of_net("network of 252 parameters", Chain{Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}},
                Vector{2.0, 0.0});
  Vector<double> fifty(50);
  for (std::size_t i = 0; i < fifty.size(); ++i) fifty[i] = std::cos(0.3 * double(i));
  tables_of_net("network of 10,049 parameters", Chain{Dense<50, 99, activation::tanh>{}, Dense<99, 50>{}},
                fifty);
  return failures == 0 ? 0 : 1;
}
