#pragma once

#include <costate/sensitivity/continuous_adjoint.hpp>

namespace costate::detail {

template <>
struct AdjointParts<BacksolveAdjoint> {
  static constexpr bool steps_quadratures = true, steps_states = true;
  template <class Solve, class Vjp>
  using Quadrature = NoQuadrature;

  static AdjointSettings settings(const BacksolveAdjoint& s) {
    return {"BacksolveAdjoint", s.abstol, s.reltol, s.quadrature_abstol, s.quadrature_reltol, {}};
  }
};

}  // namespace costate::detail
