#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/training/report.hpp>
#include <costate/training/train_loop.hpp>
#include <costate/training/train_options.hpp>
#include <costate/training/train_result.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate {

/// The callback that only watches nothing: train goes on until it is done.
struct NoCallback {};

namespace detail {

/// What a loss returns besides the number, without derivatives: the rest of its tuple.
template <class R>
auto plain_rest(const R& result) {
  if constexpr (is_tuple<R>) {
    return std::apply([](const auto& /*loss*/, const auto&... rest) { return std::tuple(plain(rest)...); },
                      result);
  } else {
    return std::tuple<>();
  }
}

template <class Callback, class P, class Rest>
inline constexpr bool takes_rest = false;
template <class Callback, class P, class... Rest>
inline constexpr bool takes_rest<Callback, P, std::tuple<Rest...>> =
    std::is_invocable_v<Callback&, const P&, double, const Rest&...>;

}  // namespace detail

/// Minimizes a loss of a flat parameter vector.
///
///     auto result = train(loss, p, Adam{.learning_rate = 0.05}, {.max_iterations = 300}, callback);
///
/// loss(p) returns a number, or a tuple whose rest goes to the callback as plain numbers: callback(p, loss,
/// rest…) is called with the start and after every iteration, always with the parameters that gave that loss,
/// and ends the run by returning true. A loss that is infinite or NaN (a failed solve) is outside: it never
/// reaches the parameters. `result.minimum` is never worse than the start. Misuse is std::invalid_argument.
template <class Loss, class P, class Optimizer, class Callback = NoCallback>
auto train(const Loss& loss, const P& start, const Optimizer& optimizer, const TrainOptions& options = {},
           Callback callback = {}) {
  const auto& p0 = detail::as_vector_like(start);
  using T = common_scalar_t<scalar_of<detail::vector_like_t<P>>>;
  constexpr std::size_t M = extent_of<detail::vector_like_t<P>>;
  static_assert(PlainScalar<T>, "costate::train: parameters must be plain numbers");
  using Point = Vector<T, M>;
  using Rest = decltype(detail::plain_rest(loss(std::declval<const Point&>())));
  constexpr bool watched = !std::is_same_v<Callback, NoCallback>;
  constexpr bool with_rest =
      watched && std::tuple_size_v < Rest >> 0 && detail::takes_rest<Callback, Point, Rest>;
  static_assert(!watched || with_rest || std::is_invocable_v<Callback&, const Point&, double>,
                "costate::train: the callback must take (p, loss) or (p, loss, what the loss returns besides "
                "the number…)");

  std::optional<Rest> rest;  // of the last evaluation
  const auto keep_rest = [&](const auto& result) {
    if constexpr (with_rest) rest.emplace(detail::plain_rest(result));
  };
  const auto value = [&](std::span<const T> x) -> T {
    const auto result = loss(Point(x));
    keep_rest(result);
    return static_cast<T>(detail::loss_of(result));
  };
  const auto value_and_gradient = [&](std::span<const T> x, std::span<T> gradient) -> T {
    const detail::BorrowedTape<T> tape;
    const detail::TapeScope<T> scope(tape.get());
    const auto variables = detail::make_variables<T>(*tape, Point(x));
    const auto result = loss(variables);
    keep_rest(result);
    const auto swept = detail::sweep_from(*tape, detail::loss_of(result));
    const auto g = detail::read_gradient(*tape, variables, swept.connected);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = g[i];
    return swept.value;
  };
  const auto tell = [&](const detail::TrainPoint<T>& at) -> bool {
    if constexpr (with_rest) {
      const Point p(at.parameters);
      if (!at.last_evaluated || !rest) keep_rest(loss(p));
      return std::apply(
          [&](const auto&... more) {
            return static_cast<bool>(callback(p, static_cast<double>(at.loss), more...));
          },
          *rest);
    } else if constexpr (watched) {
      return static_cast<bool>(callback(Point(at.parameters), static_cast<double>(at.loss)));
    } else {
      return false;
    }
  };
  const Vector<T> flat(p0);
  return detail::train_loop<T>(Objective<T>{value_and_gradient, value},
                               std::span<const T>(flat.data(), flat.size()), optimizer, options, tell);
}

}  // namespace costate
