// A network steers a known linear equation to 1 and keeps it there; the initial state is trained with the
// network.
//
//     neural_control [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>

int main(int count, char** arguments) {
  using namespace costate;
  const bool is_short = count > 1 && std::strcmp(arguments[1], "--short") == 0;

  // x' = net(x, y), y' = p1 y + p2 x: the network moves x, and y must be 1 at t = 0, 1, ..., 25.
  const Chain net{Dense<2, 16, activation::tanh>{}, Dense<16, 16, activation::tanh>{}, Dense<16, 1>{}};
  const auto dynamics = [&](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto [weights, linear] = split(p, net, 2);
    du[0] = net(u, weights)[0];
    du[1] = linear[0] * u[1] + linear[1] * u[0];
  };
  const auto p = concatenate(net.initial_parameters<double>(1), {0.5, -0.5});
  const ODEProblem problem(dynamics, {0.0, 1.1}, {0.0, 25.0}, p);
  const auto solved = [&](const auto& theta) {
    const auto [y0, q] = split(theta, 1, p.size());
    return solve(problem.with_u0(Vector{0.0, y0[0]}).with_p(q), Tsit5{},
                 {.abstol = 1e-8, .reltol = 1e-6, .saveat = 1.0});
  };
  const auto loss = [&](const auto& theta) { return squared_error(solved(theta).component(1), 1.0); };

  // Untrained, the equation grows like exp(t/2): Adam leaves that region, BFGS finishes.
  const auto start = concatenate({1.1}, p);
  const auto coarse =
      train(loss, start, Adam{.learning_rate = 0.01}, {.max_iterations = is_short ? 40u : 300u});
  std::printf("Adam: loss %.3e -> %.3e in %.2f s\n", coarse.initial_loss, coarse.minimum, coarse.seconds);
  const auto result = train(loss, coarse.minimizer, BFGS{.initial_step_norm = 0.01},
                            {.max_iterations = is_short ? 5u : 200u});
  std::printf("%s\n", report(result).c_str());

  const auto solution = solved(result.minimizer);
  for (const std::size_t t : {0, 1, 5, 25}) std::printf("y(%2zu) = %.9f\n", t, solution[t][1]);

  const bool right = is_short ? result.minimum < 0.5 * coarse.initial_loss : result.minimum < 1e-6;
  if (!right) std::puts("WRONG: the network does not hold y at 1");
  return right ? 0 : 1;
}
