// The gradient of a loss on an ODE solution by its initial state and its parameters, and how to see that it
// is right.
//
//     gradient_of_a_solve [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>

int main() {
  using namespace costate;

  const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10, .saveat = 0.1};

  // Any loss: here the sum of the 202 saved numbers.
  const auto loss = [&](const auto& u0, const auto& p) {
    return sum(solve(problem.with_u0(u0).with_p(p), Tsit5{}, options));
  };
  const auto [value, du0, dp] = value_and_gradient(loss, problem.u0(), problem.p());

  std::printf("loss      %18.12f\n", value);
  for (std::size_t i = 0; i < du0.size(); ++i) std::printf("d/du0[%zu]  %18.12f\n", i, du0[i]);
  for (std::size_t i = 0; i < dp.size(); ++i) std::printf("d/dp[%zu]   %18.12f\n", i, dp[i]);

  // The three routes: the adjoint that was used above, tangents carried forward, differences.
  const auto by_p = [&](const auto& p) { return loss(problem.u0(), p); };
  const auto comparison = check_gradient(by_p, problem.p());
  std::printf("the gradient's routes disagree by %.1e\n", comparison.max_relative_difference);

  // The values to compare with were computed in 80-bit arithmetic with dual numbers.
  const bool right = std::abs(value - 450.764064039539) < 1e-6 && std::abs(dp[3] + 339.195092766061) < 1e-6 &&
                     comparison.max_relative_difference < 1e-6;
  if (!right) std::puts("WRONG: the gradient is not what it must be");
  return right ? 0 : 1;
}
