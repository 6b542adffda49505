#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/matrix_solution.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace costate {

namespace detail {

/// All numbers of a vector or of a solution's saved states, in a row.
template <VectorLike V>
const V& numbers(const V& x) {
  return x;
}
template <AnySolution S>
auto numbers(const S& solution) {
  return solution.values();
}
template <MatrixLike M>
auto numbers(const M& x) {
  return flat(x);
}
template <class T>
VectorView<const T> numbers(const std::vector<T>& x) {
  return {x.data(), x.size()};
}
template <VectorLike V>
bool is_complete(const V&) {
  return true;
}
template <MatrixLike M>
bool is_complete(const M&) {
  return true;
}
template <AnySolution S>
bool is_complete(const S& solution) {
  return solution.successful();
}
template <class X>
concept Numbers = VectorLike<X> || MatrixLike<X> || AnySolution<X>;

template <class X>
using number_of = scalar_of<decltype(numbers(std::declval<const X&>()))>;

template <class T>
struct SumPayload {
  Operand<T> x;
};
template <class T>
void pull_sum(T* adjoints, void* data, std::int32_t first) {
  const Operand<T>& x = static_cast<const SumPayload<T>*>(data)->x;
  const T g = adjoints[first];
  if (T* row = x.row(adjoints)) {
    for (std::size_t i = 0; i < x.size; ++i) row[i] = row[i] + g;
    return;
  }
  for (std::size_t i = 0; i < x.size; ++i) {
    const std::int32_t place = x.places ? x.places[i] : x.first + static_cast<std::int32_t>(i);
    if (place >= 0) adjoints[place] = adjoints[place] + g;
  }
}

template <class T>
struct SquaredErrorPayload {
  Operand<T> x, target;
  const T* residual;
};
template <class T>
void pull_squared_error(T* adjoints, void* data, std::int32_t first) {
  const auto& payload = *static_cast<const SquaredErrorPayload<T>*>(data);
  const T g = T(2) * adjoints[first];
  T* const row = payload.x.row(adjoints);
  if (row != nullptr && payload.target.constant()) {
    for (std::size_t i = 0; i < payload.x.size; ++i) row[i] = row[i] + g * payload.residual[i];
    return;
  }
  for (std::size_t i = 0; i < payload.x.size; ++i) {
    const T r = g * payload.residual[i];
    const auto add = [&](const Operand<T>& to, const T& value) {
      if (to.constant()) return;
      const std::int32_t place = to.places ? to.places[i] : to.first + static_cast<std::int32_t>(i);
      if (place >= 0) adjoints[place] = adjoints[place] + value;
    };
    add(payload.x, r);
    add(payload.target, T(-r));
  }
}

/// term(0) + … + term(count − 1), in eight sums side by side where there are many: one after the other they
/// would wait for each other.
template <class S, class Term>
S add_up(std::size_t count, const Term& term) {
  S total(0);
  std::size_t i = 0;
  if (count >= 64) {
    S sums[8] = {S(0), S(0), S(0), S(0), S(0), S(0), S(0), S(0)};
    for (; i + 8 <= count; i += 8)
      for (std::size_t k = 0; k < 8; ++k) sums[k] = sums[k] + term(i + k);
    for (std::size_t k = 0; k < 8; ++k) total = total + sums[k];
  }
  for (; i < count; ++i) total = total + term(i);
  return total;
}

template <class S>
S failed_loss() {
  return S(std::numeric_limits<base_t<S>>::infinity());
}

}  // namespace detail

/// Σ of all numbers of a vector, of a matrix or of all saved states. Of a failed solve: +∞, with a zero
/// gradient.
template <detail::Numbers X>
auto sum(const X& x) {
  const auto& v = detail::numbers(x);
  using S = detail::number_of<X>;
  if (!detail::is_complete(x)) return detail::failed_loss<S>();
  if constexpr (detail::is_var<S>) {
    using T = typename S::value_type;
    Tape<T>& tape = detail::current_tape<T>();
    auto* payload = tape.template allocate<detail::SumPayload<T>>();
    payload->x = detail::operand<T>(tape, v);
    const T* values = payload->x.values;
    const T total = detail::add_up<T>(payload->x.size, [values](std::size_t i) { return values[i]; });
    return S(total, tape.push_block(1, &detail::pull_sum<T>, payload), tape.id());
  } else {
    return detail::add_up<S>(v.size(), [&](std::size_t i) { return S(v[i]); });
  }
}

/// The mean of all numbers.
template <detail::Numbers X>
auto mean(const X& x) {
  const std::size_t count = detail::numbers(x).size();
  if (count == 0) detail::reject("mean", "at least 1 number", "0");
  return sum(x) / static_cast<base_t<detail::number_of<X>>>(count);
}

/// Σ (xᵢ − target)², target a number or as many numbers as x has. Of a failed solve: +∞, with a zero
/// gradient.
template <detail::Numbers X, class Target>
auto squared_error(const X& x, const Target& target) {
  const auto& v = detail::numbers(x);
  const auto at = [&](std::size_t i) {
    if constexpr (Scalar<Target>)
      return target;
    else
      return detail::numbers(target)[i];
  };
  if constexpr (!Scalar<Target>) {
    if (detail::numbers(target).size() != v.size())
      detail::reject_size("squared_error: target", v.size(), detail::numbers(target).size());
  }
  using S = common_scalar_t<detail::number_of<X>, decltype(at(0))>;
  bool complete = detail::is_complete(x);
  if constexpr (AnySolution<Target>) complete = complete && detail::is_complete(target);
  if (!complete) return detail::failed_loss<S>();
  if constexpr (detail::is_var<S>) {
    using T = typename S::value_type;
    Tape<T>& tape = detail::current_tape<T>();
    auto* payload = tape.template allocate<detail::SquaredErrorPayload<T>>();
    payload->x = detail::operand<T>(tape, v);
    payload->target = {};
    const std::size_t n = payload->x.size;
    T* residual = tape.template allocate<T>(n);
    if constexpr (Scalar<Target> && detail::is_var<Target>) {
      static_assert(!detail::is_var<Target>,
                    "costate::squared_error: a single target must be a plain number");
    } else if constexpr (Scalar<Target>) {
      for (std::size_t i = 0; i < n; ++i) residual[i] = payload->x.values[i] - static_cast<T>(target);
    } else {
      payload->target = detail::operand<T>(tape, detail::numbers(target));
      for (std::size_t i = 0; i < n; ++i) residual[i] = payload->x.values[i] - payload->target.values[i];
    }
    const T total = detail::add_up<T>(n, [residual](std::size_t i) { return residual[i] * residual[i]; });
    payload->residual = residual;
    return S(total, tape.push_block(1, &detail::pull_squared_error<T>, payload), tape.id());
  } else {
    return detail::add_up<S>(v.size(), [&](std::size_t i) {
      const auto r = v[i] - at(i);
      return S(r * r);
    });
  }
}

}  // namespace costate
