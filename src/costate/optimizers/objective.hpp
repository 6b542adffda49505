#pragma once

#include <costate/core/function_ref.hpp>

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

/// max |gᵢ|; NaN or infinite where one of them is
template <class T>
double max_norm(std::span<const T> g) {
  T largest{}, poison{};
  for (const T v : g) {
    largest = std::fabs(v) > largest ? std::fabs(v) : largest;
    poison += v * T(0);  // 0 unless v is infinite or NaN
  }
  return static_cast<double>(largest) + static_cast<double>(poison);
}

template <class T>
bool is_inside(T loss, std::span<const T> gradient) {
  return std::isfinite(loss) && std::isfinite(max_norm(gradient));
}

}  // namespace detail
}  // namespace costate
