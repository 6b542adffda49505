// The library beside the limits and the peers that are installed, in one process on one core: the program of
// `make bench`. Prints Markdown. Arguments, if any, name the tables to run: solve gradient spiral compile.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

#include <costate/costate.hpp>

#include <model_problems/lotka_volterra.hpp>

#include "limits/lotka_volterra.hpp"
#include "limits/lotka_volterra_reference.hpp"
#include "limits/spiral.hpp"
#include "limits/spiral_reference.hpp"
#include "spiral_start.hpp"
#include "timing_table.hpp"
#ifdef COSTATE_PEER_ODEINT
#include "peers/odeint.hpp"
#endif
#ifdef COSTATE_PEER_SUNDIALS
#include "peers/sundials.hpp"
#include "peers/sundials_adjoint.hpp"
#endif

namespace {

using Model = costate::model_problems::LotkaVolterra;
using timing::keep, timing::launder, timing::Row, timing::Table;

const std::array<double, 2> u0{1, 1};
std::array<double, 4> p{1.5, 1, 3, 1};

template <class A, class B>
double max_difference(const A& a, const B& b) {
  double e = 0;
  for (std::size_t i = 0; i < std::size(b); ++i) e = std::fmax(e, std::abs(double(a[i]) - double(b[i])));
  for (std::size_t i = 0; i < std::size(b); ++i)
    if (std::isnan(double(a[i]))) return std::numeric_limits<double>::infinity();
  return e;
}
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  double scale = 0;
  for (const double x : b) scale = std::fmax(scale, std::abs(x));
  return max_difference(a, b) / scale;
}

const auto lotka_volterra = Model::f;
const auto lotka_volterra_out_of_place = [](const auto& u, const auto& q, auto /*t*/) {
  return costate::Vector{q[0] * u[0] - q[1] * u[0] * u[1], -q[2] * u[1] + q[3] * u[0] * u[1]};
};

auto lotka_volterra_problem() {
  return costate::ODEProblem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
}
template <class F>
auto sized_at_run_time(const F& f) {
  return costate::ODEProblem(f, std::vector<double>{1.0, 1.0}, {0.0, 10.0},
                             std::vector<double>{1.5, 1.0, 3.0, 1.0});
}

template <class Problem>
Row costate_solve_row(std::string name, Problem problem, costate::SolveOptions options,
                      const limits::LotkaVolterraReference& reference) {
  const auto held = std::make_shared<Problem>(std::move(problem));
  const auto run = [=] { return costate::solve(*held, costate::Tsit5{}, options); };
  return {.name = std::move(name),
          .call =
              [=] {
                launder(*held);
                const auto solution = run();
                keep(solution.values().data());
              },
          .error = [=, &reference] { return max_difference(run().values(), reference.saved); },
          .rhs_evaluations = [=] { return run().statistics().rhs_evaluations; }};
}

template <class Problem>
Row costate_gradient_row(std::string name, Problem problem, costate::SolveOptions options,
                         const limits::LotkaVolterraReference& reference) {
  const auto held = std::make_shared<Problem>(std::move(problem));
  const auto statistics = std::make_shared<costate::Statistics>();
  const auto run = [=] {
    const auto loss = [&](const auto& start, const auto& q) {
      const auto solution = solve(held->with_u0(start).with_p(q), costate::Tsit5{}, options);
      *statistics = solution.statistics();
      return sum(solution);
    };
    return costate::value_and_gradient(loss, held->u0(), held->p());
  };
  return {.name = std::move(name),
          .call =
              [=] {
                launder(*held);
                const auto result = run();
                keep(result);
              },
          .error =
              [=, &reference] {
                const auto [value, du0, dp] = run();
                const std::array<double, 6> gradient{du0[0], du0[1], dp[0], dp[1], dp[2], dp[3]};
                return relative_difference(gradient, reference.gradient);
              },
          .rhs_evaluations = [=] { return statistics->rhs_evaluations; },
          .record_bytes = [=] { return statistics->recorded_bytes; }};
}

int solve_table() {
  const auto reference = limits::lotka_volterra_reference(u0, p);
  Table table("Lotka–Volterra solve, 101 saved points", "max |error| at the saved points", 1e-6);
  std::array<double, limits::lotka_volterra_saved> saved{};
  [[maybe_unused]] const auto error = [&](auto&& call) {
    return [&reference, &saved, call] {
      saved.fill(std::numeric_limits<double>::quiet_NaN());
      call();
      return max_difference(saved, reference.saved);
    };
  };
#ifdef COSTATE_LIMITS
  for (const auto& [name, control] : {std::pair{"limit: Tsit5 by hand, 1e-8", limits::StepControl::pi_short},
                                      std::pair{"the same with a dead band", limits::StepControl::dead_band},
                                      std::pair{"the same with std::pow", limits::StepControl::pi_libm}}) {
    const auto run = [&saved, control = control] {
      launder(p);
      return limits::lotka_volterra_solve(u0, p, 1e-8, saved, control);
    };
    const auto call = [run] { run(); };
    table.add({.name = name,
               .is_limit = control == limits::StepControl::pi_short,
               .call = call,
               .error = error(call),
               .rhs_evaluations = [run] { return std::size_t(run().rhs_evaluations()); }});
  }
#endif
  const costate::SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1};
  const costate::SolveOptions not_dense{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1, .dense = false};
  table.add(costate_solve_row("costate Tsit5, 1e-8", lotka_volterra_problem(), options, reference));
  table.add(costate_solve_row("costate Tsit5, 1e-8, dense = false", lotka_volterra_problem(), not_dense,
                              reference));
  table.add(costate_solve_row("costate Tsit5, 1e-8, sized at run time", sized_at_run_time(lotka_volterra),
                              options, reference));
  table.add(costate_solve_row("costate Tsit5, 1e-8, sized at run time, out of place",
                              sized_at_run_time(lotka_volterra_out_of_place), options, reference));
  [[maybe_unused]] const auto add_peer = [&](std::string name, auto& peer) {
    table.add({.name = std::move(name),
               .call = [&peer] { peer.solve(); },
               .error = [&] { return peer.solve(), max_difference(peer.saved(), reference.saved); },
               .rhs_evaluations = [&peer] { return std::size_t(peer.rhs_evaluations()); }});
  };
  [[maybe_unused]] const std::vector<double> times = costate::linspace(0.0, 10.0, 101);
#ifdef COSTATE_PEER_ODEINT
  peers::OdeintDense<Model> odeint(times, 1e-8);
  add_peer("Boost.odeint dopri5, dense output, 1e-8", odeint);
#endif
#ifdef COSTATE_PEER_SUNDIALS
  peers::ArkodeModel<Model> arkode(times, 1e-8, ARKODE_DORMAND_PRINCE_7_4_5);
  add_peer("ARKODE Dormand–Prince, 1e-8", arkode);
  peers::CvodeModel<Model> cvode(times, 1e-9, CV_ADAMS);
  add_peer("CVODE Adams, 1e-9 (1e-8 misses the bound)", cvode);
#endif
  return table.run();
}

int gradient_table() {
  const auto reference = limits::lotka_volterra_reference(u0, p);
  Table table("Lotka–Volterra gradient, d(sum of the saved values)/d(u0, p)", "max |error| / max |gradient|",
              1e-6);
#ifdef COSTATE_LIMITS
  std::vector<limits::StepRecord> tape;
  std::array<double, limits::lotka_volterra_saved> weights;
  weights.fill(1);
  for (const auto& [name, vjp] :
       {std::pair{"limit: discrete adjoint by hand, 1e-8", limits::Vjp::hand},
        std::pair{"the same, generic right-hand side on duals", limits::Vjp::duals}}) {
    const auto run = [&tape, &weights, vjp = vjp] {
      launder(p);
      return limits::lotka_volterra_gradient(u0, p, 1e-8, weights, tape, vjp);
    };
    table.add({.name = name,
               .is_limit = vjp == limits::Vjp::hand,
               .call =
                   [run] {
                     const auto result = run();
                     keep(result);
                   },
               .error = [run, &reference] { return relative_difference(run().gradient, reference.gradient); },
               .rhs_evaluations = [run] { return std::size_t(run().statistics.rhs_evaluations()); },
               .record_bytes = [&tape] { return tape.size() * sizeof tape[0]; }});
  }
#endif
  const costate::SolveOptions options{.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1};
  table.add(costate_gradient_row("costate Tsit5, 1e-8", lotka_volterra_problem(), options, reference));
  table.add(costate_gradient_row("costate Tsit5, 1e-8, sized at run time", sized_at_run_time(lotka_volterra),
                                 options, reference));
  table.add(costate_gradient_row("costate Tsit5, 1e-8, sized at run time, out of place",
                                 sized_at_run_time(lotka_volterra_out_of_place), options, reference));
#ifdef COSTATE_PEER_SUNDIALS
  peers::CvodesAdjointLotkaVolterra cvodes(p, 1e-8);
  table.add(
      {.name = "CVODES Adams adjoint, 1e-8",
       .call = [&] { keep(cvodes.value_and_gradient(u0)); },
       .error =
           [&] { return relative_difference(cvodes.value_and_gradient(u0).gradient, reference.gradient); },
       .rhs_evaluations = [&] { return std::size_t(cvodes.rhs_evaluations()); }});
#endif
  return table.run();
}

template <class T>
int spiral_tables(const std::string& type) {
  [[maybe_unused]] constexpr std::size_t size = limits::spiral_parameters;
  const std::vector<T> start = spiral_start::weights<T>();
  using namespace costate;
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const auto x3 = u[0] * u[0] * u[0], y3 = u[1] * u[1] * u[1];
    du[0] = T(-0.1) * x3 - T(2) * y3;
    du[1] = T(2) * x3 - T(0.1) * y3;
  };
  const auto t = linspace(0.0, 1.5, 30);
  const auto data = solve(ODEProblem(spiral, {T(2), T(0)}, {0.0, 1.5}), Tsit5{},
                          {.abstol = 1e-6, .reltol = 1e-6, .saveat = t});
  std::array<T, limits::spiral_data> points{};
  std::copy(data.values().begin(), data.values().end(), points.begin());
  const std::vector<double> points_in_double(points.begin(), points.end());
  const auto reference_at = [&](const auto& parameters) {
    const std::vector<double> in_double(parameters.begin(), parameters.end());
    return limits::SpiralReference(in_double, points_in_double);
  };
  const auto reference = reference_at(start);
  Table gradients("Spiral neural ODE, value and gradient, " + type, "max |error| / max |gradient|", 1e-2);
  Table training("Spiral neural ODE, Adam × 300, " + type, "loss of the parameters found, solved tightly,",
                 1);

#ifdef COSTATE_LIMITS
  limits::SpiralTraining<T> limit(points, 1e-6, 1e-3);
  limit.set_parameters(std::span<const T, size>(start));
  const auto limit_gradient = [&] {
    std::vector<T> g(size);
    limit.value_and_gradient();
    limit.get_gradient(std::span<T, size>(g));
    return relative_difference(g, reference.gradient);
  };
  gradients.add({.name = "limit: discrete adjoint by hand",
                 .is_limit = true,
                 .call = [&] { keep(limit.value_and_gradient()); },
                 .error = limit_gradient,
                 .rhs_evaluations = [&] { return std::size_t(limit.value_and_gradient().rhs_evaluations); },
                 .record_bytes = [&] { return limit.tape_bytes(); }});
  limits::SpiralTraining<T> trained(points, 1e-6, 1e-3);
  const auto limit_adam = [&] {
    trained.set_parameters(std::span<const T, size>(start));
    return trained.adam(300, 0.05);
  };
  training.add({.name = "limit",
                .is_limit = true,
                .call = [&] { keep(limit_adam()); },
                .error =
                    [&] {
                      std::vector<T> found(size);
                      limit_adam();
                      trained.get_parameters(std::span<T, size>(found));
                      return reference_at(found).value;
                    }});
#endif
  const Chain net{[](auto v) { return v * v * v; }, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}};
  const NeuralODE node(net, {0.0, 1.5}, Tsit5{}, {.saveat = t});
  Statistics statistics;
  const auto loss = [&](const auto& q) {
    const auto prediction = node({T(2), T(0)}, q);
    statistics = prediction.statistics();
    return squared_error(prediction, data);
  };
  Vector<T> parameters(start);
  gradients.add({.name = "costate",
                 .call =
                     [&] {
                       launder(parameters);
                       const auto result = value_and_gradient(loss, parameters);
                       keep(result);
                     },
                 .error =
                     [&] {
                       const auto [value, gradient] = value_and_gradient(loss, parameters);
                       return relative_difference(gradient, reference.gradient);
                     },
                 .rhs_evaluations = [&] { return statistics.rhs_evaluations; },
                 .record_bytes = [&] { return statistics.recorded_bytes; }});
  const auto costate_adam = [&] {
    return train(loss, parameters, Adam{.learning_rate = 0.05}, {.max_iterations = 300, .progress = false});
  };
  training.add({.name = "costate",
                .call = [&] { keep(costate_adam().minimum); },
                .error = [&] { return reference_at(costate_adam().minimizer).value; }});
  return gradients.run() + training.run();
}

/// Seconds that the acceptance programs take to compile, by tools/compile_time.sh. Returns the number that do
/// not.
int compile_table() {
  int failures = 0;
#ifdef COSTATE_COMPILE_TIME
  std::printf("\n### Compile time at -O2, least of three\n\n| program | seconds |\n|---|---|\n");
  for (const char* program : {"gradient_of_a_solve", "neural_ode"}) {
    const std::string command = std::string(COSTATE_COMPILE_TIME " " COSTATE_ACCEPTANCE "/") + program +
                                ".cpp " COSTATE_COMPILE_FLAGS;
    char text[64] = "";
    FILE* const pipe = popen(command.c_str(), "r");
    const bool answered = pipe && std::fgets(text, sizeof text, pipe);
    const bool compiled = pipe && pclose(pipe) == 0 && answered;
    text[std::string_view(text).find_last_not_of('\n') + 1] = 0;
    std::printf("| %s | %s |\n", program, compiled ? text : "**does not compile**");
    failures += !compiled;
  }
#endif
  return failures;
}

}  // namespace

int main(int argc, char** argv) {
  const auto wanted = [&](const char* name) {
    return argc < 2 || std::find(argv + 1, argv + argc, std::string_view(name)) != argv + argc;
  };
  int failures = 0;
#ifdef __linux__
  cpu_set_t all, one;
  sched_getaffinity(0, sizeof all, &all);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
#ifndef COSTATE_LIMITS
  std::printf(
      "The limits are written for AVX-512, which this build does not have: their rows and the ratios are "
      "left out.\n");
#endif
#ifndef COSTATE_PEER_ODEINT
  std::printf("Boost.odeint was not found: its rows are left out.\n");
#endif
#ifndef COSTATE_PEER_SUNDIALS
  std::printf("SUNDIALS was not found: its rows are left out.\n");
#endif
  if (wanted("solve")) failures += solve_table();
  if (wanted("gradient")) failures += gradient_table();
  if (wanted("spiral"))
    failures += spiral_tables<float>("single precision") + spiral_tables<double>("double precision");
#ifdef __linux__
  sched_setaffinity(0, sizeof all, &all);
#endif
  if (wanted("compile")) failures += compile_table();
  return failures == 0 ? 0 : 1;
}
