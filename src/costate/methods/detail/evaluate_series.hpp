#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/unroll.hpp>

#include <cstddef>

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

/// The same of plain numbers, and s times its derivative, from the same coefficients.
template <class R>
[[gnu::always_inline]] inline R evaluate_series_and_slope(const R* c, std::size_t degree, std::size_t stride,
                                                          R s, R s2, R s4, R& slope) {
  const std::size_t top = degree & ~std::size_t{3};
  R sum[4] = {c[top * stride], R(0), R(0), R(0)}, by_s4[4] = {};
  if (top + 1 <= degree) sum[1] = c[(top + 1) * stride];
  if (top + 2 <= degree) sum[2] = c[(top + 2) * stride];
  if (top + 3 <= degree) sum[3] = c[(top + 3) * stride];
  for (std::size_t k = top; k > 0;) {
    k -= 4;
    unroll<4>([&](auto i) __attribute__((always_inline)) {
      by_s4[i] = by_s4[i] * s4 + sum[i];
      sum[i] = sum[i] * s4 + c[(k + i) * stride];
    });
  }
  const R fourth = (by_s4[0] + by_s4[1] * s) + (by_s4[2] + by_s4[3] * s) * s2;
  slope = R(4) * s4 * fourth + (sum[1] * s + (R(2) * sum[2] + R(3) * sum[3] * s) * s2);
  return (sum[0] + sum[1] * s) + (sum[2] + sum[3] * s) * s2;
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
