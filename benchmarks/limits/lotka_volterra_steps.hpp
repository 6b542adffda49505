#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "lotka_volterra.hpp"
#include "step_control.hpp"
#include "tsit5.hpp"

namespace limits {

inline constexpr double t_end = 10.0, spacing = 0.1;
inline constexpr int last_save = int(lotka_volterra_saved) / 2 - 1;

struct Pair {
  double x, y;
};
[[gnu::always_inline]] inline Pair operator+(Pair a, Pair b) {
  return {a.x + b.x, a.y + b.y};
}
[[gnu::always_inline]] inline Pair operator*(double s, Pair a) {
  return {s * a.x, s * a.y};
}

/// Factored for the shortest chain: one fma, one product.
[[gnu::always_inline]] inline Pair lotka_volterra(const std::array<double, 4>& p, Pair u) {
  return {u.x * (p[0] - p[1] * u.y), u.y * (p[3] * u.x - p[2])};
}

struct Step {
  double t, h, end;
  Pair u[7], k[7];

  /// u(t + θh). Inlined by g++ 12 its weights take registers from the step (11.5 µs a solve against 11.2);
  /// clang 14 keeps them apart by itself and pays for a call (13.4 against 11.2).
#ifdef __clang__
  [[gnu::always_inline]]
#else
  [[gnu::noinline]]
#endif
  Pair
  dense(double theta) const {
    double w[7];
    tsit5::dense_weights(theta, w);
    Pair s = u[0];
    for (int i = 0; i < 7; ++i) s = s + h * w[i] * k[i];
    return s;
  }
};

/// Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, §II.4, "starting step size".
[[gnu::always_inline]] inline double starting_step(const std::array<double, 4>& p, Pair u, Pair k,
                                                   double tolerance) {
  const double wx = 1 / (tolerance + tolerance * std::abs(u.x)),
               wy = 1 / (tolerance + tolerance * std::abs(u.y));
  const auto norm = [=](Pair v) { return std::sqrt(0.5 * (v.x * v.x * wx * wx + v.y * v.y * wy * wy)); };
  const double d1 = norm(k), h0 = 0.01 * norm(u) / d1;
  const double d2 = norm(lotka_volterra(p, u + h0 * k) + -1.0 * k) / h0;
  return std::min(100 * h0, std::pow(0.01 / std::max(d1, d2), 0.2));
}

/// Runs Tsit5 from 0 to t_end and hands every accepted step to sink(step).
template <StepControl control, class Sink>
[[gnu::always_inline]] inline SolveStatistics integrate(const std::array<double, 2>& u0,
                                                        const std::array<double, 4>& p, double tolerance,
                                                        Sink&& sink) {
  using namespace tsit5;
  SolveStatistics statistics;
  PIControl pi;
  double previous_error = 1e-4, t = 0;
  Pair u{u0[0], u0[1]}, k1 = lotka_volterra(p, u);
  double h = starting_step(p, u, k1, tolerance);
  while (true) {
    if (t + h > t_end) h = t_end - t;
    const double end = t + h;
    // newest derivative last: four cycles from it to the next stage
    const Pair u2 = u + h * a21 * k1, k2 = lotka_volterra(p, u2);
    const Pair u3 = u + h * a31 * k1 + h * a32 * k2, k3 = lotka_volterra(p, u3);
    const Pair u4 = u + h * a41 * k1 + h * a42 * k2 + h * a43 * k3, k4 = lotka_volterra(p, u4);
    const Pair u5 = u + h * a51 * k1 + h * a52 * k2 + h * a53 * k3 + h * a54 * k4, k5 = lotka_volterra(p, u5);
    const Pair u6 = u + h * a61 * k1 + h * a62 * k2 + h * a63 * k3 + h * a64 * k4 + h * a65 * k5,
               k6 = lotka_volterra(p, u6);
    const Pair u7 = u + h * b1 * k1 + h * b2 * k2 + h * b3 * k3 + h * b4 * k4 + h * b5 * k5 + h * b6 * k6,
               k7 = lotka_volterra(p, u7);
    Pair e = h * e1 * k1 + h * e2 * k2 + h * e3 * k3 + h * e4 * k4 + h * e5 * k5 + h * e6 * k6 + h * e7 * k7;
    const double sx = tolerance + tolerance * std::max(std::abs(u.x), std::abs(u7.x));
    const double sy = tolerance + tolerance * std::max(std::abs(u.y), std::abs(u7.y));
    if constexpr (control == StepControl::pi_libm)
      e = {e.x / sx, e.y / sy};
    else
      e = {e.x * short_reciprocal(sx), e.y * short_reciprocal(sy)};
    const double error2 = 0.5 * e.x * e.x + 0.5 * e.y * e.y;

    if (__builtin_expect(error2 > 1.0, 0)) {
      ++statistics.rejected;
      if constexpr (control == StepControl::pi_libm)
        h /= std::min(5.0, std::pow(std::sqrt(error2), 0.14) / 0.9);
      else
        h *= pi.reject(0.5 * short_log2(error2));
      continue;
    }
    ++statistics.accepted;
    double next;
    if constexpr (control == StepControl::pi_short) {
      next = h * pi.accept(0.5 * short_log2(error2 + 1e-30));
    } else if constexpr (control == StepControl::dead_band) {
      if (error2 > 0.09 && error2 < 0.75)
        next = h;
      else
        next = h * short_exp2(std::min(std::max(-0.4 - 0.1 * short_log2(error2 + 1e-30), -2.3), 3.3));
    } else {
      const double error = std::sqrt(error2);
      const double q = std::pow(error, 0.14) / std::pow(previous_error, 0.08);
      previous_error = std::max(error, 1e-4);
      next = h / std::max(0.1, std::min(5.0, q / 0.9));
    }
    sink(Step{t, h, end, {u, u2, u3, u4, u5, u6, u7}, {k1, k2, k3, k4, k5, k6, k7}});
    if (end >= t_end) return statistics;
    t = end;
    u = u7;
    k1 = k7;
    h = next;
  }
}

}  // namespace limits
