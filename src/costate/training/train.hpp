#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/training/callbacks.hpp>
#include <costate/training/detail/batch_source.hpp>
#include <costate/training/minibatches.hpp>
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

namespace detail::inline COSTATE_INSTRUCTIONS {

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

/// Whether an optimizer takes steps that need no gradient (`static constexpr bool asks_for_values = true`).
template <class Optimizer>
inline constexpr bool asks_for_values = requires {
  requires Optimizer::asks_for_values;
};

template <class Loss, class P, class Optimizer, class Source, class Callback>
auto train_on(const Loss& loss, const P& start, const Optimizer& optimizer, Source& source,
              const TrainOptions& options, Callback& callback) {
  const auto& p0 = as_vector_like(start);
  using T = common_scalar_t<scalar_of<vector_like_t<P>>>;
  constexpr std::size_t M = extent_of<vector_like_t<P>>;
  static_assert(PlainScalar<T>, "costate::train: parameters must be plain numbers");
  using Point = Vector<T, M>;
  // The loss is compiled for variables alone where nobody asks for its value without the gradient: a solve
  // inside would be compiled once more for plain numbers.
  using Variables = Vector<Var<T>, M>;
  const auto call = [&](const auto& p) { return call_loss(loss, p, source); };
  using Rest = decltype(plain_rest(call(std::declval<const Variables&>())));
  constexpr bool watched = !std::is_same_v<Callback, NoCallback>;
  constexpr bool with_rest = watched && takes_rest<Callback, Point, Rest>;
  constexpr bool noisy =
      !Source::has_batches && std::is_invocable_v<const Loss&, const Variables&, const TrainStep&>;
  constexpr Judge judge = Source::has_batches ? Judge::mean_of_epoch
                          : noisy             ? Judge::mean_of_ten
                                              : Judge::lowest_loss;

  std::optional<Rest> rest;  // of the last evaluation
  const auto keep_rest = [&](const auto& result) {
    if constexpr (with_rest) rest.emplace(plain_rest(result));
  };
  const auto value_and_gradient = [&](std::span<const T> x, std::span<T> gradient) -> T {
    const BorrowedTape<T> tape;
    const TapeScope<T> scope(tape.get());
    const auto variables = make_variables<T>(*tape, Point(x));
    const auto result = call(variables);
    keep_rest(result);
    const auto swept = sweep_from(*tape, loss_of(result));
    const auto g = read_gradient(*tape, variables, swept.connected);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = g[i];
    return swept.value;
  };
  const auto value = [&](std::span<const T> x) -> T {
    if constexpr (asks_for_values<Optimizer>) {
      const auto result = call(Point(x));
      keep_rest(result);
      return static_cast<T>(loss_of(result));
    } else {
      Vector<T> gradient(x.size());
      return value_and_gradient(x, {gradient.data(), gradient.size()});
    }
  };
  const auto tell = [&](const TrainPoint<T>& at) -> bool {
    if constexpr (with_rest) {
      const Point p(at.parameters);
      if (!at.last_evaluated || !rest) value(at.parameters);
      return std::apply(
          [&](const auto&... more) {
            return call_back(callback, p, static_cast<double>(at.loss), at.progress, more...);
          },
          *rest);
    } else if constexpr (watched) {
      return call_back(callback, Point(at.parameters), static_cast<double>(at.loss), at.progress);
    } else {
      return false;
    }
  };
  const Vector<T> flat(p0);
  const auto begin_step = [&](const TrainStep& step) { source.move_to(step); };
  const RunSetup setup{.batches = source.size(), .begin_step = begin_step};
  return train_loop<T>(Objective<T>{value_and_gradient, value}, std::span<const T>(flat.data(), flat.size()),
                       optimizer, options, tell, judge, setup);
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// Minimizes a loss of a flat parameter vector.
///
///     auto result = train(loss, p, Adam{.learning_rate = 0.05}, {.max_iterations = 300}, callback);
///
/// loss(p) returns a number, or a tuple whose rest goes to the callback as plain numbers: callback(p, loss,
/// rest…) is called with the start and after every iteration, always with the parameters that gave that loss,
/// and ends the run by returning true (one that returns nothing only watches). A loss that is infinite or NaN
/// (a failed solve) is outside: it never reaches the parameters. Of a deterministic loss `result.minimum` is
/// never worse than the start. A loss that takes (p, const TrainStep&) is a noisy one: only update rules take
/// it, and the mean of ten judges. Misuse is std::invalid_argument, a file that does not fit
/// std::runtime_error.
template <class Loss, class P, class Optimizer, class Callback = NoCallback>
auto train(const Loss& loss, const P& start, const Optimizer& optimizer, const TrainOptions& options = {},
           Callback callback = {}) {
  detail::NoBatches source;
  return detail::train_on(loss, start, optimizer, source, options, callback);
}

/// Minimizes a loss on batches: loss(p, batch) is evaluated on the next one in every iteration.
///
///     const Minibatches batches(data.size(), {.size = 32});
///     auto result = train(loss, p, Adam{}, batches, {.epochs = 100, .seed = 1});
///
/// n epochs are n times batches.size() iterations. The mean of an epoch judges; the best parameters are those
/// of its last batch.
template <class Loss, class P, class Optimizer, BatchRange Batches, class Callback = NoCallback>
auto train(const Loss& loss, const P& start, const Optimizer& optimizer, const Batches& batches,
           const TrainOptions& options = {}, Callback callback = {}) {
  detail::BatchSource<Batches> source(batches, options.seed);
  return detail::train_on(loss, start, optimizer, source, options, callback);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
