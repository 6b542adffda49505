#pragma once

#include <costate/core/function_ref.hpp>
#include <costate/optimizers/bounds.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace costate {

/// A function of a flat parameter vector with its gradient; T = float, double. A value or a gradient that is
/// not finite means "outside": line searches shrink, update rules take the step back.
template <class T>
struct Objective {
  function_ref<T(std::span<const T> x, std::span<T> gradient)> value_and_gradient;
  function_ref<T(std::span<const T> x)> value;
  Bounds<T> bounds{};  ///< it may be called inside only
};

/// A point with the loss and the gradient that were evaluated at it. An optimizer replaces all three
/// together, and only by finite ones, so that a point that was left half-way never shows.
template <class T>
struct Iterate {
  std::vector<T> x;
  std::vector<T> gradient;
  T loss{};
  bool last_evaluated = true;  ///< the objective was called at x and nowhere since

  Iterate() = default;
  explicit Iterate(std::size_t size) : x(size), gradient(size) {}
};

enum class StepOutcome {
  moved,       ///< the iterate is a new point
  skipped,     ///< the new point was outside and was taken back
  converged,   ///< the iterate meets the optimizer's own test; it has not moved
  stalled,     ///< no lower loss is found from here; it has not moved
  not_finite,  ///< too many points in a row were outside; it has not moved
};

struct StepResult {
  StepOutcome outcome = StepOutcome::moved;
  const char* reason = "";  ///< a sentence with static lifetime, for the last three
};

namespace detail {

/// Whether no number is infinite or NaN. Several sums side by side, so that none waits for the one before.
template <class T>
bool all_finite(std::span<const T> g) {
  constexpr std::size_t lanes = 8;
  T poison[lanes] = {};  // 0 unless a number is infinite or NaN
  std::size_t i = 0;
  for (; i + lanes <= g.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) poison[k] += g[i + k] * T(0);
  for (; i < g.size(); ++i) poison[0] += g[i] * T(0);
  T sum{};
  for (const T p : poison) sum += p;
  return sum == 0;
}

/// max |gᵢ|; NaN or infinite where one of them is
template <class T>
double max_norm(std::span<const T> g) {
  constexpr std::size_t lanes = 8;
  T largest[lanes] = {}, poison[lanes] = {};
  const auto take = [&](std::size_t k, T v) {
    const T size = std::fabs(v);
    largest[k] = size > largest[k] ? size : largest[k];
    poison[k] += v * T(0);
  };
  std::size_t i = 0;
  for (; i + lanes <= g.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) take(k, g[i + k]);
  for (; i < g.size(); ++i) take(0, g[i]);
  for (std::size_t k = 1; k < lanes; ++k) {
    largest[0] = largest[k] > largest[0] ? largest[k] : largest[0];
    poison[0] += poison[k];
  }
  return static_cast<double>(largest[0]) + static_cast<double>(poison[0]);
}

template <class T>
bool is_inside(T loss, std::span<const T> gradient) {
  return std::isfinite(loss) && all_finite(gradient);
}

}  // namespace detail
}  // namespace costate
