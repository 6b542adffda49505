#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/status.hpp>
#include <costate/core/vector.hpp>
#include <costate/solve/dense_output.hpp>
#include <costate/solve/statistics.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace costate {

/// An event that happened: when, and the state just before and just after.
template <class T, std::size_t N, class Time = double>
struct EventRecord {
  Time t;
  Vector<T, N> before, after;
};

/// Saved states of a solve, and its interpolant.
///
///     solution[i]        state saved at t()[i]                    [states]
///     solution(t)        state at any time of the span            [states]; needs dense output
///     solution.component(j)   the j-th component of all saved states   [saved times]
///
/// An lvalue hands out views on its own memory, a temporary returns copies, so nothing dangles. A failed
/// solve has the requested size, with NaN where it did not get to.
///
/// OnTape: it is one node of a gradient by T. The record of a solve inside a gradient inside a gradient keeps
/// numbers that are variables of the outer one, and its own solution is not on the inner tape.
template <class T, std::size_t N, bool OnTape = detail::is_var<T>>
class Solution {
 public:
  using value_type = T;
  static constexpr std::size_t state_extent = N;

  Solution() = default;

  /// Saved points.
  std::size_t size() const { return t_.size(); }
  std::size_t state_size() const { return n_; }
  VectorView<const T, N> operator[](std::size_t i) const& { return {values_.data() + i * n_, n_}; }
  Vector<T, N> operator[](std::size_t i) && { return Vector<T, N>(static_cast<const Solution&>(*this)[i]); }
  VectorView<const T, N> back() const& { return (*this)[size() - 1]; }
  Vector<T, N> back() && { return Vector<T, N>(static_cast<const Solution&>(*this).back()); }

  std::span<const double> t() const& { return {t_.data(), t_.size()}; }
  std::vector<double> t() && { return std::vector<double>(t_.begin(), t_.end()); }
  Vector<T> component(std::size_t j) const {
    if (j >= n_)
      detail::reject("Solution::component", "an index below " + std::to_string(n_), std::to_string(j));
    Vector<T> result(size());
    for (std::size_t i = 0; i < size(); ++i) result[i] = values_[i * n_ + j];
    return result;
  }

  /// The state at time t. Throws std::invalid_argument outside the span and where the solve was told `.dense
  /// = false`. NaN beyond where a failed solve got to. t may be a differentiating number: d u(t)/dt is the
  /// slope of the interpolant.
  template <class Time>
  requires Scalar<Time>
  auto operator()(const Time& time) const {
    const double t = static_cast<double>(plain(time));
    if (!(t >= std::min(t_begin_, t_end_) && t <= std::max(t_begin_, t_end_)))
      detail::reject("Solution(t): t",
                     "a time within [" + detail::to_text(t_begin_) + ", " + detail::to_text(t_end_) + "]", t);
    if (!has_dense_) detail::reject("Solution(t)", "a solve with SolveOptions.dense = true", "dense = false");
    return interpolated(time);
  }

  Status status() const { return status_; }
  bool successful() const { return is_successful(status_); }
  const Statistics& statistics() const { return statistics_; }
  const std::vector<EventRecord<T, N>>& events() const& { return events_; }
  std::vector<EventRecord<T, N>> events() && { return std::move(events_); }

  /// All saved numbers, state after state.
  VectorView<const T> values() const& { return {values_.data(), values_.size()}; }
  Vector<T> values() && { return Vector<T>(static_cast<const Solution&>(*this).values()); }

  // What the loop fills; not for users.
  struct Access;

 private:
  friend struct Access;
  /// The interpolant at any time, a little outside the span too.
  template <class Time>
  auto interpolated(const Time& time) const {
    const double t = static_cast<double>(plain(time));
    using R = common_scalar_t<T, std::conditional_t<PlainScalar<Time>, T, Time>>;
    auto result = detail::zeros<R, N>(n_);
    const double direction = t_end_ >= t_begin_ ? 1 : -1;
    if (dense_.empty()) {
      const T missing(std::numeric_limits<base_t<T>>::quiet_NaN());
      for (std::size_t m = 0; m < n_; ++m)
        result[m] = R(t == t_begin_ || is_successful(status_) ? initial_[m] : missing);
      return result;
    }
    const std::size_t step = dense_.find(t, direction);
    const auto& s = dense_.steps[step];
    // an ulp beyond the last step is rounding; more than that was never reached
    if (status_ != Status::success &&
        (t - (s.t + s.h)) * direction > 2 * std::numeric_limits<double>::epsilon() * std::abs(t)) {
      for (std::size_t m = 0; m < n_; ++m) result[m] = R(std::numeric_limits<base_t<T>>::quiet_NaN());
      return result;
    }
    if constexpr (!PlainScalar<T>) {
      // where the ends of the span are variables, the first and the last step move under a time that stands
      // still
      const T start = T(s.t) + (step == 0 ? moving_ends_.start : T(0));
      const T end = T(s.t + s.h) + (step + 1 == dense_.steps.size() ? moving_ends_.end : T(0));
      const R size(end - start), theta = (R(time) - R(start)) / size;
      for (std::size_t m = 0; m < n_; ++m)
        result[m] = R(detail::evaluate_polynomial(dense_.of(step), dense_.degree, n_, m, theta));
    } else if constexpr (PlainScalar<Time>) {
      const auto theta = static_cast<base_t<T>>((t - s.t) / s.h);
      detail::evaluate_polynomials<T, N>(dense_.of(step), dense_.degree, n_, theta, result.data());
    } else {
      const Time theta = (time - s.t) / s.h;
      for (std::size_t m = 0; m < n_; ++m)
        result[m] = R(detail::evaluate_polynomial(dense_.of(step), dense_.degree, n_, m, theta));
    }
    return result;
  }
  std::size_t n_ = 0;
  detail::Buffer<double> t_;
  detail::Buffer<T> values_;
  bool has_dense_ = false;
  detail::DenseOutput<T> dense_;
  Vector<T, N> initial_{};
  double t_begin_ = 0, t_end_ = 0;
  Status status_ = Status::success;
  Statistics statistics_;
  std::vector<EventRecord<T, N>> events_;
  // the derivative parts of the ends of the span
  struct MovingEnds {
    T start{}, end{};
  };
  [[no_unique_address]] std::conditional_t<PlainScalar<T>, std::type_identity<T>, MovingEnds> moving_ends_{};
};

template <class T, std::size_t N, bool OnTape>
struct Solution<T, N, OnTape>::Access {
  Solution& s;
  auto& n() { return s.n_; }
  auto& t() { return s.t_; }
  auto& values() { return s.values_; }
  auto& has_dense() { return s.has_dense_; }
  auto& dense() { return s.dense_; }
  auto& initial() { return s.initial_; }
  auto& t_begin() { return s.t_begin_; }
  auto& t_end() { return s.t_end_; }
  auto& status() { return s.status_; }
  auto& statistics() { return s.statistics_; }
  auto& events() { return s.events_; }
  auto& moving_ends() { return s.moving_ends_; }
  template <class Time>
  auto interpolated(const Time& time) const {
    return s.interpolated(time);
  }
};

namespace detail {
template <class S>
inline constexpr bool is_solution = false;
template <class T, std::size_t N, bool OnTape>
inline constexpr bool is_solution<Solution<T, N, OnTape>> = true;

/// The numbers themselves, whatever T is.
template <class T, std::size_t N>
using StoredSolution = Solution<T, N, false>;
}  // namespace detail

/// A Solution, of plain or of differentiating numbers.
template <class S>
concept AnySolution = detail::is_solution<std::remove_cvref_t<S>>;

}  // namespace costate
