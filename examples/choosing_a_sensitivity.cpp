// One gradient by every sensitivity: how far they are from the discrete adjoint, and what they keep. Then an
// equation that cannot be solved backwards, and a running cost.
//
//     choosing_a_sensitivity [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>

using namespace costate;

namespace {

int wrong = 0;

void expect(const char* what, bool holds) {
  std::printf("  %-64s %s\n", what, holds ? "yes" : "NO");
  wrong += !holds;
}

constexpr auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});

struct Outcome {
  Vector<double, 4> gradient;
  std::size_t bytes;
};

Outcome gradient_by(const auto& sensitivity) {
  std::size_t bytes = 0;
  // [tag]
  const auto loss = [&](const auto& p) {
    const auto solution =
        solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1}, sensitivity);
    bytes = solution.statistics().recorded_bytes;
    return squared_error(solution, 1.0);
  };
  const auto dp = gradient(loss, problem.p());
  // [/tag]
  return {dp, bytes};
}

double difference(const Vector<double, 4>& a, const Vector<double, 4>& b) {
  double largest = 0, size = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    largest = std::fmax(largest, std::abs(a[i] - b[i]));
    size = std::fmax(size, std::abs(b[i]));
  }
  return largest / size;
}

void all_sensitivities() {
  std::puts("Lotka-Volterra, Tsit5 at 1e-8: difference from DiscreteAdjoint, bytes kept for the gradient");
  const Outcome exact = gradient_by(DiscreteAdjoint{});
  const auto show = [&](const char* name, const auto& sensitivity, double within) {
    const Outcome outcome = gradient_by(sensitivity);
    const double off = difference(outcome.gradient, exact.gradient);
    std::printf("  %-36s %8.1e %8zu\n", name, off, outcome.bytes);
    wrong += !(off <= within);
  };
  show("DiscreteAdjoint", DiscreteAdjoint{}, 0);
  show("DiscreteAdjoint, 10 checkpoints", DiscreteAdjoint{.checkpoints = 10}, 0);
  show("ForwardSensitivity", ForwardSensitivity{}, 1e-11);
  show("FiniteDifference", FiniteDifference{}, 1e-7);
  show("InterpolatingAdjoint", InterpolatingAdjoint{}, 1e-6);
  show("InterpolatingAdjoint, 10 checkpoints", InterpolatingAdjoint{.checkpoints = 10}, 1e-6);
  show("QuadratureAdjoint", QuadratureAdjoint{}, 1e-6);
  show("GaussAdjoint", GaussAdjoint{}, 1e-6);
  show("GaussKronrodAdjoint", GaussKronrodAdjoint{}, 1e-6);
  show("BacksolveAdjoint", BacksolveAdjoint{}, 1e-5);
}

void what_cannot_be_solved_backwards() {
  std::puts("Lorenz on [0, 20], read at the end");
  const ODEProblem lorenz(
      [](auto& du, const auto& u, const auto& p, auto /*t*/) {
        du[0] = p[0] * (u[1] - u[0]);
        du[1] = u[0] * (p[1] - u[2]) - u[1];
        du[2] = u[0] * u[1] - p[2] * u[2];
      },
      {1.0, 0.0, 0.0}, {0.0, 20.0}, {10.0, 28.0, 8.0 / 3});
  // [backsolve]
  const auto end = [&](const auto& p) {
    return solve(lorenz.with_p(p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = {20.0}},
                 BacksolveAdjoint{})
        .back()[0];
  };
  const auto result = value_and_gradient(end, lorenz.p());
  if (!is_successful(result.status())) std::printf("  %s\n", message(result.status()).data());
  // [/backsolve]
  const auto& [value, dp] = result;
  expect("BacksolveAdjoint is refused", result.status() == Status::adjoint_failed);
  expect("the loss is infinite and the gradient zero", std::isinf(value) && dp[0] == 0);
}

void running_cost() {
  std::puts("a running cost: the integral of (u1^2 + u2^2) / 2");
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10};
  // [integral]
  const auto cost = [&](const auto& p) {
    const auto squares = [](const auto& u, const auto& /*p*/, auto /*t*/) {
      return (u[0] * u[0] + u[1] * u[1]) / 2;
    };
    return integral(problem.with_p(p), squares, Tsit5{}, options);
  };
  const auto [area, darea] = value_and_gradient(cost, problem.p());
  // [/integral]
  std::printf("  %.10f, by p[3] %.10f\n", area, darea[3]);
  // The values to compare with were computed in 80-bit arithmetic with dual numbers.
  expect("as computed independently",
         std::abs(area - 85.7705072010927) < 1e-7 && std::abs(darea[3] + 181.286366072316) < 1e-6);
}

}  // namespace

int main() {
  all_sensitivities();
  what_cannot_be_solved_backwards();
  running_cost();
  return wrong == 0 ? 0 : 1;
}
