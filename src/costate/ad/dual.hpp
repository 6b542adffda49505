#pragma once

#include <costate/ad/partials.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/core/scalar.hpp>

#include <cstddef>
#include <type_traits>

namespace costate {

/// A number with N directional derivatives: value + Σ εᵢ partial[i], εᵢ εⱼ = 0. Arithmetic on it carries the
/// derivatives forward. Comparisons look at the value alone. T may itself be a Dual or a Var (second
/// derivatives).
template <class T, std::size_t N>
struct Dual {
  using value_type = T;
  static constexpr std::size_t partial_count = N;

  // aligned to the register that holds them, whatever the flags: a load across two cache lines costs as much
  // as the arithmetic
  alignas(detail::partials_alignment<T>(N)) T partial[detail::padded<T>(N)]{};
  T value{};

  constexpr Dual() = default;
  template <Scalar S>
  requires(!std::is_same_v<S, Dual> && std::is_convertible_v<S, T>) constexpr Dual(const S& x)
      : value(static_cast<T>(x)) {}

  /// The variable number i: its partial i is 1.
  static Dual variable(const T& x, std::size_t i);
};

namespace detail {
template <class T, std::size_t N>
struct UnitDuals {
  Dual<T, N> row[N == 0 ? 1 : N]{};
  constexpr UnitDuals() {
    for (std::size_t i = 0; i < N; ++i) row[i].partial[i] = T(1);
  }
};
template <class T, std::size_t N>
inline constexpr UnitDuals<T, N> unit_duals{};
}  // namespace detail

template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> Dual<T, N>::variable(const T& x, std::size_t i) {
  if constexpr (std::is_floating_point_v<T>) {
    // whole registers from a constant: a scalar store into the array would stall the vector loads that
    // follow, and a copy of the structure is one that g++ makes and reads back
    const T* unit = detail::unit_duals<T, N>.row[i].partial;
    Dual result(x);
    detail::transform_partials<T, N>(result.partial, unit, unit,
                                     [](const auto& a, const auto&) { return a; });
    return result;
  } else {
    Dual result(x);
    result.partial[i] = T(1);
    return result;
  }
}

template <class T, std::size_t N>
constexpr auto plain(const Dual<T, N>& x) {
  return plain(x.value);
}

namespace detail::inline COSTATE_INSTRUCTIONS {

/// What may be combined with a Dual<T, N> and is constant to it.
template <class S, class T, std::size_t N>
concept ConstantTo =
    Scalar<S> && !std::is_same_v<std::remove_cvref_t<S>, Dual<T, N>> &&
    ScalarTraits<std::remove_cvref_t<S>>::depth <= ScalarTraits<T>::depth && std::is_convertible_v<S, T>;

/// f(x) with derivative df: the chain rule.
template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> chain(const T& value, const T& df, const Dual<T, N>& x) {
  Dual<T, N> r;
  r.value = value;
  transform_partials<T, N>(r.partial, x.partial, x.partial,
                           [&](const auto& d, const auto&) { return d * df; });
  return r;
}
/// f(x, y) with derivatives dx, dy.
template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> chain(const T& value, const T& dx, const Dual<T, N>& x, const T& dy,
                                               const Dual<T, N>& y) {
  Dual<T, N> r;
  r.value = value;
  transform_partials<T, N>(r.partial, x.partial, y.partial,
                           [&](const auto& a, const auto& b) { return a * dx + b * dy; });
  return r;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> operator+(const Dual<T, N>& x, const Dual<T, N>& y) {
  Dual<T, N> r;
  r.value = x.value + y.value;
  detail::transform_partials<T, N>(r.partial, x.partial, y.partial,
                                   [](const auto& a, const auto& b) { return a + b; });
  return r;
}
template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> operator-(const Dual<T, N>& x, const Dual<T, N>& y) {
  Dual<T, N> r;
  r.value = x.value - y.value;
  detail::transform_partials<T, N>(r.partial, x.partial, y.partial,
                                   [](const auto& a, const auto& b) { return a - b; });
  return r;
}
template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> operator*(const Dual<T, N>& x, const Dual<T, N>& y) {
  return detail::chain(x.value * y.value, y.value, x, x.value, y);
}
template <class T, std::size_t N>
inline Dual<T, N> operator/(const Dual<T, N>& x, const Dual<T, N>& y) {
  const T inverse = T(1) / y.value, quotient = x.value * inverse;
  return detail::chain(quotient, inverse, x, T(-quotient * inverse), y);
}
template <class T, std::size_t N>
[[gnu::always_inline]] inline Dual<T, N> operator-(const Dual<T, N>& x) {
  Dual<T, N> r;
  r.value = -x.value;
  detail::transform_partials<T, N>(r.partial, x.partial, x.partial,
                                   [](const auto& a, const auto&) { return -a; });
  return r;
}
template <class T, std::size_t N>
inline Dual<T, N> operator+(const Dual<T, N>& x) {
  return x;
}

template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator+(Dual<T, N> x, const S& s) {
  x.value = x.value + static_cast<T>(s);
  return x;
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator+(const S& s, Dual<T, N> x) {
  x.value = static_cast<T>(s) + x.value;
  return x;
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator-(Dual<T, N> x, const S& s) {
  x.value = x.value - static_cast<T>(s);
  return x;
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator-(const S& s, const Dual<T, N>& x) {
  return detail::chain(T(static_cast<T>(s) - x.value), T(-1), x);
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator*(const Dual<T, N>& x, const S& s) {
  const T c = static_cast<T>(s);
  return detail::chain(T(x.value * c), c, x);
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
[[gnu::always_inline]] inline Dual<T, N> operator*(const S& s, const Dual<T, N>& x) {
  const T c = static_cast<T>(s);
  return detail::chain(T(c * x.value), c, x);
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
inline Dual<T, N> operator/(const Dual<T, N>& x, const S& s) {
  const T c = static_cast<T>(s);
  return detail::chain(T(x.value / c), T(T(1) / c), x);
}
template <class T, std::size_t N, detail::ConstantTo<T, N> S>
inline Dual<T, N> operator/(const S& s, const Dual<T, N>& x) {
  const T inverse = T(1) / x.value, quotient = static_cast<T>(s) * inverse;
  return detail::chain(quotient, T(-quotient * inverse), x);
}

template <class T, std::size_t N, class S>
Dual<T, N>& operator+=(Dual<T, N>& x, const S& y) {
  return x = x + y;
}
template <class T, std::size_t N, class S>
Dual<T, N>& operator-=(Dual<T, N>& x, const S& y) {
  return x = x - y;
}
template <class T, std::size_t N, class S>
Dual<T, N>& operator*=(Dual<T, N>& x, const S& y) {
  return x = x * y;
}
template <class T, std::size_t N, class S>
Dual<T, N>& operator/=(Dual<T, N>& x, const S& y) {
  return x = x / y;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate

#include <costate/ad/dual_functions.hpp>
