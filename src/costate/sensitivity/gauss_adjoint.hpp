#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/continuous_adjoint.hpp>
#include <costate/sensitivity/quadrature_rules.hpp>

#include <cstddef>
#include <cstdint>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// ∫ (∂f/∂p)ᵀ λ dt, Gauss–Legendre in each backward step: exact to the degree that the order of the method
/// asks for. A backward step is cut where forward steps meet: the integrand has a kink there, and where λ is
/// smoother than u a backward step may span many forward ones.
template <class Solve, class Vjp>
class GaussInSteps {
  using T = typename Solve::T;
  static constexpr auto rule = gauss_legendre<(Solve::Family::order + 2) / 2>();

 public:
  template <class F, class P>
  GaussInSteps(Solve& solve, ForwardStates<Solve>& states, const F& f, const InPlace<F>& in_place, const P& p)
      : states_(states),
        vjp_(make_vjp<Vjp>(f, in_place, p, solve.states())),
        n_(solve.states()),
        degree_(solve.coefficients() - 1),
        coefficients_((degree_ + 1) * n_),
        lambda_(n_),
        ubar_(n_) {
    vjp_.start();
  }

  template <class Integrator>
  void step(Integrator& it, T* slot, std::int32_t) {
    it.family().dense_output(slot, it.time(), it.step_size(), coefficients_.data());
    add(coefficients_.data(), it.time(), it.step_size());
  }
  /// What the step from t of size h (backwards) with these interpolants of λ gives.
  void add(const T* coefficients, double t, double h) { add_part(coefficients, t, h, 0.0, 1.0); }
  bool finish(T* q) {
    vjp_.finish(q);
    return true;
  }

 private:
  void add_part(const T* c, double t, double h, double from, double to) {
    const double cut = (states_.meeting_in(t + h * from, t + h * to) - t) / h;
    if (cut > from && cut < to) {
      add_part(c, t, h, from, cut);
      add_part(c, t, h, cut, to);
      return;
    }
    for (std::size_t k = 0; k < rule.node.size(); ++k) {
      const double theta = from + (to - from) * rule.node[k];
      const auto weight = static_cast<base_t<T>>(-h * (to - from) * rule.weight[k]);
      for (std::size_t m = 0; m < n_; ++m)
        lambda_[m] = weight * evaluate_polynomial(c, degree_, n_, m, static_cast<base_t<T>>(theta));
      const double time = t + h * theta;
      vjp_(states_(time), time, lambda_.data(), ubar_.data());
    }
  }

  ForwardStates<Solve>& states_;
  Vjp vjp_;
  std::size_t n_, degree_;
  Buffer<T> coefficients_, lambda_, ubar_;
};

template <>
struct AdjointParts<GaussAdjoint> {
  static constexpr bool steps_quadratures = false, steps_states = false;
  template <class Solve, class Vjp>
  using Quadrature = GaussInSteps<Solve, Vjp>;

  static AdjointSettings settings(const GaussAdjoint& s) {
    return {"GaussAdjoint", s.abstol, s.reltol, {}, {}, s.checkpoints};
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
