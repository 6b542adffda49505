// What an iteration of `train` costs beside the gradient that it contains: the spiral neural ODE, 252
// parameters. Prints Markdown.

#include <costate/costate.hpp>

#include "timing_table.hpp"

#ifdef __linux__
#include <sched.h>
#endif

#include <cmath>
#include <cstddef>
#include <string>

namespace {

using namespace costate;

constexpr std::size_t iterations = 50;

template <class T>
int table_of(const std::string& type) {
  const Chain net{[](auto v) { return v * v * v; }, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}};
  const auto t = linspace(0.0, 1.5, 30);
  const auto spiral = [](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) {
    const auto x3 = u[0] * u[0] * u[0], y3 = u[1] * u[1] * u[1];
    du[0] = T(-0.1) * x3 - T(2) * y3;
    du[1] = T(2) * x3 - T(0.1) * y3;
  };
  const Vector<T, 2> start{T(2), T(0)};
  const auto data = solve(ODEProblem(spiral, start, {0.0, 1.5}), Tsit5{}, {.saveat = t});
  const auto p = net.template initial_parameters<T>(1);
  const ODEProblem model([&](const auto& u, const auto& q, auto /*t*/) { return net(u, q); }, start,
                         {0.0, 1.5}, p);
  const auto loss = [&](const auto& q) {
    return squared_error(solve(model.with_p(q), Tsit5{}, {.saveat = t}), data);
  };
  // a rate this small leaves the parameters, and so the work, where they are
  const Adam rule{.learning_rate = 1e-12};
  const auto options = [](bool watched) {
    return TrainOptions{.max_iterations = iterations, .progress = watched, .interruptible = watched};
  };
  const auto no_error = [] { return 0.0; };

  timing::Table table("50 iterations of Adam on the spiral neural ODE (252 parameters), " + type,
                      "no error to be had", 0);
  table.add({"51 gradients", true,
             [&] {
               for (std::size_t i = 0; i <= iterations; ++i)
                 timing::keep(value_and_gradient(loss, p).value());
             },
             no_error});
  table.add({"train", false, [&] { timing::keep(train(loss, p, rule, options(false)).minimum); }, no_error});
  table.add({"train, progress and Ctrl-C", false,
             [&] { timing::keep(train(loss, p, rule, options(true)).minimum); }, no_error});
  table.add({"train, a callback", false,
             [&] {
               timing::keep(train(loss, p, rule, options(true), [](const auto&, double value) {
                              return value < 0;
                            }).minimum);
             },
             no_error});
  return table.run(41);
}

}  // namespace

int main() {
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
  return table_of<double>("double") + table_of<float>("float");
}
