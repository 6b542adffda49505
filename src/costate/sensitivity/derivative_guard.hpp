#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/problems/ode_function.hpp>
#include <costate/sensitivity/recorded_solve.hpp>
#include <costate/solve/setup.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class Method>
concept HasErrorPullback = requires {
  typename TemplateOfPullback<MethodFamily<Method>::template ErrorPullback>;
};

/// Holds a step over which the state hardly moves to the tolerance on its derivative too.
///
/// A mesh that follows u alone is no mesh for δu where u stands still: from an equilibrium, or with a network
/// whose last layer is zero, the error of u is zero whatever the step, and the discrete gradient has nothing
/// to do with the equation. With e = h Σ eᵢ kᵢ the error estimate of the step, ρ a vector of ±1 and tol the
/// relative tolerance, such a step must satisfy
///
///     |ρᵀ ∂e/∂u| ≤ tol max(1, |ρᵀ ∂u₊/∂u|),      |ρᵀ ∂e/∂p| ≤ tol |ρᵀ ∂u₊/∂p| (t₁ − t₀)/h        (largest
///     entries)
///
/// at the price of two pullbacks. Where the state moves by more than ten times the tolerance it is not asked.
template <class Types, class Method, class T, bool ByP>
class DerivativeGuard {
  static constexpr std::size_t N = Types::N, M = Types::M;
  using F = typename Types::F;
  using PT = scalar_of<typename Types::P>;
  using Vjp = VjpFor<F, T, N, M, PT, ByP>;

 public:
  static constexpr bool active = true;

  DerivativeGuard(const F& f, const Method& method, VectorView<const PT, M> p, std::size_t states,
                  const SolveOptions& options, double span, bool wanted)
      : f_(f), method_(method), p_(p), n_(states), span_(std::abs(span)), wanted_(wanted) {
    // the list may have any length here: whether it fits is asked where the solve begins
    tolerance_ = options.reltol.value_or(default_reltol);
    for (const double reltol : options.reltol.values()) tolerance_ = std::min(tolerance_, reltol);
    if (!(tolerance_ > 0)) tolerance_ = 1e-6;
    tolerance_ = std::max(tolerance_, 50 * static_cast<double>(std::numeric_limits<base_t<T>>::epsilon()));
  }

  bool wanted() const { return wanted_; }
  /// The squared error of the derivative of the step in units of the tolerance.
  [[gnu::noinline]] double error(const T* slot, double t, double h) const {
    // it shall make steps short, not the solve fail
    if (!wanted_ || std::abs(h) < 1e-9 * span_) return 0;
    Buffer<T> of_step(n_ + p_.size()), of_error(n_ + p_.size());
    pull<typename MethodFamily<Method>::template Pullback<Vjp, T, N>>(slot, t, h, of_step.data());
    pull<typename MethodFamily<Method>::template ErrorPullback<Vjp, T, N>>(slot, t, h, of_error.data());
    for (std::size_t i = 0; i < n_; ++i) of_error[i] = of_error[i] - sign(i);
    const double by_u = largest(of_error.data(), n_) / std::max(1.0, largest(of_step.data(), n_));
    const double parameters = largest(of_step.data() + n_, p_.size()) * span_ / std::abs(h);
    const double by_p = parameters > 0 ? largest(of_error.data() + n_, p_.size()) / parameters : 0;
    const double e = std::max(by_u, by_p) / tolerance_;
    return std::isfinite(e) ? e * e : 0;
  }

 private:
  template <class Pullback>
  void pull(const T* slot, double t, double h, T* result) const {
    const InPlace<F> in_place{f_};
    Vjp vjp = make_vjp<Vjp>(f_, in_place, p_, n_);
    Pullback pullback(method_, vjp, n_);
    for (std::size_t i = 0; i < n_; ++i) result[i] = T(sign(i));
    for (std::size_t j = 0; j < p_.size(); ++j) result[n_ + j] = T(0);
    pullback.step(slot, t, h, result, nullptr, true);
    if constexpr (ByP) pullback.finish(result + n_);
  }
  // without a pattern that an equation could share
  static base_t<T> sign(std::size_t i) {
    return static_cast<base_t<T>>((static_cast<std::uint32_t>(i + 1) * 0x9E3779B9u) >> 31 ? -1 : 1);
  }
  static double largest(const T* x, std::size_t size) {
    double result = 0;
    for (std::size_t i = 0; i < size; ++i)
      result = std::fmax(result, std::abs(static_cast<double>(plain(x[i]))));
    return result;
  }

  const F& f_;
  const Method& method_;
  VectorView<const PT, M> p_;
  std::size_t n_;
  double span_, tolerance_;
  bool wanted_;
};

/// The guard of a solve that is differentiated along its own mesh.
template <class Types, bool ByP, class T, class Method, class Problem>
auto derivative_guard(const Problem& problem, const Method& method, const SolveOptions& options,
                      bool wanted) {
  const double span = static_cast<double>(plain(problem.tspan().end) - plain(problem.tspan().start));
  if constexpr (HasErrorPullback<Method>)
    return DerivativeGuard<Types, Method, T, ByP>(problem.f(), method, problem.p().view(),
                                                  problem.u0().size(), options, span, wanted);
  else
    return NoGuard{};
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
