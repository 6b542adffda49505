#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/scalar.hpp>
#include <costate/methods/detail/series_instruction.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

// One operation at one order, forwards and backwards. Operands and orders are numbers at run time or
// std::integral_constant, in which case everything is written out. A frame has the coefficients:
//
//     get(a, k), set(k, value) of the operation itself, own(k);  bar(a, k, x): cotangent of a_k += x,
//     constant(b), constant_bar(b, x)
//
// A. Griewank & A. Walther, Evaluating Derivatives (2008), tables 13.1 and 13.2 and section 13.3 (reverse).
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class K>
inline constexpr bool is_compile_time_order = false;
template <std::size_t K>
inline constexpr bool is_compile_time_order<std::integral_constant<std::size_t, K>> = true;

template <std::size_t I>
using Order = std::integral_constant<std::size_t, I>;

/// The orders j = First … Last by max(j, k − j): terms that need the newest coefficients come last.
template <std::size_t K, std::size_t First, std::size_t Last>
constexpr auto newest_last() {
  std::array<std::size_t, Last + 1 - First> order{};
  std::size_t count = 0;
  for (std::size_t newest = 0; newest <= K; ++newest)
    for (std::size_t j = First; j <= Last; ++j)
      if ((j > K - j ? j : K - j) == newest) order[count++] = j;
  return order;
}

/// Σ_{j = first}^{last} term(j) in two chains.
template <class T, std::size_t First, class K, class Last, class Term>
[[gnu::always_inline]] inline T sum_terms([[maybe_unused]] K k, Last last, const Term& term) {
  if constexpr (is_compile_time_order<K>) {
    constexpr std::size_t count = decltype(last)::value + 1 > First ? decltype(last)::value + 1 - First : 0;
    if constexpr (count == 0) {
      return T(0);
    } else {
      constexpr auto order = newest_last<K::value, First, decltype(last)::value>();
      return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        T sum[2];
        (
            [&]<std::size_t i>(Order<i>) __attribute__((always_inline)) {
              const T value = term(Order<order[i]>{});
              // the chains alternate; the newest two terms end one each
              if constexpr (i < 2)
                sum[i] = value;
              else
                sum[i & 1] = sum[i & 1] + value;
            }(Order<I>{}),
            ...);
        if constexpr (count == 1)
          return sum[0];
        else
          return sum[0] + sum[1];
      }
      (std::make_index_sequence<count>{});
    }
  } else {
    const std::size_t end = static_cast<std::size_t>(last) + 1;
    T even(0), odd(0);
    std::size_t j = First;
    for (; j + 1 < end; j += 2) even = even + term(j), odd = odd + term(j + 1);
    if (j < end) even = even + term(j);
    return even + odd;
  }
}
/// f(j) for j = first … last.
template <std::size_t First, class K, class Last, class F>
[[gnu::always_inline]] inline void for_terms(K, Last last, const F& f) {
  if constexpr (is_compile_time_order<K>) {
    constexpr std::size_t count = decltype(last)::value + 1 > First ? decltype(last)::value + 1 - First : 0;
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      (f(Order<First + I>{}), ...);
    }
    (std::make_index_sequence<count>{});
  } else {
    for (std::size_t j = First; j < static_cast<std::size_t>(last) + 1; ++j) f(j);
  }
}
template <class A, class B>
[[gnu::always_inline]] constexpr auto minus(A,
                                            B) requires(is_compile_time_order<A>&& is_compile_time_order<B>) {
  return Order<A::value - B::value>{};
}
template <class A, class B>
[[gnu::always_inline]] constexpr std::size_t minus(A a, B b) {
  return static_cast<std::size_t>(a) - static_cast<std::size_t>(b);
}
/// last − 1 as an order of a sum that begins at 1 and may be empty.
template <class K>
[[gnu::always_inline]] constexpr auto before(K k) {
  if constexpr (is_compile_time_order<K>)
    return Order < K::value == 0 ? 0 : K::value - 1 > {};
  else
    return k == 0 ? std::size_t{0} : k - 1;
}
template <class R, class K>
[[gnu::always_inline]] constexpr R inverse_of(K k) {
  if constexpr (is_compile_time_order<K>)
    return std::integral_constant<std::size_t, K::value>::value == 0 ? R(0) : R(1) / R(K::value);
  else
    return k == 0 ? R(0) : R(1) / R(k);
}

/// a b + c in one rounding where the processor has the instruction. By name, since the order in which a
/// compiler contracts two products and a sum decides which of them the next order waits for.
template <class T>
[[gnu::always_inline]] inline T multiply_add(const T& a, const T& b, const T& c) {
#if defined(__FMA__) || defined(__aarch64__)
  if constexpr (std::is_same_v<T, double>)
    return __builtin_fma(a, b, c);
  else if constexpr (std::is_same_v<T, float>)
    return __builtin_fmaf(a, b, c);
  else
#endif
    return a * b + c;
}

/// The operation itself as an operand.
struct ItsSeries {};
template <class Frame, class A, class K>
[[gnu::always_inline]] inline auto coefficient_of(const Frame& f, [[maybe_unused]] A a, K k) {
  if constexpr (std::is_same_v<A, ItsSeries>)
    return f.own(k);
  else
    return f.get(a, k);
}
/// A frame that has divided by what operations divide by at every order.
template <class Frame, class A>
concept HasInverse = requires(const Frame& f, A a) {
  f.inverse(a);
};

/// A frame that has Σ x_j y_{k−j}, without the orders 0 and k of either side, in two parts: `late` waits for
/// nothing that `early` does not wait for.
template <class Frame, class K>
concept HasInner = requires(const Frame& f, K k) {
  f.inner(k);
};

/// x over the coefficient of order 0 of `divisor`.
template <class T, class Frame, class Divisor>
[[gnu::always_inline]] inline T over_order_zero(const Frame& f, const T& x, Divisor divisor) {
  if constexpr (HasInverse<Frame, Divisor>)
    return x * f.inverse(divisor);
  else
    return x / coefficient_of(f, divisor, Order<0>{});
}

/// The coefficient of order k of an operation, from its operands up to order k and itself below.
template <SeriesKind kind, class T, class Frame, class A, class B, class K>
[[gnu::always_inline]] inline T series_coefficient(const Frame& f, const SeriesInstruction& op, A a, B b,
                                                   K k) {
  using R = base_t<T>;
  using S = SeriesKind;
  constexpr Order<0> zero{};
  const auto from = [&](auto j) __attribute__((always_inline)) {
    return minus(k, j);
  };
  const bool first = static_cast<std::size_t>(k) == 0;
  const auto over = [&](const T& x, auto divisor) __attribute__((always_inline)) {
    return over_order_zero(f, x, divisor);
  };
  if constexpr (kind == S::add) {
    return f.get(a, k) + f.get(b, k);
  } else if constexpr (kind == S::subtract) {
    return f.get(a, k) - f.get(b, k);
  } else if constexpr (kind == S::negate) {
    return -f.get(a, k);
  } else if constexpr (kind == S::shift) {
    return first ? f.get(a, k) + f.get(b, zero) : f.get(a, k);
  } else if constexpr (kind == S::subtract_from) {
    return first ? f.get(b, zero) - f.get(a, k) : -f.get(a, k);
  } else if constexpr (kind == S::scale) {
    return f.get(a, k) * f.get(b, zero);
  } else if constexpr (kind == S::multiply && HasInner<Frame, K>) {
    const auto [early, late] = f.inner(k);
    return multiply_add(f.get(a, k), f.get(b, zero), early) + multiply_add(f.get(a, zero), f.get(b, k), late);
  } else if constexpr (kind == S::multiply) {
    return sum_terms<T, 0>(
        k, k, [&](auto j) __attribute__((always_inline)) { return f.get(a, j) * f.get(b, from(j)); });
  } else if constexpr (kind == S::square) {
    // the terms come in pairs
    const auto half = [&] {
      if constexpr (is_compile_time_order<K>)
        return Order < K::value == 0 ? 0 : (K::value - 1) / 2 > {};
      else
        return k == 0 ? std::size_t{0} : (k - 1) / 2;
    }();
    if (first) return f.get(a, zero) * f.get(a, zero);
    const T pairs = sum_terms<T, 0>(
        k, half, [&](auto j) __attribute__((always_inline)) { return f.get(a, j) * f.get(a, from(j)); });
    const T both = pairs + pairs;
    if (static_cast<std::size_t>(k) % 2 == 1) return both;
    const auto middle = [&] {
      if constexpr (is_compile_time_order<K>)
        return Order<K::value / 2>{};
      else
        return k / 2;
    }();
    return both + f.get(a, middle) * f.get(a, middle);
  } else if constexpr (kind == S::divide) {
    if constexpr (HasInner<Frame, K>) {
      const auto [early, late] = f.inner(k);
      return over(f.get(a, k) - (multiply_add(f.get(b, k), f.own(zero), early) + late), b);
    }
    if (first) return f.get(a, zero) / f.get(b, zero);
    const T known = sum_terms<T, 1>(
        k, k, [&](auto j) __attribute__((always_inline)) { return f.get(b, j) * f.own(from(j)); });
    return over(f.get(a, k) - known, b);
  } else if constexpr (kind == S::reciprocal) {
    if constexpr (HasInner<Frame, K>) {
      const auto [early, late] = f.inner(k);
      return over(-(multiply_add(f.get(a, k), f.own(zero), early) + late), a);
    }
    if (first) return f.get(b, zero) / f.get(a, zero);
    const T known = sum_terms<T, 1>(
        k, k, [&](auto j) __attribute__((always_inline)) { return f.get(a, j) * f.own(from(j)); });
    return over(-known, a);
  } else if constexpr (kind == S::square_root) {
    using costate::sqrt;
    if (first) return sqrt(f.get(a, zero));
    const T known = sum_terms<T, 1>(
        k, before(k), [&](auto j) __attribute__((always_inline)) { return f.own(j) * f.own(from(j)); });
    return over(R(0.5) * (f.get(a, k) - known), ItsSeries{});
  } else if constexpr (kind == S::power) {
    using costate::pow;
    if (first) {
      const T x = f.get(a, zero);
      if (op.function == SeriesFunction::cbrt) return value_of_function(op.function, x);
      return pow(x, f.get(b, zero));
    }
    const T exponent = f.get(b, zero);
    const T known = sum_terms<T, 1>(
        k, k, [&](auto j) __attribute__((always_inline)) {
          return (exponent * R(j) - R(from(j))) * (f.get(a, j) * f.own(from(j)));
        });
    return over(known * inverse_of<R>(k), a);
  } else if constexpr (kind == S::integral) {
    if (first) return value_of_function(op.function, f.get(a, zero));
    const T sum = sum_terms<T, 1>(
        k, k, [&](auto j) __attribute__((always_inline)) { return R(j) * f.get(a, j) * f.get(b, from(j)); });
    return sum * (op.negative ? -inverse_of<R>(k) : inverse_of<R>(k));
  } else if constexpr (kind == S::quotient) {
    if (first) return value_of_function(op.function, f.get(a, zero));
    const T known = sum_terms<T, 1>(
        k, before(k), [&](auto j) __attribute__((always_inline)) {
          return R(j) * f.own(j) * f.get(b, from(j));
        });
    const T x = op.negative ? -f.get(a, k) : f.get(a, k);
    return over(x - known * inverse_of<R>(k), b);
  } else {
    static_assert(kind == S::magnitude);
    return plain(f.get(a, zero)) < 0 ? T(-f.get(a, k)) : f.get(a, k);
  }
}

/// w(j) = slope j + start.
template <class T>
struct LinearWeight {
  T slope, start;
  [[gnu::always_inline]] T operator()(base_t<T> j) const { return slope * j + start; }
};
struct NoWeight {};

/// A frame that hands a cotangent to all orders at once.
template <class Frame, class K>
concept SpreadsAt = requires {
  requires Frame::template spreads<K>;
};
/// Cotangents of a Σ w(j) a_j b_{k−j} by the a_j: a_j receives y w(j) b_{k−j} for every j below k, and for
/// j = k where `newest` says so.
template <bool newest, class T, class Frame, class A, class B, class K, class Weight = NoWeight>
[[gnu::always_inline]] inline void spread(Frame& f, A a, B b, K k, const T& y, const Weight& weight = {}) {
  using R = base_t<T>;
  if constexpr (SpreadsAt<Frame, K>) {
    f.template spread<newest>(a, b, k, y, weight);
  } else {
    for_terms<0>(
        k, k, [&](auto j) __attribute__((always_inline)) {
          if (!newest && static_cast<std::size_t>(j) == static_cast<std::size_t>(k)) return;
          T x = y * coefficient_of(f, b, minus(k, j));
          if constexpr (!std::is_same_v<Weight, NoWeight>) x = weight(R(static_cast<std::size_t>(j))) * x;
          if constexpr (std::is_same_v<A, ItsSeries>)
            f.own_bar(j, x);
          else
            f.bar(a, j, x);
        });
  }
}

/// The cotangent y of the coefficient of order k of an operation, handed to what it was computed from.
template <SeriesKind kind, class T, class Frame, class A, class B, class K>
[[gnu::always_inline]] inline void pull_series_coefficient(Frame& f, const SeriesInstruction& op, A a, B b,
                                                           K k, const T& y) {
  using R = base_t<T>;
  using S = SeriesKind;
  constexpr Order<0> zero{};
  const auto from = [&](auto j) __attribute__((always_inline)) {
    return minus(k, j);
  };
  const bool first = static_cast<std::size_t>(k) == 0;
  const auto over = [&](const T& x, auto divisor) __attribute__((always_inline)) {
    return over_order_zero(f, x, divisor);
  };
  if constexpr (kind == S::add) {
    f.bar(a, k, y), f.bar(b, k, y);
  } else if constexpr (kind == S::subtract) {
    f.bar(a, k, y), f.bar(b, k, -y);
  } else if constexpr (kind == S::negate) {
    f.bar(a, k, -y);
  } else if constexpr (kind == S::shift) {
    f.bar(a, k, y);
    if (first) f.bar(b, zero, y);
  } else if constexpr (kind == S::subtract_from) {
    f.bar(a, k, -y);
    if (first) f.bar(b, zero, y);
  } else if constexpr (kind == S::scale) {
    f.bar(a, k, y * f.get(b, zero));
    f.bar(b, zero, y * f.get(a, k));
  } else if constexpr (kind == S::multiply) {
    spread<true, T>(f, a, b, k, y);
    spread<true, T>(f, b, a, k, y);
  } else if constexpr (kind == S::square) {
    spread<true, T>(f, a, a, k, T(y + y));
  } else if constexpr (kind == S::divide || kind == S::reciprocal) {
    constexpr bool numerator_is_constant = kind == S::reciprocal;
    const auto x = [&] {
      if constexpr (numerator_is_constant)
        return a;
      else
        return b;
    }();
    const T z = over(y, x);
    if constexpr (!numerator_is_constant)
      f.bar(a, k, z);
    else if (first)
      f.bar(b, zero, z);
    spread<true, T>(f, x, ItsSeries{}, k, T(-z));
    spread<false, T>(f, ItsSeries{}, x, k, T(-z));
  } else if constexpr (kind == S::square_root) {
    const T z = over(R(0.5) * y, ItsSeries{});
    f.bar(a, k, z);
    spread<false, T>(f, ItsSeries{}, ItsSeries{}, k, T(-(z + z)));
  } else if constexpr (kind == S::power) {
    using costate::log;
    const T exponent = f.get(b, zero);
    if (first) {
      const T x0 = f.get(a, zero);
      f.bar(a, zero, y * exponent * f.own(zero) / x0);
      if (!f.is_literal(b)) f.bar(b, zero, y * f.own(zero) * log(x0));
      return;
    }
    const R order = R(static_cast<std::size_t>(k));
    const T z = over(y * inverse_of<R>(k), a), both = exponent + R(1);
    if (!f.is_literal(b)) {
      T by_exponent(0);
      for_terms<1>(
          k, k, [&](auto j) __attribute__((always_inline)) {
            by_exponent = by_exponent + R(j) * (f.get(a, j) * f.own(from(j)));
          });
      f.bar(b, zero, z * by_exponent);
    }
    // exponent j − (k − j), by a_j; the same with j for k − j, by the coefficient of the power
    spread<true, T>(f, a, ItsSeries{}, k, z, LinearWeight<T>{both, T(-order)});
    spread<false, T>(f, ItsSeries{}, a, k, z, LinearWeight<T>{-both, exponent * order});
  } else if constexpr (kind == S::integral) {
    const T signed_y = op.negative ? T(-y) : y;
    if (first) {
      f.bar(a, zero, signed_y * f.get(b, zero));
      return;
    }
    const T z = signed_y * inverse_of<R>(k);
    const R order = R(static_cast<std::size_t>(k));
    spread<true, T>(f, a, b, k, z, LinearWeight<T>{T(1), T(0)});
    spread<false, T>(f, b, a, k, z, LinearWeight<T>{T(-1), T(order)});
  } else if constexpr (kind == S::quotient) {
    const T z = over(y, b);
    f.bar(a, k, op.negative ? T(-z) : z);
    if (first) return;
    const T part = -z * inverse_of<R>(k);
    const R order = R(static_cast<std::size_t>(k));
    spread<false, T>(f, ItsSeries{}, b, k, part, LinearWeight<T>{T(1), T(0)});
    spread<false, T>(f, b, ItsSeries{}, k, part, LinearWeight<T>{T(-1), T(order)});
  } else if constexpr (kind == S::magnitude) {
    f.bar(a, k, plain(f.get(a, zero)) < 0 ? T(-y) : y);
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
