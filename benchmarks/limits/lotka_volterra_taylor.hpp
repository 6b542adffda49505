#pragma once

#include <array>
#include <span>
#include <vector>

#include "lotka_volterra.hpp"

namespace limits {

/// One step of the series of order 16 as the reverse sweep needs it.
struct alignas(64) TaylorRecord {
  double R[2 * (20 + 8)], t, h;
  int s0, s1;
};

/// Taylor's method of order 20 specialised by hand; at most 400 steps. Returns the steps.
int lotka_volterra_taylor(const std::array<double, 2>& u0, const std::array<double, 4>& p, double tolerance,
                          std::span<double, lotka_volterra_saved> saved);

/// Σ weights · saved and its gradient by order 16 and the reverse sweep.
LotkaVolterraGradient lotka_volterra_taylor_gradient(const std::array<double, 2>& u0,
                                                     const std::array<double, 4>& p, double tolerance,
                                                     std::span<const double, lotka_volterra_saved> weights,
                                                     std::vector<TaylorRecord>& tape);

}  // namespace limits
