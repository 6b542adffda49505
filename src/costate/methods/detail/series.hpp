#pragma once

#include <costate/ad/dual.hpp>
#include <costate/core/scalar.hpp>
#include <costate/methods/detail/series_instruction.hpp>

#include <cstddef>
#include <cstdint>
#include <numbers>
#include <type_traits>

namespace costate {

/// A power series in time as the scalar of a right-hand side: every operation on it is one more instruction
/// of its builder. A number that no builder knows yet is its literal.
template <class Builder>
struct SeriesNumber {
  using value_type = typename Builder::Value;
  Builder* builder = nullptr;
  std::int32_t index = -1;
  value_type literal{};

  constexpr SeriesNumber() = default;
  template <Scalar S>
  requires(!std::is_same_v<S, SeriesNumber> &&
           std::is_convertible_v<S, value_type>) constexpr SeriesNumber(const S& x)
      : literal(static_cast<value_type>(x)) {}
  constexpr SeriesNumber(Builder* made_by, std::int32_t at) : builder(made_by), index(at) {}
};

namespace detail {

template <class Builder>
struct ScalarTraits<SeriesNumber<Builder>> {
  static constexpr bool is_scalar = true;
  static constexpr int depth = 1 + ScalarTraits<typename Builder::Value>::depth;
  using Base = typename ScalarTraits<typename Builder::Value>::Base;
};

template <class S>
inline constexpr bool is_series = false;
template <class Builder>
inline constexpr bool is_series<SeriesNumber<Builder>> = true;

/// What may be combined with a SeriesNumber and is constant to it.
template <class S, class Builder>
concept ConstantToSeries =
    Scalar<S> && !is_series<std::remove_cvref_t<S>> && std::is_convertible_v<S, typename Builder::Value>;

/// Whether a number carries no derivative, so that its value is all there is to it.
template <class S>
constexpr bool carries_nothing(const S& x) {
  if constexpr (PlainScalar<S>) {
    return true;
  } else if constexpr (requires { x.partial[0]; }) {
    for (std::size_t i = 0; i < S::partial_count; ++i)
      if (!(plain(x.partial[i]) == 0 && carries_nothing(x.partial[i]))) return false;
    return carries_nothing(x.value);
  } else {
    return x.index() < 0;
  }
}

/// Instructions for the operations and functions of the library. A builder has push(instruction),
/// literal(value), constant(i), at(i) and, where it may rewrite, `rewrites`.
template <class Builder>
struct SeriesAlgebra {
  using I = std::int32_t;
  using S = SeriesKind;
  using F = SeriesFunction;
  Builder& b;

  constexpr I push(S kind, I x, I y = -1, F function = F::none, bool negative = false) const {
    SeriesInstruction op;
    op.kind = kind, op.function = function, op.negative = negative, op.a = x, op.b = y;
    const bool by_x = y < 0 || kind == S::integral || kind == S::quotient;
    op.constant = b.constant(x) && (by_x || b.constant(y));
    return b.push(op);
  }
  constexpr I add(I x, I y) const {
    if (b.constant(x) == b.constant(y)) return push(S::add, x < y ? x : y, x < y ? y : x);
    return b.constant(y) ? push(S::shift, x, y) : push(S::shift, y, x);
  }
  constexpr I subtract(I x, I y) const {
    if (b.constant(x) == b.constant(y)) return push(S::subtract, x, y);
    return b.constant(y) ? push(S::shift, x, push(S::negate, y)) : push(S::subtract_from, y, x);
  }
  constexpr I negate(I x) const { return push(S::negate, x); }
  constexpr I multiply(I x, I y) const {
    if (b.constant(x) && b.constant(y)) return push(S::multiply, x < y ? x : y, x < y ? y : x);
    if (b.constant(x)) return scale(y, x);
    if (b.constant(y)) return scale(x, y);
    if constexpr (Builder::rewrites) {
      // (c x) y = c (x y): products of the same series are then found once
      if (b.at(x).kind == S::scale) return scale(multiply(b.at(x).a, y), b.at(x).b);
      if (b.at(y).kind == S::scale) return scale(multiply(x, b.at(y).a), b.at(y).b);
      if (b.at(x).kind == S::negate) return negate(multiply(b.at(x).a, y));
      if (b.at(y).kind == S::negate) return negate(multiply(x, b.at(y).a));
    }
    if (x == y) return push(S::square, x);
    return push(S::multiply, x < y ? x : y, x < y ? y : x);
  }
  constexpr I scale(I x, I c) const {
    if constexpr (Builder::rewrites)
      if (b.at(x).kind == S::scale) return push(S::scale, b.at(x).a, multiply(b.at(x).b, c));
    return push(S::scale, x, c);
  }
  constexpr I divide(I x, I y) const {
    if (b.constant(y) && !b.constant(x)) return scale(x, push(S::divide, b.literal(1), y));
    if (b.constant(x) && !b.constant(y)) return push(S::reciprocal, y, x);
    return push(S::divide, x, y);
  }
  constexpr I square_root(I x) const { return push(S::square_root, x); }
  constexpr I power(I x, I exponent) const {
    if (!b.constant(exponent)) return function(F::exp, multiply(exponent, function(F::log, x)));
    if (b.at(exponent).kind == S::literal && b.is_plain(exponent)) {
      const double s = b.literal_value(exponent);
      if (s == 0.5) return square_root(x);
      // the recurrence of the power divides by x, which may be 0 where the exponent is a whole number
      if (s > -17 && s < 17 && s == static_cast<double>(static_cast<int>(s))) {
        const int n = static_cast<int>(s);
        if (n == 0) return b.literal(1);
        I result = -1, factor = x;
        for (int bits = n < 0 ? -n : n; bits > 0; bits /= 2) {
          if (bits % 2 == 1) result = result < 0 ? factor : multiply(result, factor);
          if (bits > 1) factor = multiply(factor, factor);
        }
        return n < 0 ? divide(b.literal(1), result) : result;
      }
    }
    return push(S::power, x, exponent, F::pow);
  }
  /// y = φ(x) with y' = ±w x', where w is pushed next by `then`.
  constexpr I function(F f, I x) const {
    const auto next = [&](I ahead) { return static_cast<I>(b.size()) + ahead; };
    switch (f) {
      case F::exp: {
        const I at = b.find(S::integral, x, f);
        return at >= 0 ? at : push(S::integral, x, next(0), f);
      }
      case F::expm1: {
        const I e = function(F::exp, x);
        return push(S::integral, x, e, f);
      }
      case F::log:
        return push(S::quotient, x, x, f);
      case F::log1p:
        return push(S::quotient, x, add(x, b.literal(1)), f);
      case F::sin:
      case F::cos: {
        const I at = b.find(S::integral, x, F::sin);
        const I s = at >= 0 ? at : push(S::integral, x, next(1), F::sin);
        const I c = at >= 0 ? at + 1 : push(S::integral, x, s, F::cos, true);
        return f == F::sin ? s : c;
      }
      case F::sinh:
      case F::cosh: {
        const I at = b.find(S::integral, x, F::sinh);
        const I s = at >= 0 ? at : push(S::integral, x, next(1), F::sinh);
        const I c = at >= 0 ? at + 1 : push(S::integral, x, s, F::cosh);
        return f == F::sinh ? s : c;
      }
      case F::tan:
      case F::tanh: {
        const I at = b.find(S::integral, x, f);
        if (at >= 0) return at;
        const I one = b.literal(1);
        const I y = push(S::integral, x, next(2), f);
        const I y2 = push(S::square, y);
        if (b.constant(y))
          push(f == F::tan ? S::add : S::subtract, one, y2);
        else
          push(f == F::tan ? S::shift : S::subtract_from, y2, one);
        return y;
      }
      case F::asin:
      case F::acos:
        return push(S::quotient, x, square_root(subtract(b.literal(1), multiply(x, x))), f, f == F::acos);
      case F::atan:
        return push(S::quotient, x, add(multiply(x, x), b.literal(1)), f);
      case F::erf:
        return push(
            S::integral, x,
            multiply(function(F::exp, negate(multiply(x, x))), b.literal(2 * std::numbers::inv_sqrtpi)), f);
      case F::cbrt:
        return push(S::power, x, b.literal(1.0 / 3), f);
      default:
        return x;
    }
  }
  constexpr I magnitude(I x) const { return push(S::magnitude, x); }
};

template <class Builder>
constexpr std::int32_t index_in(Builder& builder, const SeriesNumber<Builder>& x) {
  return x.builder != nullptr ? x.index : builder.literal(x.literal);
}
template <class Builder>
constexpr Builder* builder_of(const SeriesNumber<Builder>& x, const SeriesNumber<Builder>& y) {
  return x.builder != nullptr ? x.builder : y.builder;
}

}  // namespace detail

#define COSTATE_SERIES_OPERATOR(op, name)                                                     \
  template <class B>                                                                          \
  constexpr SeriesNumber<B> operator op(const SeriesNumber<B>& x, const SeriesNumber<B>& y) { \
    B* const b = detail::builder_of(x, y);                                                    \
    if (b == nullptr) return SeriesNumber<B>(typename B::Value(x.literal op y.literal));      \
    const std::int32_t left = detail::index_in(*b, x), right = detail::index_in(*b, y);       \
    return SeriesNumber<B>(b, detail::SeriesAlgebra<B>{*b}.name(left, right));                \
  }                                                                                           \
  template <class B, detail::ConstantToSeries<B> S>                                           \
  constexpr SeriesNumber<B> operator op(const SeriesNumber<B>& x, const S& y) {               \
    return x op SeriesNumber<B>(static_cast<typename B::Value>(y));                           \
  }                                                                                           \
  template <class B, detail::ConstantToSeries<B> S>                                           \
  constexpr SeriesNumber<B> operator op(const S& x, const SeriesNumber<B>& y) {               \
    return SeriesNumber<B>(static_cast<typename B::Value>(x)) op y;                           \
  }                                                                                           \
  template <class B, class S>                                                                 \
  constexpr SeriesNumber<B>& operator op##=(SeriesNumber<B>& x, const S& y) {                 \
    return x = x op y;                                                                        \
  }
COSTATE_SERIES_OPERATOR(+, add)
COSTATE_SERIES_OPERATOR(-, subtract)
COSTATE_SERIES_OPERATOR(*, multiply)
COSTATE_SERIES_OPERATOR(/, divide)
#undef COSTATE_SERIES_OPERATOR

template <class B>
constexpr SeriesNumber<B> operator-(const SeriesNumber<B>& x) {
  if (x.builder == nullptr) return SeriesNumber<B>(typename B::Value(-x.literal));
  return SeriesNumber<B>(x.builder, detail::SeriesAlgebra<B>{*x.builder}.negate(x.index));
}
template <class B>
constexpr SeriesNumber<B> operator+(const SeriesNumber<B>& x) {
  return x;
}

/// The number at order 0: what comparisons in a right-hand side look at.
template <class B>
auto plain(const SeriesNumber<B>& x) {
  return x.builder == nullptr ? costate::plain(x.literal) : x.builder->plain_value(x.index);
}

#define COSTATE_SERIES_FUNCTION(name)                                                                     \
  template <class B>                                                                                      \
  constexpr SeriesNumber<B> name(const SeriesNumber<B>& x) {                                              \
    if (x.builder == nullptr)                                                                             \
      return SeriesNumber<B>(detail::value_of_function(detail::SeriesFunction::name, x.literal));         \
    return SeriesNumber<B>(                                                                               \
        x.builder, detail::SeriesAlgebra<B>{*x.builder}.function(detail::SeriesFunction::name, x.index)); \
  }
COSTATE_SERIES_FUNCTION(exp)
COSTATE_SERIES_FUNCTION(expm1)
COSTATE_SERIES_FUNCTION(log)
COSTATE_SERIES_FUNCTION(log1p)
COSTATE_SERIES_FUNCTION(sin)
COSTATE_SERIES_FUNCTION(cos)
COSTATE_SERIES_FUNCTION(tan)
COSTATE_SERIES_FUNCTION(asin)
COSTATE_SERIES_FUNCTION(acos)
COSTATE_SERIES_FUNCTION(atan)
COSTATE_SERIES_FUNCTION(sinh)
COSTATE_SERIES_FUNCTION(cosh)
COSTATE_SERIES_FUNCTION(tanh)
COSTATE_SERIES_FUNCTION(erf)
COSTATE_SERIES_FUNCTION(cbrt)
#undef COSTATE_SERIES_FUNCTION

template <class B>
constexpr SeriesNumber<B> log2(const SeriesNumber<B>& x) {
  return log(x) * (1 / std::numbers::ln2);
}
template <class B>
constexpr SeriesNumber<B> log10(const SeriesNumber<B>& x) {
  return log(x) * (1 / std::numbers::ln10);
}
template <class B>
constexpr SeriesNumber<B> sqrt(const SeriesNumber<B>& x) {
  using costate::sqrt;
  if (x.builder == nullptr) return SeriesNumber<B>(typename B::Value(sqrt(x.literal)));
  return SeriesNumber<B>(x.builder, detail::SeriesAlgebra<B>{*x.builder}.square_root(x.index));
}
template <class B>
constexpr SeriesNumber<B> abs(const SeriesNumber<B>& x) {
  using costate::abs;
  if (x.builder == nullptr) return SeriesNumber<B>(typename B::Value(abs(x.literal)));
  return SeriesNumber<B>(x.builder, detail::SeriesAlgebra<B>{*x.builder}.magnitude(x.index));
}
template <class B>
constexpr SeriesNumber<B> pow(const SeriesNumber<B>& x, const SeriesNumber<B>& y) {
  using costate::pow;
  B* const b = detail::builder_of(x, y);
  if (b == nullptr) return SeriesNumber<B>(typename B::Value(pow(x.literal, y.literal)));
  const std::int32_t base = detail::index_in(*b, x), exponent = detail::index_in(*b, y);
  return SeriesNumber<B>(b, detail::SeriesAlgebra<B>{*b}.power(base, exponent));
}
template <class B, detail::ConstantToSeries<B> S>
constexpr SeriesNumber<B> pow(const SeriesNumber<B>& x, const S& y) {
  return pow(x, SeriesNumber<B>(static_cast<typename B::Value>(y)));
}
template <class B, detail::ConstantToSeries<B> S>
constexpr SeriesNumber<B> pow(const S& x, const SeriesNumber<B>& y) {
  return pow(SeriesNumber<B>(static_cast<typename B::Value>(x)), y);
}
template <class B>
constexpr SeriesNumber<B> hypot(const SeriesNumber<B>& x, const SeriesNumber<B>& y) {
  return sqrt(x * x + y * y);
}
/// The angle turns from where it is at order 0: θ = θ₀ + atan((x₀ y − y₀ x) / (x₀ x + y₀ y)).
template <class B>
SeriesNumber<B> atan2(const SeriesNumber<B>& y, const SeriesNumber<B>& x) {
  using costate::atan2;
  const auto x0 = plain(x), y0 = plain(y);
  using V = typename B::Value;
  return atan((V(x0) * y - V(y0) * x) / (V(x0) * x + V(y0) * y)) + V(atan2(y0, x0));
}
#define COSTATE_SERIES_BOTH(name)                                       \
  template <class B, detail::ConstantToSeries<B> S>                     \
  auto name(const SeriesNumber<B>& x, const S& y) {                     \
    return name(x, SeriesNumber<B>(static_cast<typename B::Value>(y))); \
  }                                                                     \
  template <class B, detail::ConstantToSeries<B> S>                     \
  auto name(const S& x, const SeriesNumber<B>& y) {                     \
    return name(SeriesNumber<B>(static_cast<typename B::Value>(x)), y); \
  }
COSTATE_SERIES_BOTH(atan2)
COSTATE_SERIES_BOTH(hypot)
#undef COSTATE_SERIES_BOTH

}  // namespace costate
