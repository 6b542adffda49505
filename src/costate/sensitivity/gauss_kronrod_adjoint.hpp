#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/kronrod_quadrature.hpp>

#include <cstddef>
#include <cstdint>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// KronrodQuadrature in each backward step as it is accepted; its error is relative to what was gathered so
/// far.
template <class Solve, class Vjp>
class KronrodInSteps {
  using T = typename Solve::T;

 public:
  template <class F, class P>
  KronrodInSteps(Solve& solve, ForwardStates<Solve>& states, const F& f, const InPlace<F>& in_place,
                 const P& p)
      : quadrature_(solve, states, f, in_place, p), coefficients_(solve.coefficients() * solve.states()) {}
  template <class Integrator>
  void step(Integrator& it, T* slot, std::int32_t) {
    it.family().dense_output(slot, it.time(), it.step_size(), coefficients_.data());
    quadrature_.add(coefficients_.data(), it.time(), it.step_size(), quadrature_.sum());
  }
  bool finish(T* q) { return quadrature_.finish(q); }

 private:
  KronrodQuadrature<Solve, Vjp> quadrature_;
  Buffer<T> coefficients_;
};

template <>
struct AdjointParts<GaussKronrodAdjoint> {
  static constexpr bool steps_quadratures = false, steps_states = false;
  template <class Solve, class Vjp>
  using Quadrature = KronrodInSteps<Solve, Vjp>;

  static AdjointSettings settings(const GaussKronrodAdjoint& s) {
    return {"GaussKronrodAdjoint", s.abstol,     s.reltol, s.quadrature_abstol,
            s.quadrature_reltol,   s.checkpoints};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
