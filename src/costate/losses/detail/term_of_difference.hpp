#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/losses/detail/sum_of_terms.hpp>

#include <array>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// A term of r = x − y alone: what a loss gives is value(r) and slope(r).
template <class Loss>
struct TermOfDifference : Loss {
  template <class X, class Y>
  auto value(const X& x, const Y& y) const {
    return this->of(x - y);
  }
  template <class T>
  std::array<T, 2> slopes(const T& x, const T& y) const {
    const T s = this->slope(T(x - y));
    return {s, -s};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
