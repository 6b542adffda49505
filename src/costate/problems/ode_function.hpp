#pragma once

#include <costate/ad/sized_vjp.hpp>
#include <costate/ad/vjp.hpp>
#include <costate/core/foreign_view.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace costate {

namespace detail {
struct Absent {};

/// Calls the user's f(du, u, p, t), or du = f(u, p, t), with views.
template <class F, class DU, class U, class P, class Time>
[[gnu::always_inline]] constexpr void call_right_hand_side(const F& f, DU& du, const U& u, const P& p,
                                                           const Time& t) {
  if constexpr (std::is_invocable_v<const F&, DU&, const U&, const P&, const Time&>) {
    f(du, u, p, t);
  } else {
    static_assert(
        std::is_invocable_v<const F&, const U&, const P&, const Time&>,
        "costate: this right-hand side can be called neither as f(du, u, p, t) nor as f(u, p, t) with the "
        "scalar that is needed "
        "here: make it generic (auto parameters), or give its derivative by ODEFunction(f).with_vjp(…)");
    const auto returned = f(u, p, t);
    static_assert(VectorLike<decltype(returned)> || Foreign<decltype(returned)>,
                  "costate: f(u, p, t) must return a costate::Vector, or what costate::ForeignView knows");
    const auto& value = as_vector_like(returned);
    if (value.size() != du.size()) reject_size("f(u, p, t): returned vector", du.size(), value.size());
    for (std::size_t i = 0; i < du.size(); ++i) du[i] = value[i];
  }
}
}  // namespace detail

/// A right-hand side with what is known about it.
///
///     ODEFunction{f}.with_vjp(g)        g(ubar, pbar, λ, u, p, t):  ubar += λᵀ ∂f/∂u,  pbar += λᵀ ∂f/∂p
///     ODEFunction{f}.with_jacobian(j)   j(J, u, p, t):              J(i, k) = ∂fᵢ/∂uₖ
///
/// A generic f (auto parameters) needs neither. One that is not generic, because it calls a library on
/// doubles, needs with_vjp for gradients by its parameters; with_jacobian is enough where the gradient is by
/// the state alone (implicit methods use it too). Both are trusted: `check_gradient` tells whether they are
/// right.
template <class F, class Vjp = detail::Absent, class Jacobian = detail::Absent>
class ODEFunction {
 public:
  explicit ODEFunction(F f, Vjp vjp = {}, Jacobian jacobian = {}) : f_(f), vjp_(vjp), jacobian_(jacobian) {}

  template <class G>
  ODEFunction<F, G, Jacobian> with_vjp(G g) const {
    return ODEFunction<F, G, Jacobian>(f_, g, jacobian_);
  }
  template <class J>
  ODEFunction<F, Vjp, J> with_jacobian(J j) const {
    return ODEFunction<F, Vjp, J>(f_, vjp_, j);
  }
  const F& function() const { return f_; }
  const Vjp& vjp() const { return vjp_; }
  const Jacobian& jacobian() const { return jacobian_; }

  template <class DU, class U, class P, class Time>
  [[gnu::always_inline]] void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    detail::call_right_hand_side(f_, du, u, p, t);
  }

 private:
  F f_;
  [[no_unique_address]] Vjp vjp_;
  [[no_unique_address]] Jacobian jacobian_;
};

namespace detail::inline COSTATE_INSTRUCTIONS {

template <class F>
struct FunctionParts {
  static constexpr bool has_vjp = false, has_jacobian = false;
};
template <class F, class V, class J>
struct FunctionParts<ODEFunction<F, V, J>> {
  static constexpr bool has_vjp = !std::is_same_v<V, Absent>;
  static constexpr bool has_jacobian = !std::is_same_v<J, Absent>;
};

/// The right-hand side in its in-place form, whatever form the user chose.
template <class F>
struct InPlace {
  const F& f;
  template <class DU, class U, class P, class Time>
  [[gnu::always_inline]] void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    call_right_hand_side(f, du, u, p, t);
  }
};

/// The user's own vjp.
template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
class GivenVjp {
 public:
  static constexpr std::string_view route = "with_vjp";
  GivenVjp(const F& f, VectorView<const PT, M> p, std::size_t states)
      : f_(f), p_(p), states_(states), pbar_(zeros<T, M>(p.size())) {}
  void start() {
    for (std::size_t i = 0; i < pbar_.size(); ++i) pbar_[i] = T(0);
  }
  void operator()(const T* u, double t, const T* lambda, T* ubar) {
    for (std::size_t i = 0; i < states_; ++i) ubar[i] = T(0);
    VectorView<T, N> ubar_view(ubar, states_);
    VectorView<T, M> pbar_view = pbar_.view();
    f_.vjp()(ubar_view, pbar_view, VectorView<const T, N>(lambda, states_),
             VectorView<const T, N>(u, states_), p_, t);
  }
  void finish(T* pbar) const {
    if constexpr (DiffP)
      for (std::size_t i = 0; i < pbar_.size(); ++i) pbar[i] = pbar[i] + pbar_[i];
  }

  const F& function() const { return f_; }
  VectorView<const PT, M> parameters() const { return p_; }

 private:
  const F& f_;
  VectorView<const PT, M> p_;
  std::size_t states_;
  Vector<T, M> pbar_;
};

/// λᵀJ by the user's own Jacobian; for gradients by the state alone.
template <class F, class T, std::size_t N, std::size_t M, class PT>
class GivenJacobianVjp {
 public:
  static constexpr std::string_view route = "with_jacobian";
  GivenJacobianVjp(const F& f, VectorView<const PT, M> p, std::size_t states)
      : f_(f), p_(p), jacobian_(states, states) {}
  void start() {}
  void operator()(const T* u, double t, const T* lambda, T* ubar) {
    const std::size_t n = jacobian_.rows();
    for (std::size_t i = 0; i < n * n; ++i) jacobian_.data()[i] = T(0);
    f_.jacobian()(jacobian_, VectorView<const T, N>(u, n), p_, t);
    for (std::size_t k = 0; k < n; ++k) {
      T sum(0);
      for (std::size_t i = 0; i < n; ++i) sum = sum + lambda[i] * jacobian_(i, k);
      ubar[k] = sum;
    }
  }
  void finish(T*) const {}

  const F& function() const { return f_; }
  VectorView<const PT, M> parameters() const { return p_; }

 private:
  const F& f_;
  VectorView<const PT, M> p_;
  Matrix<T, N, N> jacobian_;
};

/// A function of this library that brings a vjp with a state of its own.
template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
concept BringsVjp = requires {
  typename F::template Vjp<T, N, M, PT, DiffP>;
};

/// The route to a vjp of F at these types.
template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
auto vjp_route() {
  if constexpr (BringsVjp<F, T, N, M, PT, DiffP> && PlainScalar<T>)
    return std::type_identity<typename F::template Vjp<T, N, M, PT, DiffP>>{};
  else if constexpr (FunctionParts<F>::has_vjp && PlainScalar<T>)
    return std::type_identity<GivenVjp<F, T, N, M, PT, DiffP>>{};
  else if constexpr (FunctionParts<F>::has_jacobian && PlainScalar<T> && !DiffP)
    return std::type_identity<GivenJacobianVjp<F, T, N, M, PT>>{};
  else if constexpr (prefers_duals<N, M, DiffP>())
    return std::type_identity<DualVjp<InPlace<F>, T, N, M, PT, DiffP>>{};
  else if constexpr (N == dynamic)
    return std::type_identity<SizedVjp<InPlace<F>, T, M, PT, DiffP>>{};
  else
    return std::type_identity<TapeVjp<InPlace<F>, T, N, M, PT, DiffP>>{};
}

template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
using VjpFor = typename decltype(vjp_route<F, T, N, M, PT, DiffP>())::type;

}  // namespace detail::inline COSTATE_INSTRUCTIONS
}  // namespace costate
