#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/continuous_adjoint.hpp>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <>
struct AdjointParts<InterpolatingAdjoint> {
  static constexpr bool steps_quadratures = true, steps_states = false;
  template <class Solve, class Vjp>
  using Quadrature = NoQuadrature;

  static AdjointSettings settings(const InterpolatingAdjoint& s) {
    return {"InterpolatingAdjoint", s.abstol,     s.reltol, s.quadrature_abstol,
            s.quadrature_reltol,    s.checkpoints};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
