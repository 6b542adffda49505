#pragma once

#include <costate/training/train_progress.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate {

/// The callback that watches nothing: train goes on until it is done.
struct NoCallback {};

/// Several callbacks as one: all of them are called, in their order, and the run ends where one returns true.
template <class... Parts>
struct Callbacks {
  std::tuple<Parts...> parts;
};

/// Composes callbacks of any kind.
///
///     train(loss, p, Adam{}, batches, {.epochs = 100},
///           callbacks(early_stopping(validation), print_every(10), log_csv("run.csv"), time_limit(3600.0)));
///
/// What one writes into TrainProgress the ones after it see: put a validation before a log.
template <class... Parts>
Callbacks<Parts...> callbacks(Parts... parts) {
  return {{std::move(parts)...}};
}

/// Prints iteration, epoch, loss, gradient and validation to stdout after every `iterations` iterations.
class PrintEvery {
 public:
  explicit PrintEvery(std::size_t iterations);
  bool operator()(TrainProgress& at) const;

 private:
  std::size_t iterations_;
};
inline PrintEvery print_every(std::size_t iterations) {
  return PrintEvery(iterations);
}

struct PlateauOptions {
  std::size_t window = 100;    ///< w, iterations, >= 1
  double min_decrease = 1e-4;  ///< r >= 0, relative
};

/// Ends the run where the loss falls no more:
///
///     mean of the last w losses > m − r |m|,   m: mean of the w losses before them
///
/// Means, so that it serves noisy losses as well; for a loss on batches let w be some epochs.
class StopOnPlateau {
 public:
  explicit StopOnPlateau(const PlateauOptions& options);
  bool operator()(TrainProgress& at) const;

 private:
  PlateauOptions options_;
};
inline StopOnPlateau stop_on_plateau(const PlateauOptions& options = {}) {
  return StopOnPlateau(options);
}

/// Ends the run after the first iteration that ends later than `seconds` after the call of train. A run that
/// is resumed has its whole limit again.
class TimeLimit {
 public:
  explicit TimeLimit(double seconds);
  bool operator()(TrainProgress& at) const { return at.seconds >= seconds_; }

 private:
  double seconds_;
};
inline TimeLimit time_limit(double seconds) {
  return TimeLimit(seconds);
}

template <class Callback>
class CallEvery;

namespace detail {

/// Throws std::invalid_argument where `iterations` is 0.
void check_period(const char* callback, std::size_t iterations);

template <class C>
inline constexpr bool is_callbacks = false;
template <class... Parts>
inline constexpr bool is_callbacks<Callbacks<Parts...>> = true;

/// Whether the callback, or one of those it is composed of, takes what the loss returns besides its number.
template <class C, class P, class Rest>
inline constexpr bool takes_rest = false;
template <class C, class P, class First, class... Rest>
inline constexpr bool takes_rest<C, P, std::tuple<First, Rest...>> =
    std::is_invocable_v<C&, const P&, double, const First&, const Rest&...> ||
    std::is_invocable_v<C&, const P&, double, TrainProgress&, const First&, const Rest&...>;
template <class... Parts, class P, class First, class... Rest>
inline constexpr bool takes_rest<Callbacks<Parts...>, P, std::tuple<First, Rest...>> =
    (takes_rest<Parts, P, std::tuple<First, Rest...>> || ...);

template <class Part, class P, class First, class... Rest>
inline constexpr bool takes_rest<CallEvery<Part>, P, std::tuple<First, Rest...>> =
    takes_rest<Part, P, std::tuple<First, Rest...>>;

/// What a callback says; one that returns nothing lets the run go on.
template <class C, class... Arguments>
bool halts(C& callback, Arguments&... arguments) {
  if constexpr (std::is_void_v<decltype(callback(arguments...))>) {
    callback(arguments...);
    return false;
  } else {
    return static_cast<bool>(callback(arguments...));
  }
}

/// Calls it with as much as it takes.
template <class C, class P, class... Rest>
bool call_back(C& callback, const P& p, double loss, TrainProgress& at, const Rest&... rest) {
  if constexpr (is_callbacks<C>) {
    return std::apply(
        [&](auto&... parts) { return (0 + ... + int(call_back(parts, p, loss, at, rest...))) > 0; },
        callback.parts);
  } else if constexpr (std::is_invocable_v<C&, const P&, double, const Rest&...>) {
    return halts(callback, p, std::as_const(loss), rest...);
  } else if constexpr (std::is_invocable_v<C&, const P&, double>) {
    return halts(callback, p, std::as_const(loss));
  } else if constexpr (std::is_invocable_v<C&, const P&, double, TrainProgress&, const Rest&...>) {
    return halts(callback, p, std::as_const(loss), at, rest...);
  } else if constexpr (std::is_invocable_v<C&, const P&, double, TrainProgress&>) {
    return halts(callback, p, std::as_const(loss), at);
  } else {
    static_assert(std::is_invocable_v<C&, TrainProgress&>,
                  "costate::train: the callback must take (p, loss), (p, loss, what the loss returns besides "
                  "the number…), (p, loss, TrainProgress&) or (TrainProgress&)");
    return halts(callback, at);
  }
}

}  // namespace detail

/// Another callback of any kind, called at the start and after every `iterations` iterations: to draw, say.
template <class Callback>
class CallEvery {
 public:
  CallEvery(std::size_t iterations, Callback callback)
      : iterations_(iterations), callback_(std::move(callback)) {
    detail::check_period("call_every", iterations);
  }
  template <class P, class... Rest>
  bool operator()(const P& p, double loss, TrainProgress& at, const Rest&... rest) {
    return at.iteration % iterations_ == 0 && detail::call_back(callback_, p, loss, at, rest...);
  }

 private:
  std::size_t iterations_;
  Callback callback_;
};
template <class Callback>
CallEvery<Callback> call_every(std::size_t iterations, Callback callback) {
  return {iterations, std::move(callback)};
}

}  // namespace costate
