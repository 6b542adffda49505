#pragma once

#include <costate/core/time_span.hpp>
#include <costate/core/vector.hpp>
#include <costate/problems/ode_problem.hpp>

#include <cmath>
#include <cstddef>

namespace costate::model_problems {

/// An equation with a known solution: `f`, `u0`, `tspan`, `p`, and `end`, the state at the end of the span.
template <class M>
concept ModelProblem = requires {
  M::f;
  M::u0[0];
  M::tspan.start;
  M::p.size();
  M::end[0];
};

/// The model as a problem with sizes known at compile time.
template <ModelProblem M>
auto problem() {
  return ODEProblem(M::f, M::u0, M::tspan, M::p);
}

/// max |uᵢ − wantedᵢ|; NaN where a difference is.
template <class U, class V>
double distance(const U& u, const V& wanted) {
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double d = std::abs(static_cast<double>(u[i]) - static_cast<double>(wanted[i]));
    if (!(d <= largest)) largest = d;
    if (std::isnan(d)) return d;
  }
  return largest;
}

}  // namespace costate::model_problems
