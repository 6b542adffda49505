#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/kronrod_quadrature.hpp>

#include <cstddef>
#include <cstdint>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Keeps the interpolants of λ, then integrates over all of them: first roughly, for what the error is
/// relative to, then with the error under control.
template <class Solve, class Vjp>
class KronrodAfterwards {
  using T = typename Solve::T;

 public:
  template <class F, class P>
  KronrodAfterwards(Solve& solve, ForwardStates<Solve>& states, const F& f, const InPlace<F>& in_place,
                    const P& p)
      : stride_(solve.coefficients() * solve.states()),
        size_(solve.parameters()),
        rough_(solve, states, f, in_place, p),
        exact_(solve, states, f, in_place, p) {}
  template <class Integrator>
  void step(Integrator& it, T* slot, std::int32_t) {
    lambda_.steps.push_back({it.time(), it.step_size()});
    it.family().dense_output(slot, it.time(), it.step_size(), lambda_.coefficients.append(stride_));
  }
  bool finish(T* q) {
    const auto each = [&](const auto& use) {
      for (std::size_t i = 0; i < lambda_.steps.size(); ++i)
        use(lambda_.coefficients.data() + i * stride_, lambda_.steps[i].t, lambda_.steps[i].h);
    };
    each([&](const T* c, double t, double h) { rough_.add(c, t, h); });
    for (T& x : size_) x = T(0);
    rough_.finish(size_.data());
    each([&](const T* c, double t, double h) { exact_.add(c, t, h, size_.data()); });
    return exact_.finish(q);
  }

 private:
  std::size_t stride_;
  DenseOutput<T> lambda_;
  Buffer<T> size_;
  GaussInSteps<Solve, Vjp> rough_;
  KronrodQuadrature<Solve, Vjp> exact_;
};

template <>
struct AdjointParts<QuadratureAdjoint> {
  static constexpr bool steps_quadratures = false, steps_states = false;
  template <class Solve, class Vjp>
  using Quadrature = KronrodAfterwards<Solve, Vjp>;

  static AdjointSettings settings(const QuadratureAdjoint& s) {
    return {"QuadratureAdjoint", s.abstol, s.reltol, s.quadrature_abstol, s.quadrature_reltol, {}};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
