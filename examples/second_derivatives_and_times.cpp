// Second derivatives of a loss through a solve, and derivatives by times: the ends of the span and the time
// at which a solution is read.
//
//     second_derivatives_and_times [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>

using namespace costate;

int main() {
  // u' = p u from 1: u(t) = exp(p t).
  const ODEProblem growth([](auto& du, const auto& u, const auto& p, auto /*t*/) { du[0] = p[0] * u[0]; },
                          {1.0}, {0.0, 2.0}, {0.5});
  const SolveOptions options{.abstol = 1e-10, .reltol = 1e-10};

  // [hessian]
  const auto loss = [&](const auto& y) {  // y = (u0, p)
    const auto problem = growth.with_u0(Vector{y[0]}).with_p(Vector{y[1]});
    return solve(problem, Tsit5{}, options).back()[0];
  };
  const Vector x{1.0, 0.5};
  const auto h = hessian(loss, x);                                    // 2 x 2
  const auto hv = hessian_vector_product(loss, x, Vector{1.0, 0.0});  // its first column, for less
  // [/hessian]

  // [span]
  const auto end = [&](const auto& times) {  // times = (t0, t1)
    return solve(growth.with_tspan(TimeSpan{times[0], times[1]}), Tsit5{}, options).back()[0];
  };
  const auto [value, by_times] = value_and_gradient(end, Vector{0.0, 2.0});
  // [/span]

  // [read]
  const auto reading = [&](const auto& y) {  // y = (p, t): the state at t
    return solve(growth.with_p(Vector{y[0]}), Tsit5{}, options)(y[1])[0];
  };
  const auto slope = gradient(reading, Vector{0.5, 1.25});
  // [/read]

  const double e = std::exp(1.0), at = std::exp(0.625);
  std::printf("d2u(2)/du0 dp %.9f, d2u(2)/dp2 %.9f, by the product %.9f\n", h(0, 1), h(1, 1), hv[1]);
  std::printf("u(2) %.9f, du/dt0 %.9f, du/dt1 %.9f\n", value, by_times[0], by_times[1]);
  std::printf("du(1.25)/dp %.9f, du(1.25)/dt %.9f\n", slope[0], slope[1]);
  const bool right = std::abs(h(0, 1) - 2 * e) < 1e-7 && std::abs(h(1, 1) - 4 * e) < 1e-7 &&
                     std::abs(hv[1] - h(0, 1)) < 1e-10 && std::abs(value - e) < 1e-8 &&
                     std::abs(by_times[0] + 0.5 * e) < 1e-7 && std::abs(by_times[1] - 0.5 * e) < 1e-7 &&
                     std::abs(slope[0] - 1.25 * at) < 1e-7 && std::abs(slope[1] - 0.5 * at) < 1e-7;
  if (!right) std::puts("WRONG: not what the formula says");
  return right ? 0 : 1;
}
