#pragma once

#include <costate/ad/partials.hpp>
#include <costate/core/detail/keep_apart.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/evaluate_series.hpp>
#include <costate/methods/detail/series_program.hpp>
#include <costate/methods/detail/series_recurrences.hpp>
#include <costate/methods/detail/series_rows.hpp>
#include <costate/problems/ode_function.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Up to this order everything is written out, and up to this many sums over orders in f (about 40 kB of
/// code, what the first cache holds). Not without optimization nor under sanitizers, which take minutes to
/// compile it; the numbers are the same up to rounding.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t unrolled_orders = 20;
#else
inline constexpr std::size_t unrolled_orders = 0;
#endif
inline constexpr std::size_t unrolled_sums = 16;
inline constexpr std::size_t largest_order = 40;
/// Orders in a table of cotangents, in whole registers.
inline constexpr std::size_t seeded_orders = largest_order + 8;
/// What CompiledSeries keeps of the order in hand, and how the recurrences reach coefficients and cotangents
/// in it.
template <class F, class T, std::size_t N, std::size_t M, std::size_t Unrolled>
struct SeriesFrames {
  static constexpr SeriesProgram<N> program = compile_series<F, N, M>();
  using R = base_t<T>;
  using S = SeriesKind;
  static constexpr std::size_t stride = program.stored;
  static constexpr bool unrolled =
      PlainScalar<T> && sizeof(T) <= sizeof(double) && Unrolled > 0 && program.sums <= unrolled_sums;
  template <std::int32_t I>
  using Index = std::integral_constant<std::int32_t, I>;

  template <class Body>
  [[gnu::always_inline]] static void for_instructions(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      (visit<I>(body), ...);
    }
    (std::make_index_sequence<program.size>{});
  }
  template <class Body>
  [[gnu::always_inline]] static void back_from_instructions(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      (visit<program.size - 1 - I>(body), ...);
    }
    (std::make_index_sequence<program.size>{});
  }
  template <std::size_t I, class Body>
  [[gnu::always_inline]] static void visit(const Body& body) {
    if constexpr (program.live[I]) body(Order<I>{});
  }
  static constexpr bool is_operation(std::size_t i) {
    return program.live[i] && !program.code[i].constant && !is_leaf(program.code[i].kind);
  }
  static constexpr bool is_temporary(std::size_t i) { return is_operation(i) && !program.across[i]; }

  /// Whether term j is the first one of a temporary.
  static constexpr bool is_first_of_temporary(std::size_t j) {
    for (std::size_t before = 0; before < j; ++before)
      if (program.terms[before].series == program.terms[j].series) return false;
    return is_temporary(static_cast<std::size_t>(program.terms[j].series));
  }

  static constexpr struct None {
  } none{};
  static constexpr std::size_t top = Unrolled;
  /// The two sides of a sum over orders stand side by side, so that x_j y_i and x_i y_j are one
  /// multiplication.
  using Pair = typename SeriesLanes<R, 2>::Lanes;
  struct Sides {
    std::int32_t x = -1, y = -1;
  };
  static constexpr Sides pair_of(std::size_t i) {
    const SeriesInstruction& op = program.code[i];
    if (!unrolled || !is_operation(i)) return {};
    const auto self = static_cast<std::int32_t>(i);
    if (op.kind == S::multiply) return {op.a, op.b};
    if (op.kind == S::divide) return {op.b, self};
    if (op.kind == S::reciprocal) return {op.a, self};
    return {};
  }
  struct Pairs {
    Pair of[program.size][top == 0 ? 1 : top];
    Pairs() {}  // nothing is cleared
  };
  static constexpr bool is_paired(std::size_t i) { return pair_of(i).x >= 0; }
  static constexpr bool is_side(std::size_t a) {
    for (std::size_t i = 0; i < program.size; ++i)
      if (pair_of(i).x == static_cast<std::int32_t>(a) || pair_of(i).y == static_cast<std::int32_t>(a))
        return true;
    return false;
  }
  static constexpr bool is_divisor(std::size_t a) {
    for (std::size_t i = 0; i < program.size; ++i) {
      const SeriesInstruction& op = program.code[i];
      const bool by_a = op.kind == S::reciprocal || op.kind == S::power;
      const bool by_b = op.kind == S::divide || op.kind == S::quotient;
      if (is_operation(i) &&
          ((by_a && op.a == static_cast<std::int32_t>(a)) || (by_b && op.b == static_cast<std::int32_t>(a)) ||
           (op.kind == S::square_root && i == a)))
        return true;
    }
    return false;
  }
  template <class K>
  static constexpr bool after_first = [] {
    if constexpr (unrolled && is_compile_time_order<K>)
      return K::value > 0;
    else
      return false;
  }();

  /// The coefficients of the terms, times unit / (k + 1).
  struct Shares {
    static constexpr std::size_t size = unrolled ? (Unrolled * program.term_count + 7) / 8 * 8 : 0;
    T of[size == 0 ? 1 : size];
  };

  /// Coefficients of the order in hand are local, those below are read from memory. Without this the
  /// compiler keeps hundreds of numbers alive from order to order and moves them through integer registers.
  struct Frame {
    T* c;
    const T* constants;
    T newest[program.size];
    T t;
    R unit;
    const Shares* shares;
    T inverse[program.size];  // of order 0, of what is divided by at every order
    Pairs* pairs;
    T before[program.size];  // of the order below, of what is paired: the next order would wait for its store

    template <class A, std::size_t I>
    [[gnu::always_inline]] T inverse_of_order_0() const {
      if constexpr (std::is_same_v<A, ItsSeries>)
        return inverse[I];
      else
        return inverse[A::value];
    }

    template <class Now, std::int32_t A, class K>
    [[gnu::always_inline]] T get(Now, Index<A>, K k) const {
      constexpr auto a = static_cast<std::size_t>(A);
      if constexpr (program.code[a].constant)
        return constants[program.place[a]];
      else if constexpr (program.code[a].kind == S::time)
        return static_cast<std::size_t>(k) == 0 ? t : T(static_cast<std::size_t>(k) == 1 ? unit : R(0));
      else if constexpr (program.place[a] < 0 || (is_compile_time_order<K> && std::is_same_v<K, Now>))
        return newest[a];
      else
        return c[static_cast<std::size_t>(k) * stride + static_cast<std::size_t>(program.place[a])];
    }
  };
  template <class P>
  [[gnu::always_inline]] static void hide(P*& pointer) {
    if constexpr (unrolled) hide_origin(pointer);
  }
  /// The states share an order and a shape, and the next order waits for them.
  [[gnu::always_inline]] static void keep_state_apart([[maybe_unused]] T& x) {
    if constexpr (unrolled) keep_apart(x);
  }
  template <std::size_t I, class Now>
  struct View {
    const Frame& frame;
    template <class A, class K>
    [[gnu::always_inline]] T get(A a, K k) const {
      return frame.get(Now{}, a, k);
    }
    template <class A>
    [[gnu::always_inline]] T inverse(A) const requires(after_first<Now>) {
      return frame.template inverse_of_order_0<A, I>();
    }
    template <std::int32_t A, class Below>
    [[gnu::always_inline]] T before(Index<A> a, Below k) const {
      if constexpr (program.code[A].kind == S::time)
        return get(a, k);
      else
        return frame.before[A];
    }
    struct TwoParts {
      T early, late;
    };
    template <std::size_t K>
    [[gnu::always_inline]] TwoParts inner(Order<K>) const requires(after_first<Order<K>>&& is_paired(I)) {
      constexpr Index<pair_of(I).x> x{};
      constexpr Index<pair_of(I).y> y{};
      if constexpr (K == 1) {
        return {T(0), T(0)};
      } else if constexpr (K == 2) {
        return {before(x, Order<1>{}) * before(y, Order<1>{}), T(0)};
      } else {
        T early(0);
        if constexpr (K > 4) {
          Pair sum{};
          unroll<(K - 1) / 2 - 1>([&](auto i) __attribute__((always_inline)) {
            // the newest come last
            constexpr std::size_t j = (K - 1) / 2 - i;
            const Pair& p = frame.pairs->of[I][K - j];
            sum += frame.pairs->of[I][j] * __builtin_shufflevector(p, p, 1, 0);
          });
          early = sum[0] + sum[1];
        }
        if constexpr (K > 3 && K % 2 == 0)
          early = multiply_add(get(x, Order<K / 2>{}), get(y, Order<K / 2>{}), early);
        constexpr Order<K - 1> below{};
        return {multiply_add(before(x, below), get(y, Order<1>{}), early),
                get(x, Order<1>{}) * before(y, below)};
      }
    }
    template <class K>
    [[gnu::always_inline]] T own(K k) const {
      return frame.get(Now{}, Index<static_cast<std::int32_t>(I)>{}, k);
    }
  };
  static constexpr std::size_t height = seeded_orders;
  static constexpr std::size_t lanes = register_bytes / sizeof(R) < 8 ? register_bytes / sizeof(R) : 8;
  using Lanes = typename SeriesLanes<R, lanes>::Lanes;
  static constexpr std::size_t lower_registers = unrolled ? (top + lanes - 1) / lanes : 1;
  static constexpr std::size_t row_registers = (top + lanes) / lanes;
  /// Whether the derivative by the coefficient of term j is gathered from rows at the end of a step.
  static constexpr bool is_gathered(std::size_t j) {
    const auto& term = program.terms[j];
    return unrolled && program.place[static_cast<std::size_t>(term.series)] >= 0 &&
           program.code[static_cast<std::size_t>(term.coefficient)].kind != S::literal;
  }
  /// Whether instruction i is a constant that receives a cotangent in a step otherwise.
  static constexpr bool is_collected(std::size_t i) {
    const auto self = static_cast<std::int32_t>(i);
    if (!program.live[i] || !program.code[i].constant || program.code[i].kind == S::literal) return false;
    for (std::size_t j = 0; j < program.term_count; ++j)
      if (program.terms[j].coefficient == self && !is_gathered(j)) return true;
    for (const std::int32_t slope : program.constant_slope)
      if (slope == self) return true;
    for (std::size_t j = 0; j < program.size; ++j)
      if (is_operation(j) && uses(j, i)) return true;
    return false;
  }
  static constexpr bool gathers(std::size_t state) {
    for (std::size_t j = 0; j < program.term_count; ++j)
      if (is_gathered(j) && program.terms[j].state == static_cast<std::int32_t>(state)) return true;
    return false;
  }
  using Backward =
      SeriesRows<T, Lanes, top, unrolled ? stride : 0, unrolled ? N : 0, unrolled ? program.term_count : 0>;
  struct BackFrame {
    Frame forward;
    T* bars;                            // [stored series] x [height], of the orders below
    const T* falling;                   // rows of the coefficients
    T* slopes;                          // rows of `above`
    T newest[program.size];             // of the order in hand
    T below[stride == 0 ? 1 : stride];  // of the order below it, without what the order in hand gives
    Lanes lower[stride == 0 ? 1 : stride][lower_registers];  // of those below, while written out
    T above[N == 0 ? 1 : N];                                 // of the states, one order higher
    T constant_bars[program.constants == 0 ? 1 : program.constants];
  };
  template <std::size_t I, class Now>
  struct BackView {
    BackFrame& frame;
    template <class A, class K>
    [[gnu::always_inline]] T get(A a, K k) const {
      return frame.forward.get(none, a, k);
    }
    template <class K>
    [[gnu::always_inline]] T own(K k) const {
      return get(Index<static_cast<std::int32_t>(I)>{}, k);
    }
    template <std::int32_t A>
    static constexpr bool is_literal(Index<A>) {
      return program.code[static_cast<std::size_t>(A)].kind == S::literal;
    }
    template <std::int32_t A, class K>
    [[gnu::always_inline]] void bar(Index<A>, K k, const T& x) const {
      constexpr auto a = static_cast<std::size_t>(A);
      if constexpr (program.code[a].constant) {
        if constexpr (program.code[a].kind != S::literal) {
          T& to = frame.constant_bars[program.place[a]];
          to = to + x;
        }
      } else if constexpr (is_temporary(a) && brings_first<a>(I)) {
        frame.newest[a] = x;
      } else if constexpr (is_temporary(a) || (is_compile_time_order<K> && std::is_same_v<K, Now>)) {
        frame.newest[a] = frame.newest[a] + x;
      } else if constexpr (program.code[a].kind != S::time) {
        T& to = frame.bars[static_cast<std::size_t>(program.place[a]) * height + static_cast<std::size_t>(k)];
        to = to + x;
      }
    }
    template <class K>
    [[gnu::always_inline]] void own_bar(K k, const T& x) const {
      bar(Index<static_cast<std::int32_t>(I)>{}, k, x);
    }
    template <class A>
    [[gnu::always_inline]] T inverse(A) const requires(after_first<Now>) {
      return frame.forward.template inverse_of_order_0<A, I>();
    }
    template <class K>
    static constexpr bool spreads = after_first<K>&& std::is_same_v<K, Now>;

    template <bool newest, class A, class B, std::size_t K, class Weight>
    [[gnu::always_inline]] void spread(A a, B b, Order<K> k, const T& y, const Weight& weight) const {
      if constexpr (program.code[index_of<A>()].kind != S::time) spread_to<newest>(a, b, k, y, weight);
    }

   private:
    template <bool newest, class A, class B, std::size_t K, class Weight>
    [[gnu::always_inline]] void spread_to(A, B, Order<K> k, const T& y, const Weight& weight) const {
      constexpr std::size_t a = index_of<A>(), b = index_of<B>();
      const Index<static_cast<std::int32_t>(a)> to{};
      const Index<static_cast<std::int32_t>(b)> with{};
      constexpr bool weighted = !std::is_same_v<Weight, NoWeight>;
      const auto weigh = [&](T x, [[maybe_unused]] std::size_t j) __attribute__((always_inline)) {
        if constexpr (weighted)
          return weight(R(j)) * x;
        else
          return x;
      };
      if constexpr (newest) bar(to, k, weigh(y, K) * get(with, Order<0>{}));
      T& below = frame.below[program.place[a]];
      below = below + weigh(y, K - 1) * get(with, Order<1>{});
      if constexpr (K > 1 && program.code[b].kind != S::time) {
        const T* falling =
            frame.falling + static_cast<std::size_t>(program.place[b]) * Backward::row + (top - K);
        unroll<(K - 2) / lanes + 1>([&](auto q) __attribute__((always_inline)) {
          Lanes x;
          std::memcpy(&x, falling + q * lanes, sizeof x);
          if constexpr (weighted) {
            [&]<std::size_t... L>(std::index_sequence<L...>) __attribute__((always_inline)) {
              const Lanes j = {R(q * lanes + L)...};
              x *= weight.slope * j + weight.start;
            }
            (std::make_index_sequence<lanes>{});
          }
          frame.lower[program.place[a]][q] += x * y;
        });
      }
    }
    template <class A>
    static constexpr std::size_t index_of() {
      if constexpr (std::is_same_v<A, ItsSeries>)
        return I;
      else
        return static_cast<std::size_t>(A::value);
    }
  };
  /// Whether the cotangent of temporary a begins with what operation i hands to it.
  template <std::size_t a>
  static constexpr bool brings_first(std::size_t i) {
    for (std::size_t j = 0; j < program.term_count; ++j)
      if (program.terms[j].series == static_cast<std::int32_t>(a)) return false;
    for (std::size_t later = program.size; later-- > i + 1;)
      if (is_operation(later) && uses(later, a)) return false;
    return program.code[i].a != program.code[i].b;
  }
  static constexpr bool uses(std::size_t i, std::size_t a) {
    return program.code[i].a == static_cast<std::int32_t>(a) ||
           program.code[i].b == static_cast<std::int32_t>(a);
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
