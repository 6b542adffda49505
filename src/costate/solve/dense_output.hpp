#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/weighted_sum.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace costate::detail {

/// Σ c_q θ^q, component m; c holds degree + 1 vectors of n numbers.
template <class T, class Theta>
[[gnu::always_inline]] inline auto evaluate_polynomial(const T* c, std::size_t degree, std::size_t n,
                                                       std::size_t m, const Theta& theta) {
  using R = common_scalar_t<T, Theta>;
  R value = c[degree * n + m];
  for (std::size_t q = degree; q-- > 0;) value = value * theta + c[q * n + m];
  return value;
}

/// The same of all components.
template <class T, std::size_t N>
[[gnu::always_inline]] inline void evaluate_polynomials(const T* c, std::size_t degree, std::size_t n,
                                                        base_t<T> theta, T* values) {
  if constexpr (N == dynamic && std::is_floating_point_v<T>) {
    if (n >= weighted_sum_from && degree < most_terms) {
      TermList<T, most_terms> powers;
      T power = theta;
      for (std::size_t q = 1; q <= degree; ++q, power *= theta) powers(power, c + q * n);
      return powers.add_to(values, c, n);
    }
  }
  for (std::size_t m = 0; m < n; ++m) values[m] = evaluate_polynomial(c, degree, n, m, theta);
}

/// The interpolants of the accepted steps: on step i, u(t) = Σ c_q ((t − t_i)/h_i)^q.
template <class T>
struct DenseOutput {
  struct Step {
    double t, h;
  };
  std::size_t degree = 0, n = 0;
  Buffer<Step> steps;
  Buffer<T> coefficients;

  bool empty() const { return steps.empty(); }
  std::size_t bytes() const { return steps.size() * sizeof(Step) + coefficients.size() * sizeof(T); }
  const T* of(std::size_t step) const { return coefficients.data() + step * (degree + 1) * n; }
  /// The step whose interpolant is right at t: the later one where two meet. direction: +1 or −1.
  std::size_t find(double t, double direction) const {
    const auto after = std::upper_bound(steps.begin(), steps.end(), t,
                                        [&](double x, const Step& s) { return (s.t - x) * direction > 0; });
    return after == steps.begin() ? 0 : static_cast<std::size_t>(after - steps.begin()) - 1;
  }
  double end(double fallback) const { return steps.empty() ? fallback : steps.back().t + steps.back().h; }
};

}  // namespace costate::detail
