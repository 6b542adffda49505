#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/explicit_tableau.hpp>
#include <costate/methods/method_family.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace costate::detail {

/// R(z) = Σ_k z^k bᵀAᵏ⁻¹1, what a step makes of u' = (z/h) u: the coefficients of z⁰ … z^Stages.
/// E. Hairer & G. Wanner, Solving Ordinary Differential Equations II (1996), §IV.2, eq. (2.3).
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr std::array<double, Stages + 1> stability_polynomial(
    const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  std::array<double, Stages + 1> coefficients{1.0};
  std::array<double, Stages> power{};
  for (double& x : power) x = 1.0;
  for (std::size_t k = 1; k <= Stages; ++k) {
    for (std::size_t i = 0; i < Stages; ++i) coefficients[k] += tableau.b[i] * power[i];
    for (std::size_t i = Stages; i-- > 0;) {
      double sum = 0;
      for (std::size_t j = 0; j < i; ++j) sum += tableau.a[i][j] * power[j];
      power[i] = sum;
    }
  }
  return coefficients;
}

/// The largest x, to 0.05, with |R(−y)| ≤ 1 for 0 ≤ y ≤ x.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double real_stability_interval(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  const auto coefficients = stability_polynomial(tableau);
  constexpr double step = 0.05;
  double x = 0;
  for (;;) {
    double r = 0;
    for (std::size_t k = Stages + 1; k-- > 0;) r = r * -(x + step) + coefficients[k];
    if (r > 1 + 1e-12 || r < -1 - 1e-12) return x;
    x += step;
  }
}

/// Two stages that evaluate f at the same time, the last ones; both 0 where there are none.
struct StagePair {
  std::size_t later = 0, earlier = 0;
};
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr StagePair stages_at_one_time(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  for (std::size_t i = Stages; i-- > 2;)
    for (std::size_t j = i; j-- > 1;)
      if (tableau.c[i] - tableau.c[j] < 1e-12 && tableau.c[j] - tableau.c[i] < 1e-12) return {i, j};
  return {};
}

}  // namespace costate::detail

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// What two slopes at one time, and the states that they belong to, tell of ∂f/∂u.
struct DecayEstimate {
  double rate;           ///< |λ| of what decays fastest
  double slopes, sizes;  ///< ‖Δk‖² and ‖u‖²
};

/// |λ| = ‖Δk‖ / ‖Δu‖, which the fastest direction rules where there is one; 0 where the slopes do not point
/// against the difference of the states (with it where h < 0), so that nothing decays along it, or where that
/// is rounding of states of size |u|. In the norm of the error.
/// E. Hairer & G. Wanner, Solving ODEs II (1996), §IV.2, eq. (2.26).
template <class Real, class T, class Slopes, class States>
DecayEstimate decay_estimate(const T* u, std::size_t n, double h, const ErrorScale<Real>& scale,
                             const Slopes& slope_difference, const States& state_difference) {
  double slopes = 0, states = 0, products = 0, sizes = 0;
  for (std::size_t m = 0; m < n; ++m) {
    const double size_of_m = std::abs(static_cast<double>(plain(u[m])));
    const double weight = 1 / scale.of(m, size_of_m);
    const double k = slope_difference(m) * weight, x = state_difference(m) * weight;
    slopes += k * k, states += x * x, products += k * x, sizes += size_of_m * weight * (size_of_m * weight);
  }
  const double rounding = 1e3 * static_cast<double>(std::numeric_limits<Real>::epsilon());
  // & and no branches: where the solution oscillates, each of them goes another way at every step
  const bool decays = bool(products * h < 0) & bool(products * products > 0.5 * slopes * states) &
                      bool(states > rounding * rounding * sizes);
  return {decays ? std::sqrt(slopes / states) : 0.0, slopes, sizes};
}

/// The same by one more evaluation of f: at a state that differs in the direction in which the slope differed
/// the time before. That is power iteration with ∂f/∂u, which turns to the fastest direction in a few steps,
/// whether the solution has a part in it or not. B. P. Sommeijer, L. F. Shampine & J. G. Verwer, J. Comput.
/// Appl. Math. 88 (1998) 315, §3.
template <class T, std::size_t N>
class DecayProbe {
  using Real = base_t<T>;

 public:
  /// As it was found last.
  double rate() const { return rate_; }
  /// Finds it where f(u, t) is slope; f is called as rhs(u, t, du). h: of the step.
  // cold: g++ shares out how much a source may grow by inlining, and f is worth it in the stages
  template <class Rhs, class Time>
  [[gnu::noinline, gnu::cold]] void find(const Rhs& rhs, const T* u, const Time& t, const T* slope,
                                         std::size_t n, double h, const ErrorScale<Real>& scale) {
    if (!(length_ > 0)) begin(u, n, scale);
    auto beside = unfilled<T, N>(n), slope_beside = unfilled<T, N>(n);
    for (std::size_t m = 0; m < n; ++m) beside[m] = T(plain(u[m]) + length_ * direction_[m]);
    rhs(beside.data(), t, slope_beside.data());
    for (std::size_t m = 0; m < n; ++m) direction_[m] = plain(slope_beside[m]) - plain(slope[m]);
    const auto estimate = decay_estimate(
        u, n, h, scale, [&](std::size_t m) { return static_cast<double>(direction_[m]); },
        [&](std::size_t m) { return static_cast<double>(plain(beside[m]) - plain(u[m])); });
    set_length(std::sqrt(estimate.slopes), std::sqrt(estimate.sizes), n);
    rate_ = std::isfinite(estimate.rate) ? estimate.rate : 0.0;
  }

 private:
  // far from rounding, and where the state is zero well below the tolerance; 0: to begin anew
  void set_length(double direction, double size, std::size_t n) {
    constexpr Real epsilon = std::numeric_limits<Real>::epsilon();
    const double length = (std::sqrt(epsilon) * size + 1e-3 * std::sqrt(static_cast<double>(n))) / direction;
    length_ = std::isfinite(length) ? static_cast<Real>(length) : Real(0);
  }
  // signs without a pattern that an equation could share
  void begin(const T* u, std::size_t n, const ErrorScale<Real>& scale) {
    direction_ = unfilled<Real, N>(n);
    double sizes = 0;
    for (std::size_t m = 0; m < n; ++m) {
      const Real size = abs(plain(u[m])), scale_of_m = scale.of(m, size);
      direction_[m] = (static_cast<std::uint32_t>(m + 1) * 0x9E3779B9u) >> 31 ? -scale_of_m : scale_of_m;
      sizes += static_cast<double>(size / scale_of_m) * static_cast<double>(size / scale_of_m);
    }
    set_length(std::sqrt(static_cast<double>(n)), std::sqrt(sizes), n);
  }

  Vector<Real, N> direction_{};
  Real length_ = 0;
  double rate_ = 0;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
