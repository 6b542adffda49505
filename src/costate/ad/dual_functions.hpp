#pragma once

#include <costate/ad/dual.hpp>
#include <costate/ad/functions.hpp>
#include <costate/core/instruction_namespace.hpp>

namespace costate {

inline namespace COSTATE_INSTRUCTIONS {

#define COSTATE_DUAL_FUNCTION(name)                                                 \
  template <class T, std::size_t N>                                                 \
  Dual<T, N> name(const Dual<T, N>& x) {                                            \
    const T y = detail::name##_function::value(x.value);                            \
    return detail::chain(y, T(detail::name##_function::derivative(x.value, y)), x); \
  }
COSTATE_FOR_EACH_FUNCTION(COSTATE_DUAL_FUNCTION)
#undef COSTATE_DUAL_FUNCTION

template <class T, std::size_t N>
Dual<T, N> abs(const Dual<T, N>& x) {
  return plain(x) < 0 ? -x : x;
}
/// x^s for a constant exponent; the derivative at x = 0 is 0 for s > 1, also where pow(0, s - 1) · s would be
/// 0 · ∞.
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
Dual<T, N> pow(const Dual<T, N>& x, const S& s) {
  using costate::pow;
  if constexpr (PlainScalar<S>)
    if (s == 0) return detail::chain(T(1), T(0), x);
  return detail::chain(T(pow(x.value, s)), T(s * pow(x.value, s - 1)), x);
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
Dual<T, N> pow(const S& b, const Dual<T, N>& x) {
  using costate::log;
  using costate::pow;
  const T y = pow(static_cast<T>(b), x.value);
  return detail::chain(y, T(y * log(static_cast<T>(b))), x);
}
template <class T, std::size_t N>
Dual<T, N> pow(const Dual<T, N>& x, const Dual<T, N>& y) {
  using costate::log;
  using costate::pow;
  const T r = pow(x.value, y.value);
  // at x = 0 the products below would be 0 · ∞: the power does not change with y > 0, nor with x where y = 0
  if (plain(x) == 0 && plain(y) >= 0)
    return detail::chain(r, plain(y) == 0 ? T(0) : T(y.value * pow(x.value, y.value - 1)), x, T(0), y);
  return detail::chain(r, T(y.value * pow(x.value, y.value - 1)), x, T(r * log(x.value)), y);
}
template <class T, std::size_t N>
Dual<T, N> atan2(const Dual<T, N>& y, const Dual<T, N>& x) {
  using costate::atan2;
  const T n = x.value * x.value + y.value * y.value;
  return detail::chain(T(atan2(y.value, x.value)), T(x.value / n), y, T(-y.value / n), x);
}
template <class T, std::size_t N>
Dual<T, N> hypot(const Dual<T, N>& x, const Dual<T, N>& y) {
  using costate::hypot;
  const T r = hypot(x.value, y.value);
  return detail::chain(r, T(x.value / r), x, T(y.value / r), y);
}

}  // namespace COSTATE_INSTRUCTIONS

namespace detail {
template <class A, class B>
concept TwoScalarsOneDifferentiating = Scalar<A> && Scalar<B> &&
    (DifferentiatingScalar<A> || DifferentiatingScalar<B>);
}

inline namespace COSTATE_INSTRUCTIONS {

template <class A, class B>
requires detail::TwoScalarsOneDifferentiating<A, B> common_scalar_t<A, B> max(const A& a, const B& b) {
  using R = common_scalar_t<A, B>;
  return plain(a) < plain(b) ? static_cast<R>(b) : static_cast<R>(a);
}
template <class A, class B>
requires detail::TwoScalarsOneDifferentiating<A, B> common_scalar_t<A, B> min(const A& a, const B& b) {
  using R = common_scalar_t<A, B>;
  return plain(b) < plain(a) ? static_cast<R>(b) : static_cast<R>(a);
}
template <DifferentiatingScalar T>
bool is_finite(const T& x) {
  return is_finite(plain(x));
}

#define COSTATE_COMPARISON(op)                        \
  template <class A, class B>                         \
  requires detail::TwoScalarsOneDifferentiating<A, B> \
  bool operator op(const A& a, const B& b) {          \
    return plain(a) op plain(b);                      \
  }
COSTATE_COMPARISON(<)
COSTATE_COMPARISON(>)
COSTATE_COMPARISON(<=)
COSTATE_COMPARISON(>=)
COSTATE_COMPARISON(==)
COSTATE_COMPARISON(!=)
#undef COSTATE_COMPARISON

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
