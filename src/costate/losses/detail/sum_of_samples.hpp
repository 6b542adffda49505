#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/losses/detail/sum_of_terms.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

/// The mean over samples of a term that takes all numbers of one: a vector is one sample, a matrix has one in
/// every column, a solution one at every saved time. One node of the tape, like the sum of terms.
///
///     struct Term {
///       static constexpr const char* name;
///       S value<S>(x, y, begin, end) const;               of numbers begin … end − 1
///       void slopes(x, y, begin, end, w, dx, dy) const;   dx[i] = w ∂value/∂xᵢ, dy too where it is not null
///     };
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class T, class Term, class X, class Y>
Var<T> record_samples(const Term& term, const TermWeights& weights, std::size_t count, std::size_t group,
                      const X& x, const Y& target) {
  Tape<T>& tape = current_tape<T>();
  auto* payload = tape.template allocate<TermsPayload<T, 2>>();
  payload->operands[0] = operand<T>(tape, numbers(x));
  payload->operands[1] = operand<T>(tape, numbers(target));
  T* dx = tape.template allocate<T>(count);
  T* dy = is_var<number_of<Y>> ? tape.template allocate<T>(count) : nullptr;
  payload->slopes[0] = dx;
  payload->slopes[1] = dy;
  T total(0);
  for (std::size_t j = 0; j < count / group; ++j) {
    const std::size_t begin = j * group, end = begin + group;
    const double w = weights.values.empty() ? 1 : weights.values[j];
    if (w == left_out) {
      for (std::size_t i = begin; i < end; ++i) dx[i] = T(0);
      for (std::size_t i = begin; dy && i < end; ++i) dy[i] = T(0);
      continue;
    }
    const T *const xs = payload->operands[0].values, *const ys = payload->operands[1].values;
    total = total + static_cast<base_t<T>>(w) * term.template value<T>(xs, ys, begin, end);
    term.slopes(xs, ys, begin, end, static_cast<base_t<T>>(w), dx, dy);
  }
  payload->scale = T(static_cast<base_t<T>>(1 / weights.divisor));
  return Var<T>(T(payload->scale * total), tape.push_block(1, &pull_terms<T, 2>, payload), tape.id());
}

/// NaN for each sample of which a number is missing.
template <class Targets>
struct MissingSamples {
  const Targets& all;
  std::size_t group;
  double operator[](std::size_t j) const {
    double total = 0;
    for (std::size_t i = j * group; i < (j + 1) * group; ++i) total += static_cast<double>(0 * plain(all[i]));
    return total;
  }
};

template <class Term, class X, class Y>
auto mean_of_samples(const Term& term, const LossOptions& options, const X& x, const Y& target) {
  using S = common_scalar_t<number_of<X>, number_of<Y>>;
  check_target(Term::name, x, target);
  const Reader<X> all(x);
  const Reader<Y> targets(target);
  const std::size_t count = all.size, group = group_of(x), samples = group > 0 ? count / group : 0;
  const TermWeights weights(options, Aggregate::mean, Term::name, samples, samples,
                            MissingSamples<Reader<Y>>{targets, group});
  if (!is_complete(x) || !is_complete(target)) return failed_loss<S>();
  if constexpr (is_var<S>) {
    return record_samples<typename S::value_type>(term, weights, count, group, x, target);
  } else {
    S total(0);
    for (std::size_t j = 0; j < samples; ++j) {
      const double w = weights.values.empty() ? 1 : weights.values[j];
      if (w == left_out) continue;
      total = total +
              static_cast<base_t<S>>(w) * term.template value<S>(all, targets, j * group, (j + 1) * group);
    }
    return S(total / static_cast<base_t<S>>(weights.divisor));
  }
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
