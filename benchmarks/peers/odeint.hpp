#pragma once

#include <array>
#include <boost/numeric/odeint.hpp>
#include <span>

namespace peers {

/// Boost.odeint's Dormand–Prince 5(4) with dense output on std::array: u₁' = p₀u₁ − p₁u₁u₂, u₂' = −p₂u₂ +
/// p₃u₁u₂ on [0, 10], saved every 0.1. Returns the evaluations of the right-hand side where `count` asks for
/// them, else 0.
template <bool count = false>
long odeint_lotka_volterra(const std::array<double, 2>& u0, const std::array<double, 4>& p, double tolerance,
                           std::span<double, 202> saved) {
  using namespace boost::numeric::odeint;
  using State = std::array<double, 2>;
  static const std::array<double, 101> times = [] {
    std::array<double, 101> t{};
    for (int i = 0; i < 101; ++i) t[i] = 0.1 * i;
    return t;
  }();
  long evaluations = 0;
  const auto rhs = [&](const State& u, State& du, double /*t*/) {
    if constexpr (count) ++evaluations;
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
    du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
  };
  double* out = saved.data();
  const auto save = [&out](const State& u, double /*t*/) {
    *out++ = u[0];
    *out++ = u[1];
  };
  State u = u0;
  integrate_times(make_dense_output(tolerance, tolerance, runge_kutta_dopri5<State>()), rhs, u, times.begin(),
                  times.end(), 1e-3, save);
  return evaluations;
}

}  // namespace peers
