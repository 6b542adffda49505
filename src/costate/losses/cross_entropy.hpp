#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/math.hpp>
#include <costate/losses/detail/sum_of_samples.hpp>
#include <costate/losses/detail/sum_of_terms.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/numbers.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>

/// Losses of a classification. x is a vector of one number per class, or a matrix of [classes × samples]; the
/// target is as many probabilities (NaN: missing, where `.missing = Missing::skip` says so), or one class
/// from 0 per sample, as integers. Weights are one per sample.
namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// y · ln x, which is 0 where y is, whatever x.
template <class Y, class L>
auto times_log(const Y& y, const L& log_x) {
  using S = decltype(y * log_x);
  return plain(y) == 0 && !is_finite(plain(log_x)) ? S(y * 0) : S(y * log_x);
}

struct CrossEntropy {
  static constexpr const char* name = "cross_entropy";
  template <class S, class X, class Y>
  S value(const X& x, const Y& y, std::size_t begin, std::size_t end) const {
    S total(0);
    for (std::size_t i = begin; i < end; ++i) total = total - S(times_log(y[i], log(x[i])));
    return total;
  }
  template <class T>
  void slopes(const T* x, const T* y, std::size_t begin, std::size_t end, base_t<T> w, T* dx, T* dy) const {
    for (std::size_t i = begin; i < end; ++i) {
      dx[i] = plain(y[i]) == 0 ? T(0) : T(-w * y[i] / x[i]);
      if (dy) dy[i] = -w * log(x[i]);
    }
  }
};

struct LogitCrossEntropy {
  static constexpr const char* name = "logit_cross_entropy";
  /// ln Σ exp xᵢ, the largest taken out before, so that nothing overflows.
  template <class S, class X>
  static S log_sum_exp(const X& x, std::size_t begin, std::size_t end) {
    auto largest = plain(x[begin]);
    for (std::size_t i = begin + 1; i < end; ++i)
      if (plain(x[i]) > largest) largest = plain(x[i]);
    S total(0);
    for (std::size_t i = begin; i < end; ++i) total = total + exp(x[i] - largest);
    return largest + log(total);
  }
  template <class S, class X, class Y>
  S value(const X& x, const Y& y, std::size_t begin, std::size_t end) const {
    const S whole = log_sum_exp<S>(x, begin, end);
    S total(0);
    for (std::size_t i = begin; i < end; ++i) total = total + S(times_log(y[i], S(whole - x[i])));
    return total;
  }
  template <class T>
  void slopes(const T* x, const T* y, std::size_t begin, std::size_t end, base_t<T> w, T* dx, T* dy) const {
    const T whole = log_sum_exp<T>(x, begin, end);
    T mass(0);
    for (std::size_t i = begin; i < end; ++i) mass = mass + y[i];
    for (std::size_t i = begin; i < end; ++i) {
      dx[i] = w * (mass * exp(T(x[i] - whole)) - y[i]);
      if (dy) dy[i] = w * (whole - x[i]);
    }
  }
};

struct BinaryCrossEntropy {
  static constexpr const char* name = "binary_cross_entropy";
  template <class X, class Y>
  auto value(const X& x, const Y& y) const {
    using B = base_t<common_scalar_t<X, Y>>;
    return -(times_log(y, log(x)) + times_log(B(1) - y, log1p(-x)));
  }
  template <class T>
  std::array<T, 2> slopes(const T& x, const T& y) const {
    const base_t<T> one(1);
    const auto ratio = [](const T& a, const T& b) { return plain(a) == 0 ? T(0) : T(a / b); };
    return {T(ratio(one - y, one - x) - ratio(y, x)), T(log1p(-x) - log(x))};
  }
};

struct LogitBinaryCrossEntropy {
  static constexpr const char* name = "logit_binary_cross_entropy";
  template <class X>
  static auto exp_of_minus_magnitude(const X& x) {
    return exp(plain(x) < 0 ? x : X(-x));
  }
  template <class X, class Y>
  auto value(const X& x, const Y& y) const {
    return (plain(x) > 0 ? x : X(x * 0)) - x * y + log1p(exp_of_minus_magnitude(x));
  }
  template <class T>
  std::array<T, 2> slopes(const T& x, const T& y) const {
    const T e = exp_of_minus_magnitude(x);
    const base_t<T> one(1);
    return {T((plain(x) < 0 ? e : T(one)) / (one + e) - y), -x};
  }
};

template <class Y>
concept Classes = !Scalar<Y> && std::is_integral_v<number_of<Y>>;

/// Classes as probabilities: 1 for the class of each sample, else 0.
template <class X, class Y>
Vector<double> one_hot(const char* loss, const X& x, const Y& classes) {
  const Reader<Y> all(classes);
  const std::size_t group = group_of(x), samples = group > 0 ? numbers(x).size() / group : 0;
  const std::string field = std::string(loss) + ": target";
  if (all.size != samples) reject(field, std::to_string(samples) + " classes", std::to_string(all.size));
  Vector<double> result(samples * group);
  for (std::size_t j = 0; j < samples; ++j) {
    if (all[j] < 0 || static_cast<std::size_t>(all[j]) >= group)
      reject(field, "classes from 0 to " + std::to_string(group - 1), std::to_string(all[j]));
    result[j * group + static_cast<std::size_t>(all[j])] = 1;
  }
  return result;
}

template <class Term, class X, class Y>
auto mean_over_classes(const Term& term, const LossOptions& options, const X& x, const Y& target) {
  if constexpr (Classes<Y>)
    return mean_of_samples(term, options, x, one_hot(Term::name, x, target));
  else
    return mean_of_samples(term, options, x, target);
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The cross entropy of probabilities x, mean over the samples: −Σ_c target_c ln x_c. +∞ where x is 0 and the
/// target is not.
template <detail::Numbers X, class Target>
auto cross_entropy(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::mean_over_classes(detail::CrossEntropy{}, options, x, target);
}

/// The cross entropy of softmax(x), mean over the samples: Σ_c target_c (ln Σ_k exp x_k − x_c). No logit is
/// too large.
template <detail::Numbers X, class Target>
auto logit_cross_entropy(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::mean_over_classes(detail::LogitCrossEntropy{}, options, x, target);
}

/// The cross entropy of probabilities x of yes against no, mean over all numbers:
/// −(target ln x + (1 − target) ln(1 − x)). Weights are one per number.
template <detail::Numbers X, class Target>
auto binary_cross_entropy(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::BinaryCrossEntropy{}, detail::Aggregate::mean, options, x, target);
}

/// The same of probabilities 1 / (1 + exp(−x)). No logit is too large.
template <detail::Numbers X, class Target>
auto logit_binary_cross_entropy(const X& x, const Target& target, const LossOptions& options = {}) {
  return detail::aggregate(detail::LogitBinaryCrossEntropy{}, detail::Aggregate::mean, options, x, target);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
