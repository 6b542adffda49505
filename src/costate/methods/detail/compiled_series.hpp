#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series_program.hpp>
#include <costate/methods/detail/series_recurrences.hpp>
#include <costate/problems/ode_function.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
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

/// The Taylor coefficients of a solution whose right-hand side is known while the program is compiled.
///
/// Coefficients: [orders 0 … K] × [stored series], the states first, of the solution in units of time:
/// u(t + θ unit) = Σ c_k θᵏ.
template <class F, class T, std::size_t N, std::size_t M, class PT, std::size_t Unrolled = unrolled_orders>
class CompiledSeries {
  static constexpr SeriesProgram<N> program = compile_series<F, N, M>();
  using R = base_t<T>;
  using S = SeriesKind;
  static constexpr std::size_t stride = program.stored;
  static constexpr bool unrolled = PlainScalar<T> && Unrolled > 0 && program.sums <= unrolled_sums;
  template <std::int32_t I>
  using Index = std::integral_constant<std::int32_t, I>;

 public:
  CompiledSeries(VectorView<const PT, M> p, std::size_t) {
    Frame frame{nullptr, constants_, {}, T(0), R(0)};
    for_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (op.constant) {
        T& value = constants_[program.place[I]];
        if constexpr (op.kind == S::literal)
          value = T(static_cast<R>(op.value));
        else if constexpr (op.kind == S::parameter)
          value = T(p[static_cast<std::size_t>(op.a)]);
        else
          value = series_coefficient<op.kind, T>(View<I, Order<0>>{frame}, op, Index<op.a>{}, Index<op.b>{},
                                                 Order<0>{});
      }
    });
  }
  static constexpr std::size_t width() { return stride; }

  /// c: the states at order 0 in, everything out.
  [[gnu::always_inline]] inline void expand(const F&, VectorView<const PT, M>, T* c, const T& t, R unit,
                                            std::size_t order) const {
    Frame frame{c, constants_, {}, t, unit};
    for (std::size_t i = 0; i < N; ++i) frame.newest[i] = c[i];
    const auto body = [&](auto k) __attribute__((always_inline)) {
      advance(frame, k);
    };
    if constexpr (unrolled) {
      [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
        static_cast<void>(((K < order && (body(Order<K>{}), true)) && ...));
      }
      (std::make_index_sequence<Unrolled>{});
      for (std::size_t k = Unrolled; k < order; ++k) body(k);
    } else {
      for (std::size_t k = 0; k < order; ++k) body(k);
    }
  }

  /// Cotangents of the coefficients of the states, seed(k, i), become those of the states at order 0 and, in
  /// the constants, of the parameters.
  template <class Seed>
  [[gnu::always_inline]] inline void pull(const F&, VectorView<const PT, M>, const T* c, const T& t, R unit,
                                          std::size_t order, const Seed& seed, T* ubar) {
    T bars[(largest_order + 1) * (stride == 0 ? 1 : stride)];
    BackFrame frame{{const_cast<T*>(c), constants_, {}, t, unit}, bars, {}, {}, {}};
    for (std::size_t i = 0; i < program.constants; ++i) frame.constant_bars[i] = T(0);
    for (std::size_t k = 0; k <= order; ++k)
      for_components<stride>(
          stride, [&](std::size_t i)
                      __attribute__((always_inline)) { bars[k * stride + i] = i < N ? seed(k, i) : T(0); });
    for (std::size_t i = 0; i < N; ++i) frame.above[i] = bars[order * stride + i];
    const auto body = [&](auto k) __attribute__((always_inline)) {
      go_back(frame, k);
    };
    if constexpr (unrolled) {
      for (std::size_t k = order; k-- > Unrolled;) body(k);
      [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
        ((Unrolled - 1 - K < order ? body(Order<Unrolled - 1 - K>{}) : void()), ...);
      }
      (std::make_index_sequence<Unrolled>{});
    } else {
      for (std::size_t k = order; k-- > 0;) body(k);
    }
    for (std::size_t i = 0; i < N; ++i) ubar[i] = frame.above[i];
    for (std::size_t i = 0; i < program.constants; ++i)
      constant_bars_[i] = constant_bars_[i] + frame.constant_bars[i];
  }
  void start() {
    for (T& x : constant_bars_) x = T(0);
  }
  /// pbar += what all pulls since `start` gave.
  void finish(T* pbar) const {
    BackFrame frame{{nullptr, constants_, {}, T(0), R(0)}, nullptr, {}, {}, {}};
    for (std::size_t i = 0; i < program.constants; ++i) frame.constant_bars[i] = constant_bars_[i];
    back_from_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (op.constant && op.kind != S::literal) {
        const T bar = frame.constant_bars[program.place[I]];
        if constexpr (op.kind == S::parameter) {
          pbar[op.a] = pbar[op.a] + bar;
        } else {
          BackView<I, Order<0>> view{frame};
          pull_series_coefficient<op.kind, T>(view, op, Index<op.a>{}, Index<op.b>{}, Order<0>{}, bar);
        }
      }
    });
  }

 private:
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

  /// Coefficients of the order in hand are local, those below are read from memory. Without this the
  /// compiler keeps hundreds of numbers alive from order to order and moves them through integer registers.
  struct Frame {
    T* c;
    const T* constants;
    T newest[program.size];
    T t;
    R unit;

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
    if constexpr (unrolled) asm("" : "+r"(pointer));
  }
  template <std::size_t I, class Now>
  struct View {
    const Frame& frame;
    template <class A, class K>
    [[gnu::always_inline]] T get(A a, K k) const {
      return frame.get(Now{}, a, k);
    }
    template <class K>
    [[gnu::always_inline]] T own(K k) const {
      return frame.get(Now{}, Index<static_cast<std::int32_t>(I)>{}, k);
    }
  };
  static constexpr struct None {
  } none{};
  struct BackFrame {
    Frame forward;
    T* bars;                  // [orders] x [stored series], of the orders below
    T newest[program.size];   // of the order in hand
    T above[N == 0 ? 1 : N];  // of the states, one order higher
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
        T& to = frame.bars[static_cast<std::size_t>(k) * stride + static_cast<std::size_t>(program.place[a])];
        to = to + x;
      }
    }
    template <class K>
    [[gnu::always_inline]] void own_bar(K k, const T& x) const {
      bar(Index<static_cast<std::int32_t>(I)>{}, k, x);
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

  template <class K>
  [[gnu::always_inline]] static void advance(Frame& frame, K k) {
    for_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (is_operation(I)) {
        const T value =
            series_coefficient<op.kind, T>(View<I, K>{frame}, op, Index<op.a>{}, Index<op.b>{}, k);
        if constexpr (program.place[I] >= 0)
          frame.c[static_cast<std::size_t>(k) * stride + static_cast<std::size_t>(program.place[I])] = value;
        frame.newest[I] = value;
      }
    });
    const R share = frame.unit * inverse_of<R>(after(k));
    T next[N == 0 ? 1 : N];
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      next[i] = T(0);
      constexpr std::int32_t constant = program.constant_slope[i];
      if constexpr (constant >= 0)
        if (static_cast<std::size_t>(k) == 0) next[i] = frame.get(k, Index<constant>{}, k) * share;
    });
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto term = program.terms[j];
      const T part =
          (frame.get(k, Index<term.coefficient>{}, k) * share) * frame.get(k, Index<term.series>{}, k);
      constexpr bool first = j == 0 || program.terms[j == 0 ? 0 : j - 1].state != term.state;
      if constexpr (first && program.constant_slope[static_cast<std::size_t>(term.state)] < 0)
        next[term.state] = part;
      else
        next[term.state] = next[term.state] + part;
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      frame.c[(static_cast<std::size_t>(k) + 1) * stride + i] = frame.newest[i] = next[i];
    });
    hide(frame.c);
  }
  template <class K>
  [[gnu::always_inline]] static void go_back(BackFrame& frame, K k) {
    using Slopes = BackView<program.size, K>;
    const R share = frame.forward.unit * inverse_of<R>(after(k));
    hide(frame.bars);
    constexpr bool local = is_compile_time_order<K>;
    if constexpr (local) {
      for_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
        if constexpr (program.across[I] && program.place[I] >= 0)
          frame.newest[I] = frame.bars[K::value * stride + static_cast<std::size_t>(program.place[I])];
      });
    }
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto series = static_cast<std::size_t>(program.terms[j].series);
      if constexpr (is_temporary(series)) frame.newest[series] = T(0);
    });
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto term = program.terms[j];
      const T y = frame.above[term.state];
      const Slopes view{frame};
      view.bar(Index<term.series>{}, k, y * (view.get(Index<term.coefficient>{}, k) * share));
      if constexpr (program.code[static_cast<std::size_t>(term.coefficient)].kind != S::literal)
        view.bar(Index<term.coefficient>{}, k, y * (view.get(Index<term.series>{}, k) * share));
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      constexpr std::int32_t constant = program.constant_slope[i];
      if constexpr (constant >= 0)
        if (static_cast<std::size_t>(k) == 0) Slopes{frame}.bar(Index<constant>{}, k, frame.above[i] * share);
    });
    back_from_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (is_operation(I)) {
        const T y = [&] {
          if constexpr (is_temporary(I) || local)
            return frame.newest[I];
          else
            return frame
                .bars[static_cast<std::size_t>(k) * stride + static_cast<std::size_t>(program.place[I])];
        }();
        BackView<I, K> view{frame};
        pull_series_coefficient<op.kind, T>(view, op, Index<op.a>{}, Index<op.b>{}, k, y);
      }
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      frame.above[i] = local ? frame.newest[i] : frame.bars[static_cast<std::size_t>(k) * stride + i];
    });
  }
  template <class K>
  static constexpr auto after(K k) {
    if constexpr (is_compile_time_order<K>)
      return Order<K::value + 1>{};
    else
      return k + 1;
  }

  T constants_[program.constants == 0 ? 1 : program.constants]{};
  T constant_bars_[program.constants == 0 ? 1 : program.constants]{};
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
