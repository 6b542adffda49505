#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/continuous_adjoint.hpp>
#include <costate/sensitivity/quadrature_rules.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// ∫ (∂f/∂p)ᵀ λ dt over parts of a backward step with the error under control: 15 nodes of Kronrod, 7 of them
/// Gauss', the part divided while they differ by more than its share of the tolerance, first where two
/// forward steps meet (there u(t) has a kink of the size of its error), then in the middle.
template <class Solve, class Vjp>
class KronrodQuadrature {
  using T = typename Solve::T;
  static constexpr int deepest = 16;

 public:
  template <class F, class P>
  KronrodQuadrature(Solve& solve, ForwardStates<Solve>& states, const F& f, const InPlace<F>& in_place,
                    const P& p)
      : solve_(solve),
        states_(states),
        vjp_(make_vjp<Vjp>(f, in_place, p, solve.states())),
        n_(solve.states()),
        m_(solve.parameters()),
        degree_(solve.coefficients() - 1),
        q_(m_),
        integrand_(m_),
        kronrod_(m_),
        gauss_(m_),
        lambda_(n_),
        ubar_(n_) {
    for (T& x : q_) x = T(0);
  }

  /// The backward step from t of size h with these interpolants of λ; `size` [parameters] is what the error
  /// is relative to.
  void add(const T* coefficients, double t, double h, const T* size) {
    add_part(coefficients, t, h, 0.0, 1.0, size, 0);
  }
  const T* sum() const { return q_.data(); }
  /// q += the integral; false where the tolerance was not met: parts that were not cut further for being 2⁻¹⁶
  /// of a step, as beside a kink, may miss as much together as the others.
  bool finish(T* q) const {
    for (std::size_t j = 0; j < m_; ++j) q[j] = q[j] + q_[j];
    return missed_ <= 1;
  }

 private:
  void add_part(const T* c, double t, double h, double from, double to, const T* size, int depth) {
    const double middle = (from + to) / 2, half = (to - from) / 2;
    for (T& x : kronrod_) x = T(0);
    for (T& x : gauss_) x = T(0);
    for (std::size_t k = 0; k < Kronrod15::node.size(); ++k)
      for (const double sign : {1.0, -1.0}) {
        if (k == 0 && sign < 0) continue;
        evaluate(c, t, h, middle + sign * half * Kronrod15::node[k]);
        const auto wk = static_cast<base_t<T>>(-h * half * Kronrod15::weight[k]);
        for (std::size_t j = 0; j < m_; ++j) kronrod_[j] = kronrod_[j] + wk * integrand_[j];
        if (k % 2 != 0) continue;
        const auto wg = static_cast<base_t<T>>(-h * half * Kronrod15::gauss_weight[k / 2]);
        for (std::size_t j = 0; j < m_; ++j) gauss_[j] = gauss_[j] + wg * integrand_[j];
      }
    const double share = std::abs(h) * (to - from) / solve_.span();
    const double off = error(size);
    if (off <= share || depth == deepest) {
      if (!(off <= share)) missed_ += off;
      for (std::size_t j = 0; j < m_; ++j) q_[j] = q_[j] + kronrod_[j];
      return;
    }
    const double cut = (states_.meeting_in(t + h * from, t + h * to) - t) / h;
    const double at = cut > from && cut < to ? cut : middle;
    add_part(c, t, h, from, at, size, depth + 1);
    add_part(c, t, h, at, to, size, depth + 1);
  }
  void evaluate(const T* c, double t, double h, double theta) {
    for (std::size_t i = 0; i < n_; ++i)
      lambda_[i] = evaluate_polynomial(c, degree_, n_, i, static_cast<base_t<T>>(theta));
    vjp_.start();
    const double time = t + h * theta;
    vjp_(states_(time), time, lambda_.data(), ubar_.data());
    for (T& x : integrand_) x = T(0);
    vjp_.finish(integrand_.data());
  }
  /// RMS of |K − G|, less what rounding leaves of it, in units of the tolerance.
  double error(const T* size) const {
    constexpr double rounding = 50 * static_cast<double>(std::numeric_limits<base_t<T>>::epsilon());
    const AdjointTolerances& tolerance = solve_.tolerances();
    double total = 0;
    for (std::size_t j = 0; j < m_; ++j) {
      const double here = largest_part(kronrod_[j]);
      const double off = std::max(0.0, largest_part(T(kronrod_[j] - gauss_[j])) - rounding * here);
      const double unit =
          tolerance.quadrature_abstol + tolerance.quadrature_reltol * std::max(here, largest_part(size[j]));
      total += off / unit * (off / unit);
    }
    return m_ == 0 ? 0.0 : std::sqrt(total / static_cast<double>(m_));
  }

  Solve& solve_;
  ForwardStates<Solve>& states_;
  Vjp vjp_;
  std::size_t n_, m_, degree_;
  Buffer<T> q_, integrand_, kronrod_, gauss_, lambda_, ubar_;
  double missed_ = 0;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
