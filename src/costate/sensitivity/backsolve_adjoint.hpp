#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/continuous_adjoint.hpp>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <>
struct AdjointParts<BacksolveAdjoint> {
  static constexpr bool steps_quadratures = true, steps_states = true;
  template <class Solve, class Vjp>
  using Quadrature = NoQuadrature;

  static AdjointSettings settings(const BacksolveAdjoint& s) {
    return {"BacksolveAdjoint", s.abstol, s.reltol, s.quadrature_abstol, s.quadrature_reltol, {}};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
