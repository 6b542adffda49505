#pragma once

#include <costate/ad/var.hpp>
#include <costate/core/foreign_view.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/status.hpp>
#include <costate/core/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate {

/// What value_and_gradient returns: a tuple `[value, gradient…]`, one gradient per argument of the loss, and
/// the status of the solves inside the loss.
template <class T, class... G>
class ValueAndGradient : public std::tuple<T, G...> {
 public:
  ValueAndGradient(Status status, const T& value, G... gradients)
      : std::tuple<T, G...>(value, std::move(gradients)...), status_(status) {}
  const T& value() const { return std::get<0>(*this); }
  /// Status::success, or why a solve inside the loss failed (then the value is +∞ and the gradient zero,
  /// unless the loss looked at the status and made a number of its own of the failure).
  Status status() const { return status_; }

 private:
  Status status_;
};

inline namespace COSTATE_INSTRUCTIONS {

/// The numbers without their derivatives.
template <VectorLike V>
auto plain(const V& x) {
  auto result = detail::zeros<base_t<scalar_of<V>>, extent_of<V>>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result[i] = plain(x[i]);
  return result;
}
template <MatrixLike M>
auto plain(const M& x) {
  Matrix<base_t<scalar_of<M>>, M::row_extent, M::column_extent> result(x.rows(), x.cols());
  for (std::size_t j = 0; j < x.cols(); ++j)
    for (std::size_t i = 0; i < x.rows(); ++i) result(i, j) = plain(x(i, j));
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

namespace detail::inline COSTATE_INSTRUCTIONS {

template <class R>
inline constexpr bool is_tuple = false;
template <class... R>
inline constexpr bool is_tuple<std::tuple<R...>> = true;

/// The loss itself, where what comes back may be a tuple whose rest is for the callback.
template <class R>
const auto& loss_of(const R& result) {
  if constexpr (is_tuple<R>)
    return std::get<0>(result);
  else
    return result;
}

template <class T>
struct Swept {
  T value;
  Status status;
  bool connected;
};

/// Seeds the loss and sweeps the tape. A loss on a failed solve is +∞ with a zero gradient, also where it
/// only reads what was reached.
template <class T, class L>
Swept<T> sweep_from(Tape<T>& tape, const L& loss) {
  static_assert(Scalar<L>, "costate: a loss must return a number (or a tuple that begins with one)");
  static_assert(!PlainScalar<L>,
                "costate: this loss returns a plain number, so its gradient would be zero: let it return the "
                "number that it computed "
                "from its arguments (no conversion to double, no plain())");
  static_assert(std::is_same_v<L, Var<T>>, "costate: this loss returns a variable of another gradient");
  const auto failed = [&] {
    return Swept<T>{T(std::numeric_limits<base_t<T>>::infinity()), tape.failure(), false};
  };
  if (!is_successful(tape.failure()) && !is_finite(plain(loss))) return failed();
  if (loss.index() < 0) return {loss.value(), tape.failure(), false};
  if (loss.tape() != tape.id()) throw_two_tapes();
  tape.adjoints()[loss.index()] = T(1);
  tape.sweep();
  if (tape.failure_used()) return failed();
  return {loss.value(), tape.failure(), true};
}

template <class T, class V>
auto make_variables(Tape<T>& tape, const V& x) {
  auto variables = unfilled<Var<T>, extent_of<V>>(x.size());
  const std::int32_t first = tape.push_leaves(x.size());
  const std::uint32_t id = tape.id();
  for (std::size_t i = 0; i < x.size(); ++i)
    variables[i] = Var<T>(static_cast<T>(x[i]), first + static_cast<std::int32_t>(i), id);
  return variables;
}

template <class T, MatrixLike M>
auto make_variables(Tape<T>& tape, const M& x) {
  Matrix<Var<T>, M::row_extent, M::column_extent> variables(x.rows(), x.cols());
  std::int32_t place = tape.push_leaves(x.size());
  for (std::size_t j = 0; j < x.cols(); ++j)
    for (std::size_t i = 0; i < x.rows(); ++i)
      variables(i, j) = Var<T>(static_cast<T>(x(i, j)), place++, tape.id());
  return variables;
}

/// The adjoints of what make_variables made: a row on the tape.
template <class T, class V, class G>
void copy_adjoints(Tape<T>& tape, const V& variables, G& gradient) {
  if (variables.size() == 0) return;
  const T* from = tape.adjoints() + variables.data()->index();
  std::copy(from, from + variables.size(), gradient.data());
}

template <class T, class V>
auto read_gradient(Tape<T>& tape, const V& variables, bool connected) {
  if (!connected) return zeros<T, extent_of<V>>(variables.size());
  auto gradient = unfilled<T, extent_of<V>>(variables.size());
  copy_adjoints(tape, variables, gradient);
  return gradient;
}
template <class T, MatrixLike M>
auto read_gradient(Tape<T>& tape, const M& variables, bool connected) {
  Matrix<T, M::row_extent, M::column_extent> gradient(variables.rows(), variables.cols());
  if (connected) copy_adjoints(tape, variables, gradient);
  return gradient;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The value of a loss and its gradient by every argument, by one reverse sweep.
///
///     auto [value, du0, dp] = value_and_gradient(loss, u0, p);        du0: shape of u0, dp: shape of p
///
/// A Matrix comes back as a Matrix. `loss` is any generic callable of vectors; it may solve any number of
/// equations, index solutions, use networks. It returns a number, or a tuple that begins with one. Arguments
/// that are Dual or Var already are lifted (forward over reverse, gradients inside gradients). Throws
/// std::invalid_argument where variables of two gradients meet in one operation.
template <class Loss, class... X>
requires(sizeof...(X) > 0) auto value_and_gradient(const Loss& loss, const X&... x) {
  using T = common_scalar_t<scalar_of<detail::vector_like_t<X>>...>;
  const detail::BorrowedTape<T> tape;
  const detail::TapeScope<T> scope(tape.get());
  const auto variables = std::tuple(detail::make_variables<T>(*tape, detail::as_vector_like(x))...);
  return std::apply(
      [&](const auto&... v) {
        const auto result = loss(v...);
        const auto swept = detail::sweep_from(*tape, detail::loss_of(result));
        return ValueAndGradient(swept.status, swept.value,
                                detail::read_gradient(*tape, v, swept.connected)...);
      },
      variables);
}

/// The gradient alone; a tuple of gradients where the loss has several arguments.
template <class Loss, class... X>
auto gradient(const Loss& loss, const X&... x) {
  auto all = value_and_gradient(loss, x...);
  if constexpr (sizeof...(X) == 1) {
    return std::get<1>(std::move(all));
  } else {
    return std::apply([](auto& /*value*/, auto&... g) { return std::tuple(std::move(g)...); }, all);
  }
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate

template <class T, class... G>
struct std::tuple_size<costate::ValueAndGradient<T, G...>> : std::tuple_size<std::tuple<T, G...>> {};
template <std::size_t I, class T, class... G>
struct std::tuple_element<I, costate::ValueAndGradient<T, G...>>
    : std::tuple_element<I, std::tuple<T, G...>> {};
