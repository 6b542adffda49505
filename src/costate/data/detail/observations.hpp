#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/matrix.hpp>
#include <costate/solve/matrix_solution.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace costate::detail {

/// What was seen, and when: numbers of [components × times].
struct Observations {
  std::vector<double> t;
  Matrix<double> values;
};

/// Anything with times `t` and `values` of [components × times]: a time series, a collocation.
template <class X>
concept TimesAndValues = !AnySolution<X> && requires(const X& x) {
  x.t.size();
  x.values.rows();
};

/// The saved states of a solution, or a time series. Throws std::invalid_argument for a solve that failed.
template <class X>
requires(AnySolution<X> || TimesAndValues<X>) Observations observations(const char* what, const X& x) {
  Observations result;
  if constexpr (AnySolution<X>) {
    static_assert(PlainScalar<typename X::value_type>, "costate: observations are plain numbers");
    if (!x.successful()) reject(what, "a solve that succeeded", std::string(message(x.status())));
    const auto t = x.t();
    const auto numbers = x.values();
    result.t.assign(t.begin(), t.end());
    result.values = Matrix<double>(x.state_size(), x.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      result.values.data()[i] = static_cast<double>(numbers[i]);
  } else {
    for (std::size_t i = 0; i < x.t.size(); ++i) result.t.push_back(static_cast<double>(x.t[i]));
    result.values = Matrix<double>(x.values);
  }
  return result;
}

/// Throws std::invalid_argument where the times do not ascend or are not as many as the columns.
void check(const char* what, std::span<const double> t, const Matrix<double>& values);

/// Throws std::invalid_argument where a solution was not saved at the times of the observations.
void check_times(const std::string& field, std::span<const double> saved, std::span<const double> observed);

}  // namespace costate::detail
