#pragma once

#include <costate/ad/dual.hpp>
#include <costate/ad/functions.hpp>
#include <costate/ad/tape.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector_view.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace costate {

/// A number whose history is on the tape of this thread: value, place on the tape, tape (16 bytes for
/// double). A Var made from a plain number is a constant and leaves no trace.
template <class T>
class Var {
 public:
  using value_type = T;

  constexpr Var() = default;
  template <Scalar S>
  requires(!std::is_same_v<S, Var> && std::is_convertible_v<S, T>) constexpr Var(const S& constant)
      : value_(static_cast<T>(constant)) {}
  constexpr Var(const T& value, std::int32_t index, std::uint32_t tape)
      : value_(value), index_(index), tape_(tape) {}

  constexpr const T& value() const { return value_; }
  constexpr std::int32_t index() const { return index_; }  // -1: a constant
  constexpr std::uint32_t tape() const { return tape_; }

 private:
  T value_{};
  std::int32_t index_ = -1;
  std::uint32_t tape_ = 0;
};

template <class T>
constexpr auto plain(const Var<T>& x) {
  return plain(x.value());
}

namespace detail::inline COSTATE_INSTRUCTIONS {

template <class T>
Tape<T>& tape_of(const Var<T>& x) {
  Tape<T>* tape = Tape<T>::current();
  if (!tape) throw_no_tape();
  if (tape->id() != x.tape()) throw_two_tapes();
  return *tape;
}
template <class T>
[[gnu::always_inline]] inline Var<T> record(const T& value, const T& df, const Var<T>& x) {
  if (x.index() < 0) return Var<T>(value);
  Tape<T>& tape = tape_of(x);
  return Var<T>(value, tape.push(df, x.index(), T(0), -1), tape.id());
}
template <class T>
[[gnu::always_inline]] inline Var<T> record(const T& value, const T& dx, const Var<T>& x, const T& dy,
                                            const Var<T>& y) {
  if (x.index() < 0) return record(value, dy, y);
  if (y.index() < 0) return record(value, dx, x);
  Tape<T>& tape = tape_of(x);
  if (y.tape() != x.tape()) throw_two_tapes();
  return Var<T>(value, tape.push(dx, x.index(), dy, y.index()), tape.id());
}

template <class S, class T>
concept ConstantToVar =
    Scalar<S> && !std::is_same_v<std::remove_cvref_t<S>, Var<T>> &&
    ScalarTraits<std::remove_cvref_t<S>>::depth <= ScalarTraits<T>::depth && std::is_convertible_v<S, T>;

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

template <class T>
Var<T> operator+(const Var<T>& x, const Var<T>& y) {
  return detail::record(T(x.value() + y.value()), T(1), x, T(1), y);
}
template <class T>
Var<T> operator-(const Var<T>& x, const Var<T>& y) {
  return detail::record(T(x.value() - y.value()), T(1), x, T(-1), y);
}
template <class T>
Var<T> operator*(const Var<T>& x, const Var<T>& y) {
  return detail::record(T(x.value() * y.value()), y.value(), x, x.value(), y);
}
template <class T>
Var<T> operator/(const Var<T>& x, const Var<T>& y) {
  const T inverse = T(1) / y.value(), quotient = x.value() * inverse;
  return detail::record(quotient, inverse, x, T(-quotient * inverse), y);
}
template <class T>
Var<T> operator-(const Var<T>& x) {
  return detail::record(T(-x.value()), T(-1), x);
}
template <class T>
Var<T> operator+(const Var<T>& x) {
  return x;
}

template <class T, detail::ConstantToVar<T> S>
Var<T> operator+(const Var<T>& x, const S& s) {
  return detail::record(T(x.value() + static_cast<T>(s)), T(1), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator+(const S& s, const Var<T>& x) {
  return detail::record(T(static_cast<T>(s) + x.value()), T(1), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator-(const Var<T>& x, const S& s) {
  return detail::record(T(x.value() - static_cast<T>(s)), T(1), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator-(const S& s, const Var<T>& x) {
  return detail::record(T(static_cast<T>(s) - x.value()), T(-1), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator*(const Var<T>& x, const S& s) {
  const T c = static_cast<T>(s);
  return detail::record(T(x.value() * c), c, x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator*(const S& s, const Var<T>& x) {
  const T c = static_cast<T>(s);
  return detail::record(T(c * x.value()), c, x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator/(const Var<T>& x, const S& s) {
  const T c = static_cast<T>(s);
  return detail::record(T(x.value() / c), T(T(1) / c), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> operator/(const S& s, const Var<T>& x) {
  const T inverse = T(1) / x.value(), quotient = static_cast<T>(s) * inverse;
  return detail::record(quotient, T(-quotient * inverse), x);
}

template <class T, class S>
Var<T>& operator+=(Var<T>& x, const S& y) {
  return x = x + y;
}
template <class T, class S>
Var<T>& operator-=(Var<T>& x, const S& y) {
  return x = x - y;
}
template <class T, class S>
Var<T>& operator*=(Var<T>& x, const S& y) {
  return x = x * y;
}
template <class T, class S>
Var<T>& operator/=(Var<T>& x, const S& y) {
  return x = x / y;
}

#define COSTATE_VAR_FUNCTION(name)                                                     \
  template <class T>                                                                   \
  Var<T> name(const Var<T>& x) {                                                       \
    const T y = detail::name##_function::value(x.value());                             \
    return detail::record(y, T(detail::name##_function::derivative(x.value(), y)), x); \
  }
COSTATE_FOR_EACH_FUNCTION(COSTATE_VAR_FUNCTION)
#undef COSTATE_VAR_FUNCTION

template <class T>
Var<T> abs(const Var<T>& x) {
  return plain(x) < 0 ? -x : x;
}
template <class T, detail::ConstantToVar<T> S>
Var<T> pow(const Var<T>& x, const S& s) {
  using costate::pow;
  if constexpr (PlainScalar<S>)
    if (s == 0) return detail::record(T(1), T(0), x);
  return detail::record(T(pow(x.value(), s)), T(s * pow(x.value(), s - 1)), x);
}
template <class T, detail::ConstantToVar<T> S>
Var<T> pow(const S& b, const Var<T>& x) {
  using costate::log;
  using costate::pow;
  const T y = pow(static_cast<T>(b), x.value());
  return detail::record(y, T(y * log(static_cast<T>(b))), x);
}
template <class T>
Var<T> pow(const Var<T>& x, const Var<T>& y) {
  using costate::log;
  using costate::pow;
  const T r = pow(x.value(), y.value());
  // at x = 0 the products below would be 0 · ∞: the power does not change with y > 0, nor with x where y = 0
  if (plain(x) == 0 && plain(y) >= 0)
    return detail::record(r, plain(y) == 0 ? T(0) : T(y.value() * pow(x.value(), y.value() - 1)), x, T(0), y);
  return detail::record(r, T(y.value() * pow(x.value(), y.value() - 1)), x, T(r * log(x.value())), y);
}
template <class T>
Var<T> atan2(const Var<T>& y, const Var<T>& x) {
  using costate::atan2;
  const T n = x.value() * x.value() + y.value() * y.value();
  return detail::record(T(atan2(y.value(), x.value())), T(x.value() / n), y, T(-y.value() / n), x);
}
template <class T>
Var<T> hypot(const Var<T>& x, const Var<T>& y) {
  using costate::hypot;
  const T r = hypot(x.value(), y.value());
  return detail::record(r, T(x.value() / r), x, T(y.value() / r), y);
}

}  // namespace COSTATE_INSTRUCTIONS

/// A window on numbers that stand one after the other on a tape: `values[i]` is node `first + i`. Indexing
/// makes a Var. Layers and reductions read values and places from it without a copy. Parameters reach a
/// right-hand side in this form.
template <class T, std::size_t N = dynamic>
class LeafView {
 public:
  using value_type = Var<T>;
  static constexpr std::size_t extent = N;

  LeafView() = default;
  LeafView(const T* values, std::int32_t first, std::uint32_t tape, std::size_t size)
      : values_(values), first_(first), tape_(tape), size_(size) {}

  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return size_;
  }
  Var<T> operator[](std::size_t i) const {
    return {values_[i], first_ + static_cast<std::int32_t>(i), tape_};
  }
  Var<T> back() const { return (*this)[size() - 1]; }
  const T* values() const { return values_; }
  std::int32_t first() const { return first_; }
  std::uint32_t tape() const { return tape_; }

 private:
  const T* values_ = nullptr;
  std::int32_t first_ = 0;
  std::uint32_t tape_ = 0;
  std::size_t size_ = 0;
};

namespace detail {
template <class T, std::size_t N>
inline constexpr bool is_vector_like<LeafView<T, N>> = true;
}  // namespace detail

}  // namespace costate
