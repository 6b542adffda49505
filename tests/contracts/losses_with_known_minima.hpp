#pragma once

#include <cstddef>
#include <span>

namespace costate {

/// Each fills the gradient g and returns the value; all minima are 0.
template <class Number>
struct LossesWithKnownMinima {
  /// Σ (i + 1) (xᵢ − i)²
  static Number quadratic(std::span<const Number> x, std::span<Number> g) {
    Number total = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Number d = x[i] - Number(i), c = Number(i + 1);
      total += c * d * d;
      g[i] = 2 * c * d;
    }
    return total;
  }

  /// Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)²
  static Number rosenbrock(std::span<const Number> x, std::span<Number> g) {
    Number total = 0;
    for (Number& v : g) v = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const Number a = 1 - x[i], b = x[i + 1] - x[i] * x[i];
      total += a * a + 100 * b * b;
      g[i] += -2 * a - 400 * x[i] * b;
      g[i + 1] += 200 * b;
    }
    return total;
  }
};

}  // namespace costate
