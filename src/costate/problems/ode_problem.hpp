#pragma once

#include <costate/core/foreign_view.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/time_span.hpp>
#include <costate/core/vector.hpp>
#include <costate/problems/ode_function.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace costate {

namespace detail {

/// A vector of the library that owns the numbers which a view, a foreign container or braces show; integers
/// become doubles.
template <VectorLike V>
auto own(const V& x) {
  return Vector<common_scalar_t<scalar_of<V>>, extent_of<V>>(x);
}
template <class T, std::size_t N>
auto own(const T (&x)[N]) {
  return Vector<common_scalar_t<T>, N>(VectorView<const T, N>(x));
}
template <MatrixLike M>
auto own(const M& x) {
  return Matrix<common_scalar_t<scalar_of<M>>>(x);
}
template <Foreign X>
auto own(const X& x) {
  return own(as_vector_like(x));
}
template <class X>
using Owned = decltype(own(std::declval<const X&>()));

}  // namespace detail

/// The initial value problem u' = f(u, p, t), u(t₀) = u₀, on [t₀, t₁] in either direction of time.
///
///     ODEProblem(f, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0})      sizes known at compile time
///     ODEProblem(f, std::vector{…}, {0.0, 10.0}, std::vector{…})        sizes known at run time
///     ODEProblem(f, Matrix<double>(2, 64), {0.0, 10.0}, p)              a batch: [features × samples]
///
/// f is f(du, u, p, t), or f(u, p, t) returning a Vector (a Matrix where the state is one, and then du and u
/// are matrix views): a generic callable, called with views. It is stored
/// by value; what it captures by reference must live as long as the problem and, inside value_and_gradient,
/// until that returns. A problem is a value: with_u0, with_p and with_tspan return a changed copy, possibly
/// of another scalar.
template <class F, class U, class P = Vector<double, 0>, class Time = double>
class ODEProblem {
  static_assert(VectorLike<P>, "costate::ODEProblem: the parameters p are one flat vector");

 public:
  using Function = F;
  /// The scalar of the state during a solve: the common one of u0 and p (and of the span, where that is
  /// differentiated).
  using StateScalar = common_scalar_t<
      typename detail::CommonScalar<scalar_of<U>,
                                    std::conditional_t<extent_of<P> == 0, scalar_of<U>, scalar_of<P>>>::type,
      std::conditional_t<PlainScalar<Time>, scalar_of<U>, Time>>;

  ODEProblem(F f, U u0, TimeSpan<Time> tspan, P p = P())
      : f_(std::move(f)), u0_(std::move(u0)), tspan_(tspan), p_(std::move(p)) {}

  template <class X, class TimeSpanScalar = Time, class Q>
  ODEProblem(F f, const X& u0, TimeSpan<TimeSpanScalar> tspan, const Q& p)
      : f_(std::move(f)), u0_(detail::own(u0)), tspan_(tspan), p_(detail::own(p)) {}
  template <class X, class TimeSpanScalar = Time>
  ODEProblem(F f, const X& u0, TimeSpan<TimeSpanScalar> tspan)
      : f_(std::move(f)), u0_(detail::own(u0)), tspan_(tspan) {}

  const F& f() const { return f_; }
  const U& u0() const { return u0_; }
  const P& p() const { return p_; }
  const TimeSpan<Time>& tspan() const { return tspan_; }

  template <class X>
  auto with_u0(const X& u0) const {
    return ODEProblem<F, detail::Owned<X>, P, Time>(f_, detail::own(u0), tspan_, p_);
  }
  template <class T, std::size_t N>
  auto with_u0(const T (&u0)[N]) const {
    return with_u0(detail::own(u0));
  }
  template <class Q>
  auto with_p(const Q& p) const {
    return ODEProblem<F, U, detail::Owned<Q>, Time>(f_, u0_, tspan_, detail::own(p));
  }
  template <class T, std::size_t M>
  auto with_p(const T (&p)[M]) const {
    return with_p(detail::own(p));
  }
  template <class S = double>
  auto with_tspan(TimeSpan<S> tspan) const {
    return ODEProblem<F, U, P, S>(f_, u0_, tspan, p_);
  }

 private:
  F f_;
  U u0_;
  TimeSpan<Time> tspan_;
  P p_{};
};

// Braces deduce arrays for u0 and p; braces for the span leave Time at its default, double.
template <class F, class X, std::size_t N, class Time = double>
ODEProblem(F, const X (&)[N], TimeSpan<Time>)
    -> ODEProblem<F, Vector<common_scalar_t<X>, N>, Vector<double, 0>, Time>;
template <class F, class X, class Time = double>
ODEProblem(F, const X&, TimeSpan<Time>) -> ODEProblem<F, detail::Owned<X>, Vector<double, 0>, Time>;
template <class F, class X, std::size_t N, class Q, std::size_t M, class Time = double>
ODEProblem(F, const X (&)[N], TimeSpan<Time>, const Q (&)[M])
    -> ODEProblem<F, Vector<common_scalar_t<X>, N>, Vector<common_scalar_t<Q>, M>, Time>;
template <class F, class X, std::size_t N, class Q, class Time = double>
ODEProblem(F, const X (&)[N], TimeSpan<Time>, const Q&)
    -> ODEProblem<F, Vector<common_scalar_t<X>, N>, detail::Owned<Q>, Time>;
template <class F, class X, class Q, std::size_t M, class Time = double>
ODEProblem(F, const X&, TimeSpan<Time>, const Q (&)[M])
    -> ODEProblem<F, detail::Owned<X>, Vector<common_scalar_t<Q>, M>, Time>;
template <class F, class X, class Q, class Time = double>
ODEProblem(F, const X&, TimeSpan<Time>, const Q&) -> ODEProblem<F, detail::Owned<X>, detail::Owned<Q>, Time>;

}  // namespace costate
