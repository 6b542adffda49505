// One problem with external linkage, solved from files that are built with different flags.
#pragma once
#include <costate/costate.hpp>

struct Decay {
  void operator()(auto& du, const auto& u, const auto& p, auto /*t*/) const { du[0] = -p[0] * u[0]; }
};

/// u(1) of u' = -2 u, u(0) = 1: exp(-2).
static double decayed() {
  const costate::ODEProblem problem(Decay{}, {1.0}, {0.0, 1.0}, {2.0});
  return costate::solve(problem, costate::Tsit5{}, {.abstol = 1e-10, .reltol = 1e-10}).back()[0];
}
