#pragma once

#include <costate/core/scalar.hpp>

namespace costate {

/// From start to end, in either direction. Its ends are variables like any other: `TimeSpan{0.0, t1}` with an
/// AD number t1 deduces the common scalar, and the gradient of a loss by t1 is exact.
template <class Time = double>
struct TimeSpan {
  Time start{};
  Time end{};

  constexpr TimeSpan() = default;
  template <Scalar A, Scalar B>
  constexpr TimeSpan(const A& from, const B& to)
      : start(static_cast<Time>(from)), end(static_cast<Time>(to)) {}
};
template <Scalar A, Scalar B>
TimeSpan(const A&, const B&)
    -> TimeSpan<std::conditional_t<PlainScalar<A> && PlainScalar<B>, double, common_scalar_t<A, B>>>;

}  // namespace costate
