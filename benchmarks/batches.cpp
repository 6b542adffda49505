// The spiral network on batches of 64 and 1024 samples, value and gradient, beside the hand-specialized limit
// in one process. Prints Markdown. Arguments, if any, name the tables to run: float double.

#include <costate/costate.hpp>

#include "spiral_start.hpp"
#include "timing_table.hpp"

#ifdef COSTATE_LIMITS
#include "limits/spiral_batch.hpp"
#endif

#ifdef __linux__
#include <sched.h>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace costate;
using timing::keep;
using timing::launder;

/// Samples in [−2, 2]².
template <class T>
Matrix<T> starts_of(std::size_t samples) {
  std::uint64_t state = 7;
  Matrix<T> starts(2, samples);
  for (std::size_t j = 0; j < samples; ++j)
    for (std::size_t i = 0; i < 2; ++i) starts(i, j) = T(2 * spiral_start::uniform_number(state));
  return starts;
}

/// The largest difference over the largest entry.
template <class A, class B>
double difference(const A& a, const B& b) {
  double largest = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    largest = std::fmax(largest, std::abs(double(a[i]) - double(b[i])));
    scale = std::fmax(scale, std::abs(double(b[i])));
  }
  return largest / scale;
}

template <class T>
int table_of(std::size_t samples, const std::string& type) {
  const Chain net{[](auto v) { return v * v * v; }, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}};
  const auto t = linspace(0.0, 1.5, 30);
  const Matrix<T> starts = starts_of<T>(samples);
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    for (std::size_t j = 0; j < u.cols(); ++j) {
      const auto x3 = u(0, j) * u(0, j) * u(0, j), y3 = u(1, j) * u(1, j) * u(1, j);
      du(0, j) = T(-0.1) * x3 - T(2) * y3;
      du(1, j) = T(2) * x3 - T(0.1) * y3;
    }
  };
  const auto data =
      solve(ODEProblem(spiral, starts, {0.0, 1.5}), Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6, .saveat = t});
  Vector<T> parameters(spiral_start::weights<T>());

  const auto tight = [&] {
    const NeuralODE node(net, {0.0, 1.5}, Vern7{}, {.abstol = 1e-10, .reltol = 1e-10, .saveat = t});
    const Matrix<double> u(starts);
    const Vector<double> p(parameters), wanted(data.values());
    return gradient([&](const auto& q) { return squared_error(node(u, q), wanted); }, p);
  };
  const Vector<double> reference = tight();
  timing::Table table("Spiral network, " + std::to_string(samples) + " samples, value and gradient, " + type,
                      "max |error| / max |gradient|", 1e-2);

#ifdef COSTATE_LIMITS
  limits::SpiralBatch<T> limit(std::span<const T>(starts.data(), starts.size()),
                               std::span<const T>(data.values().data(), data.values().size()), 1e-6, 1e-3);
  limit.set_parameters(
      std::span<const T, limits::spiral_parameters>(parameters.data(), limits::spiral_parameters));
  table.add({.name = "limit: discrete adjoint by hand, hidden values stored",
             .is_limit = true,
             .call = [&] { keep(limit.value_and_gradient()); },
             .error =
                 [&] {
                   std::vector<T> g(limits::spiral_parameters);
                   limit.value_and_gradient();
                   limit.get_gradient(std::span<T, limits::spiral_parameters>(g));
                   return difference(g, reference);
                 },
             .rhs_evaluations = [&] { return std::size_t(limit.value_and_gradient().rhs_evaluations); }});
  table.add({.name = "limit: solve alone",
             .call = [&] { keep(limit.value()); },
             .error = [] { return 0.0; },
             .rhs_evaluations = [&] { return std::size_t(limit.value().rhs_evaluations); }});
#endif
  const auto add = [&](const std::string& name, const auto& node) {
    const auto loss = [&starts, &data, node](const auto& q) { return squared_error(node(starts, q), data); };
    table.add(
        {.name = name,
         .call =
             [&parameters, loss] {
               launder(parameters);
               const auto result = value_and_gradient(loss, parameters);
               keep(result);
             },
         .error = [&, loss] { return difference(gradient(loss, parameters), reference); },
         .rhs_evaluations = [&, node] { return node(starts, parameters).statistics().rhs_evaluations; }});
    table.add({.name = name + ", solve and loss alone",
               .call = [&parameters, loss] { keep(loss(parameters)); },
               .error = [] { return 0.0; }});
  };
  add("costate", NeuralODE(net, {0.0, 1.5}, Tsit5{}, {.saveat = t, .dense = false}));
  add("costate, dense output kept", NeuralODE(net, {0.0, 1.5}, Tsit5{}, {.saveat = t}));
  return table.run(41);
}

}  // namespace

int main(int argc, char** argv) {
  const auto wanted = [&](std::string_view name) {
    for (int i = 1; i < argc; ++i)
      if (argv[i] == name) return true;
    return argc < 2;
  };
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
  int failures = 0;
  for (const std::size_t samples : {std::size_t{64}, std::size_t{1024}}) {
    if (wanted("float")) failures += table_of<float>(samples, "single precision");
    if (wanted("double")) failures += table_of<double>(samples, "double precision");
  }
  return failures == 0 ? 0 : 1;
}
