#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace costate {

/// The box lower ≤ x ≤ upper, component by component. An empty side does not bind.
template <class T>
struct Bounds {
  std::span<const T> lower{}, upper{};

  bool any() const { return !lower.empty() || !upper.empty(); }
  T clamp(std::size_t i, T x) const {
    if (!lower.empty() && x < lower[i]) x = lower[i];
    if (!upper.empty() && x > upper[i]) x = upper[i];
    return x;
  }
  void clamp(std::span<T> x) const {
    if (!any()) return;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = clamp(i, x[i]);
  }
  /// Whether a step along `direction` leaves the box at once.
  bool blocks(std::size_t i, T x, T direction) const {
    return (direction < 0 && !lower.empty() && x <= lower[i]) ||
           (direction > 0 && !upper.empty() && x >= upper[i]);
  }
};

namespace detail {

/// max |xᵢ − P(xᵢ − gᵢ)|, P the projection onto the box: max |gᵢ| without bounds, and zero just where no
/// feasible direction descends. NaN or infinite where a component of g is.
template <class T>
double projected_gradient_norm(const Bounds<T>& bounds, std::span<const T> x, std::span<const T> g) {
  double largest = 0, poison = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    // without a bound in the way the gradient itself: x − (x − g) would round
    const T to = x[i] - g[i], kept = bounds.clamp(i, to);
    const T moves = kept == to ? g[i] : x[i] - kept;
    largest = std::max(largest, std::fabs(static_cast<double>(moves)));
    poison += static_cast<double>(g[i] * T(0));
  }
  return largest + poison;
}

}  // namespace detail
}  // namespace costate
