#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/unroll.hpp>

#include <cstddef>
#include <cstring>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Makes a compiler forget where a pointer came from, and with it what it knows of the numbers behind.
template <class P>
[[gnu::always_inline]] inline void hide_origin(P*& pointer) {
  // a copy: with a member as operand the whole object would live in memory
  P* same = pointer;
  asm("" : "+r"(same));
  pointer = same;
}

/// What the way back over steps of a series carries from step to step. A row is of one series, order k at
/// Top − k, with room for whole registers; what no order reaches stays zero. Rows are filled a step before
/// they are read and gathered a step after: a load of what several stores wrote waits until all of them have
/// left the processor's queue.
template <class T, class Lanes, std::size_t Top, std::size_t Series, std::size_t States, std::size_t Sums>
struct SeriesRows {
  static constexpr std::size_t row = (Top + 15) / 8 * 8;

  Lanes sums[Sums + 1];  // cotangents of the coefficients of terms
  T unit;                // of the step that has yet to be gathered, 0: there is none
  std::size_t turn, prepared, waiting;

  SeriesRows() {}  // nothing is cleared here
  void start(std::size_t order) {
    for (Lanes& x : sums) x = Lanes{};
    unit = T(0), turn = prepared = waiting = 0;
    const std::size_t first = order < Top ? Top - order : 0;
    for (std::size_t block = 0; block < row; block += 8) {
      if (block > first && block + 8 <= Top + 1) continue;  // slopes reach down to first + 1 only
      for (std::size_t i = 0; i < 3 * Series; ++i) std::memset(falling_ + i * row + block, 0, 8 * sizeof(T));
      for (std::size_t i = 0; i < 3 * States; ++i) std::memset(slopes_ + i * row + block, 0, 8 * sizeof(T));
    }
  }
  /// Of the coefficients of the step in hand (turn), the one before it, the one after it.
  T* falling(std::size_t which) { return falling_ + which * Series * row; }
  /// Of the cotangents of the states, one order higher, so that place Top − order stays empty.
  T* slopes(std::size_t which) { return slopes_ + which * States * row; }
  static std::size_t after(std::size_t which) { return which == 2 ? 0 : which + 1; }
  static std::size_t before(std::size_t which) { return which == 0 ? 2 : which - 1; }

  /// Fills the rows of a step that will be pulled, ahead of it by one pull at most; c: [orders] × [series].
  [[gnu::always_inline]] inline void prepare(const T* c, std::size_t order) {
    prepared = after(prepared);
    waiting += 1;
    T* to = falling(prepared) + Top;
    std::size_t left = (order < Top ? order : Top) + 1;
    const auto move = [&]<std::size_t orders>(std::integral_constant<std::size_t, orders>)
        __attribute__((always_inline)) {
      hide_origin(c);  // numbers one by one are shorter than registers turned round
      unroll<orders * Series>([&](auto j) __attribute__((always_inline)) {
        constexpr auto place =
            static_cast<std::ptrdiff_t>(j % Series * row) - static_cast<std::ptrdiff_t>(j / Series);
        to[place] = c[j];
      });
      to -= orders, c += orders * Series, left -= orders;
    };
    while (left >= 4) move(std::integral_constant<std::size_t, 4>{});
    while (left > 0) move(std::integral_constant<std::size_t, 1>{});
  }
  /// To the next step that was prepared.
  [[gnu::always_inline]] inline void advance(const T* c, std::size_t order) {
    if (waiting == 0) prepare(c, order);
    waiting -= 1;
    turn = after(turn);
  }

 private:
  alignas(64) T falling_[3 * Series * row + 1];
  alignas(64) T slopes_[3 * States * row + 1];
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
