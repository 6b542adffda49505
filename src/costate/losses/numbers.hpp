#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/matrix_solution.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <utility>
#include <vector>

/// What a loss is taken of: all numbers of a vector, of a matrix, or of a solution's saved states, in a row.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

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

/// A time series: its values, time after time.
template <TimesAndValues S>
auto numbers(const S& series) {
  return flat(series.values);
}

/// Whether all of it was reached: false for a solve that failed.
template <class X>
bool is_complete(const X& x) {
  if constexpr (AnySolution<X>)
    return x.successful();
  else
    return true;
}

/// How many numbers stand for one time, sample or column: a vector is one.
template <class X>
std::size_t group_of(const X& x) {
  if constexpr (AnySolution<X>)
    return x.state_size();
  else if constexpr (MatrixLike<X>)
    return x.rows();
  else if constexpr (TimesAndValues<X>)
    return x.values.rows();
  else
    return numbers(x).size();
}

template <class X>
concept Numbers = VectorLike<X> || MatrixLike<X> || AnySolution<X>;

/// The scalar of an operand of a loss, which may also be a single number.
template <class X>
struct NumberOf {
  using type = scalar_of<decltype(numbers(std::declval<const X&>()))>;
};
template <Scalar X>
struct NumberOf<X> {
  using type = X;
};
template <class X>
using number_of = typename NumberOf<X>::type;

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
