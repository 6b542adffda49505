#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/unroll.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Σ_{k=0}^{degree} c[k · stride] sᵏ in four chains.
template <class T, class S>
[[gnu::always_inline]] inline auto evaluate_series(const T* c, std::size_t degree, std::size_t stride,
                                                   const S& s, const S& s2, const S& s4) {
  using V = common_scalar_t<T, S>;
  const auto coefficient = [&](std::size_t k) __attribute__((always_inline)) {
    return c[k * stride];
  };
  const std::size_t top = degree & ~std::size_t{3};
  V a = V(coefficient(top)), b(0), d(0), e(0);
  if (top + 1 <= degree) b = V(coefficient(top + 1));
  if (top + 2 <= degree) d = V(coefficient(top + 2));
  if (top + 3 <= degree) e = V(coefficient(top + 3));
  for (std::size_t k = top; k > 0;) {
    k -= 4;
    a = a * s4 + coefficient(k);
    b = b * s4 + coefficient(k + 1);
    d = d * s4 + coefficient(k + 2);
    e = e * s4 + coefficient(k + 3);
  }
  return V((a + b * s) + (d + e * s) * s2);
}

/// A few neighboring series at once, one a lane.
template <class R, std::size_t lanes>
struct SeriesLanes {
  typedef R Lanes __attribute__((vector_size(lanes * sizeof(R))));
};
template <class R>
struct SeriesLanes<R, 1> {
  using Lanes = R;
};

/// values[l] = Σ c[k · stride + l] sᵏ, and in slopes[l], where it is wanted, s times the derivative.
template <std::size_t lanes, bool with_slope, class R>
[[gnu::always_inline]] inline void evaluate_lanes(const R* c, std::size_t degree, std::size_t stride, R s,
                                                  R s2, R s4, R* values, R* slopes, std::size_t wanted) {
  using Lanes = typename SeriesLanes<R, lanes>::Lanes;
  Lanes sum[4] = {}, by_s4[4] = {};
  const auto load = [&](Lanes & x, std::size_t k) __attribute__((always_inline)) {
    std::memcpy(&x, c + k * stride, sizeof x);
  };
  const std::size_t top = degree & ~std::size_t{3};
  load(sum[0], top);
  if (top + 1 <= degree) load(sum[1], top + 1);
  if (top + 2 <= degree) load(sum[2], top + 2);
  if (top + 3 <= degree) load(sum[3], top + 3);
  for (std::size_t k = top; k > 0;) {
    k -= 4;
    unroll<4>([&](auto i) __attribute__((always_inline)) {
      Lanes x;
      load(x, k + i);
      if constexpr (with_slope) by_s4[i] = by_s4[i] * s4 + sum[i];
      sum[i] = sum[i] * s4 + x;
    });
  }
  const Lanes value = (sum[0] + sum[1] * s) + (sum[2] + sum[3] * s) * s2;
  std::memcpy(values, &value, wanted * sizeof(R));
  if constexpr (with_slope) {
    const Lanes fourth = (by_s4[0] + by_s4[1] * s) + (by_s4[2] + by_s4[3] * s) * s2;
    const Lanes slope = (R(4) * s4) * fourth + (sum[1] * s + (R(2) * sum[2] + (R(3) * s) * sum[3]) * s2);
    std::memcpy(slopes, &slope, wanted * sizeof(R));
  }
}
/// The same of N series (n where N is not known) that stand beside each other, with a number behind the last
/// coefficient.
template <std::size_t N, bool with_slope, class R>
[[gnu::always_inline]] inline void evaluate_all(std::size_t n, const R* c, std::size_t degree,
                                                std::size_t stride, R s, R s2, R s4, R* values,
                                                R* slopes = nullptr) {
  const auto some = [&]<std::size_t lanes>(std::integral_constant<std::size_t, lanes>, std::size_t m,
                                           std::size_t wanted) __attribute__((always_inline)) {
    evaluate_lanes<lanes, with_slope>(c + m, degree, stride, s, s2, s4, values + m,
                                      with_slope ? slopes + m : nullptr, wanted);
  };
  constexpr std::integral_constant<std::size_t, 1> one{};
  constexpr std::integral_constant<std::size_t, 2> two{};
  constexpr std::integral_constant<std::size_t, 4> four{};
  if constexpr (N <= 16) {
    unroll<N / 4>([&](auto i) __attribute__((always_inline)) { some(four, 4 * i, 4); });
    constexpr std::size_t done = N / 4 * 4;
    if constexpr (N % 4 == 3)
      some(four, done, 3);
    else if constexpr (N % 4 == 2)
      some(two, done, 2);
    else if constexpr (N % 4 == 1)
      some(one, done, 1);
  } else {
    std::size_t m = 0;
    for (; m + 4 <= n; m += 4) some(four, m, 4);
    for (; m < n; ++m) some(one, m, 1);
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
