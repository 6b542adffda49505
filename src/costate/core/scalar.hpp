#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>

namespace costate {

template <class T, std::size_t N>
struct Dual;
template <class T>
class Var;

/// The extent of a vector or matrix whose size is known only at run time.
inline constexpr std::size_t dynamic = static_cast<std::size_t>(-1);

namespace detail {

template <class T>
struct ScalarTraits {
  static constexpr bool is_scalar = std::is_arithmetic_v<T>;
  static constexpr int depth = 0;
  using Base = T;
};
template <class T, std::size_t N>
struct ScalarTraits<Dual<T, N>> {
  static constexpr bool is_scalar = true;
  static constexpr int depth = 1 + ScalarTraits<T>::depth;
  using Base = typename ScalarTraits<T>::Base;
};
template <class T>
struct ScalarTraits<Var<T>> {
  static constexpr bool is_scalar = true;
  static constexpr int depth = 1 + ScalarTraits<T>::depth;
  using Base = typename ScalarTraits<T>::Base;
};

template <class S>
inline constexpr bool is_var = false;
template <class T>
inline constexpr bool is_var<Var<T>> = true;

template <class A, class B>
struct CommonScalar;
template <class A, class B>
requires(ScalarTraits<A>::depth == 0 && ScalarTraits<B>::depth == 0) struct CommonScalar<A, B> {
  using Raw = std::common_type_t<A, B>;
  using type = std::conditional_t<std::is_integral_v<Raw>, double, Raw>;
};
// The deeper type absorbs the shallower one: Var<double> with double, Var<Dual<double, 2>> with Dual<double,
// 2>.
template <class A, class B>
requires(ScalarTraits<A>::depth > ScalarTraits<B>::depth) struct CommonScalar<A, B> {
  using type = A;
};
template <class A, class B>
requires(ScalarTraits<B>::depth > ScalarTraits<A>::depth) struct CommonScalar<A, B> {
  using type = B;
};
template <class A>
requires(ScalarTraits<A>::depth > 0) struct CommonScalar<A, A> {
  using type = A;
};

template <class... S>
struct CommonScalars;
template <class A>
struct CommonScalars<A> : CommonScalar<A, A> {};
template <class A, class B, class... Rest>
struct CommonScalars<A, B, Rest...> : CommonScalars<typename CommonScalar<A, B>::type, Rest...> {};

}  // namespace detail

/// A number: built in, or one of the differentiating types Dual and Var (which nest).
template <class T>
concept Scalar = detail::ScalarTraits<std::remove_cvref_t<T>>::is_scalar;

/// float, double, long double or an integer: a number that carries no derivative.
template <class T>
concept PlainScalar = std::is_arithmetic_v<std::remove_cvref_t<T>>;

/// A differentiating number.
template <class T>
concept DifferentiatingScalar = Scalar<T> && !PlainScalar<T>;

/// The built-in type at the bottom of a scalar: base_t<Var<Dual<float, 4>>> is float.
template <class T>
using base_t = typename detail::ScalarTraits<std::remove_cvref_t<T>>::Base;

/// The scalar in which both can be computed: integers promote to double, Var and Dual absorb plain numbers.
template <class... S>
using common_scalar_t = typename detail::CommonScalars<std::remove_cvref_t<S>...>::type;

/// The number without any derivative: plain(Var<Dual<double, 2>>) is a double.
template <PlainScalar T>
constexpr T plain(T x) {
  return x;
}

}  // namespace costate
