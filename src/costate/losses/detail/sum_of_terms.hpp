#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/numbers.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// The engine of losses: Σᵢ wᵢ term(xᵢ, yᵢ, …), or the mean, as one node of the tape. A loss is a term:
///
///     struct Term {
///       static constexpr const char* name;        the loss, for messages
///       auto value(x, y, …) const;                of any scalars
///       std::array<T, …> slopes(x, y, …) const;   ∂value/∂x, ∂value/∂y, …
///     };
///
/// x is numbers; the second operand, the target, is as many or a single number; later ones may also be one
/// number per component of a state.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

enum class Aggregate { sum, mean };

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

/// An operand as numbers that are read one by one.
template <class X>
struct Reader {
  decltype(numbers(std::declval<const X&>())) all;
  std::size_t size;
  explicit Reader(const X& x) : all(numbers(x)), size(all.size()) {}
  auto operator[](std::size_t i) const { return all[i]; }
};
template <Scalar X>
struct Reader<X> {
  X number;
  static constexpr std::size_t size = 1;
  explicit Reader(const X& x) : number(x) {}
  const X& operator[](std::size_t) const { return number; }
};
/// … the same ones again after the last.
template <class X>
struct RepeatingReader : Reader<X> {
  using Reader<X>::Reader;
  auto operator[](std::size_t i) const { return Reader<X>::operator[](i % this->size); }
};
/// An operand on the tape, repeated until it is `count` numbers.
template <class T, class X>
Operand<T> repeated(Tape<T>& tape, const X& x, std::size_t count) {
  const auto own = [&] {
    if constexpr (Scalar<X>)
      return operand<T>(tape, Vector<X, 1>(x));
    else
      return operand<T>(tape, numbers(x));
  }();
  if (own.size == count) return own;
  T* values = tape.template allocate<T>(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = own.values[i % own.size];
  if (own.constant()) return {values, nullptr, -1, count};
  std::int32_t* places = tape.template allocate<std::int32_t>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t k = i % own.size;
    places[i] = own.places ? own.places[k] : own.first + static_cast<std::int32_t>(k);
  }
  return {values, places, -1, count};
}

template <class T, std::size_t K>
struct TermsPayload {
  Operand<T> operands[K];
  const T* slopes[K];  // null: of a constant
  T scale;
};
template <class T, std::size_t K>
void pull_terms(T* adjoints, void* data, std::int32_t first) {
  const auto& payload = *static_cast<const TermsPayload<T, K>*>(data);
  const T g = payload.scale * adjoints[first];
  if constexpr (PlainScalar<T>) {
    if (g == T(0)) return;  // what the loss does not use may have an infinite slope, and 0 · ∞ is not 0
  }
  for (std::size_t k = 0; k < K; ++k) {
    const Operand<T>& to = payload.operands[k];
    const T* slopes = payload.slopes[k];
    if (slopes == nullptr || to.constant()) continue;
    if (T* row = to.row(adjoints)) {
      for (std::size_t i = 0; i < to.size; ++i) row[i] = row[i] + g * slopes[i];
    } else {
      for (std::size_t i = 0; i < to.size; ++i) {
        const std::int32_t place = to.places ? to.places[i] : to.first + static_cast<std::int32_t>(i);
        if (place >= 0) adjoints[place] = adjoints[place] + g * slopes[i];
      }
    }
  }
}

/// The weights of the terms where they are not all 1, and what the sum is divided by.
struct TermWeights {
  Buffer<double> values;  // empty: all 1
  double divisor = 1;

  template <class Targets>
  TermWeights(const LossOptions& options, Aggregate how, const char* loss, std::size_t count,
              std::size_t group, const Targets& target) {
    const bool skips = options.missing == Missing::skip;
    if (!options.weights.values().empty() || skips) {
      spread(options.weights, loss, count, group, values);
      for (std::size_t i = 0; skips && i < count; ++i)
        if (const auto y = plain(target[i]); y != y) values[i] = left_out;
    }
    if (how == Aggregate::sum) return;
    if (count == 0) reject(loss, "at least 1 number", "0");
    divisor = values.empty() ? static_cast<double>(count) : total_weight(values, loss);
  }
};

/// On the tape: the values and slopes of all terms, and one node.
template <class T, class Term, class... X, std::size_t... k>
Var<T> record_terms(const Term& term, const TermWeights& weights, std::size_t count,
                    std::index_sequence<k...>, const X&... x) {
  constexpr std::size_t K = sizeof...(X);
  Tape<T>& tape = current_tape<T>();
  auto* payload = tape.template allocate<TermsPayload<T, K>>();
  const T* values[K];
  T* slopes[K];
  ((payload->operands[k] = repeated<T>(tape, x, count), values[k] = payload->operands[k].values,
    slopes[k] = is_var<number_of<X>> ? tape.template allocate<T>(count) : nullptr,
    payload->slopes[k] = slopes[k]),
   ...);
  const double* const w = weights.values.data();
  const auto keep = [&](std::size_t i, const auto& weigh) {
    const auto slope = term.slopes(values[k][i]...);
    const auto one = [&](auto variable, T* to, const T& value) {
      if constexpr (decltype(variable)::value) to[i] = weigh(value);
    };
    (one(std::bool_constant<is_var<number_of<X>>>{}, slopes[k], slope[k]), ...);
  };
  T total(0);
  if (w == nullptr) {
    for (std::size_t i = 0; i < count; ++i) keep(i, [](const T& s) { return s; });
    total = add_up<T>(count, [&](std::size_t i) { return T(term.value(values[k][i]...)); });
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      if (w[i] == left_out)
        ((slopes[k] ? void(slopes[k][i] = T(0)) : void()), ...);
      else
        keep(i, [&](const T& s) { return T(static_cast<base_t<T>>(w[i]) * s); });
    }
    total = add_up<T>(count, [&](std::size_t i) {
      return w[i] == left_out ? T(0) : T(static_cast<base_t<T>>(w[i]) * term.value(values[k][i]...));
    });
  }
  payload->scale = T(static_cast<base_t<T>>(1 / weights.divisor));
  return Var<T>(T(payload->scale * total), tape.push_block(1, &pull_terms<T, K>, payload), tape.id());
}

/// A plain number in the precision of the loss.
template <class S, class X>
auto promoted(const X& x) {
  if constexpr (PlainScalar<X>)
    return static_cast<base_t<S>>(x);
  else
    return x;
}

/// The same in plain or Dual numbers.
template <class S, class Term, class... Readers>
S add_terms(const Term& term, const TermWeights& weights, std::size_t count, const Readers&... x) {
  const double* const w = weights.values.data();
  const S total = w == nullptr
                      ? add_up<S>(count, [&](std::size_t i) { return S(term.value(promoted<S>(x[i])...)); })
                      : add_up<S>(count, [&](std::size_t i) {
                          return w[i] == left_out
                                     ? S(0)
                                     : S(static_cast<base_t<S>>(w[i]) * term.value(promoted<S>(x[i])...));
                        });
  return weights.divisor == 1 ? total : S(total / static_cast<base_t<S>>(weights.divisor));
}

/// The target has the shape of x where both have one: a transposed table is not compared.
template <class X, class Y>
void check_target(const char* loss, const X& x, const Y& target) {
  const auto field = [loss] { return std::string(loss) + ": target"; };
  const std::size_t count = numbers(x).size();
  if constexpr (AnySolution<X> && TimesAndValues<Y>) {
    if (target.values.rows() != group_of(x))
      reject_shape(field(), group_of(x), x.size(), target.values.rows(), target.values.cols());
    check_times(field(), x.t(), target.t);
  }
  if (numbers(target).size() != count) reject_size(field(), count, numbers(target).size());
  if constexpr (!VectorLike<X> && MatrixLike<Y>) {
    const std::size_t rows = group_of(x);
    if (rows > 0 && target.rows() != rows)
      reject_shape(field(), rows, count / rows, target.rows(), target.cols());
  }
}

/// A further operand is as many numbers as x, or as a state, or one.
template <class X, class Y>
void check_further(const char* field, const X& x, const Y& further) {
  if constexpr (!Scalar<Y>) {
    const std::size_t size = numbers(further).size(), count = numbers(x).size(), group = group_of(x);
    if (size != count && size != group)
      reject(field, std::to_string(count) + " numbers, or " + std::to_string(group) + " for each state, or 1",
             std::to_string(size));
  }
}

template <class Term, class... X, class... Readers>
auto aggregate_with(const TermWeights& weights, const Term& term, std::size_t count,
                    const std::tuple<const X&...>& x, const Readers&... readers) {
  using S = common_scalar_t<number_of<X>...>;
  const auto each = [&](const auto&... operand) {
    if (!(is_complete(operand) && ...)) return failed_loss<S>();
    if constexpr (is_var<S>)
      return record_terms<typename S::value_type>(term, weights, count, std::index_sequence_for<X...>{},
                                                  operand...);
    else
      return add_terms<S>(term, weights, count, readers...);
  };
  return std::apply(each, x);
}

/// Σ or mean of term(xᵢ).
template <class Term, class X>
auto aggregate(const Term& term, Aggregate how, const LossOptions& options, const X& x) {
  const Reader<X> all(x);
  const TermWeights weights(options, how, Term::name, all.size, group_of(x), all);
  return aggregate_with(weights, term, all.size, std::tie(x), all);
}

/// Σ or mean of term(xᵢ, targetᵢ, furtherᵢ, …).
template <class Term, class X, class Y, class... Further>
auto aggregate(const Term& term, Aggregate how, const LossOptions& options, const X& x, const Y& target,
               const Further&... further) {
  if constexpr (!Scalar<Y>) check_target(Term::name, x, target);
  (check_further(Term::further, x, further), ...);
  const Reader<X> all(x);
  const Reader<Y> targets(target);
  const TermWeights weights(options, how, Term::name, all.size, group_of(x), targets);
  return aggregate_with(weights, term, all.size, std::tie(x, target, further...), all, targets,
                        RepeatingReader<Further>(further)...);
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
