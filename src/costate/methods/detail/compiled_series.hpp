#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series_frames.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// The Taylor coefficients of a solution whose right-hand side is known while the program is compiled.
///
/// Coefficients: [orders 0 … K] × [stored series], the states first, of the solution in units of time:
/// u(t + θ unit) = Σ c_k θᵏ.
template <class F, class T, std::size_t N, std::size_t M, class PT, std::size_t Unrolled = unrolled_orders>
class CompiledSeries : SeriesFrames<F, T, N, M, Unrolled> {
  using Base = SeriesFrames<F, T, N, M, Unrolled>;
  using Base::for_instructions, Base::back_from_instructions, Base::hide;
  static constexpr const SeriesProgram<N>& program = Base::program;
  static constexpr std::size_t stride = Base::stride, top = Base::top, height = Base::height,
                               lanes = Base::lanes, lower_registers = Base::lower_registers;
  static constexpr bool unrolled = Base::unrolled;
  using typename Base::R, typename Base::S, typename Base::Frame, typename Base::BackFrame,
      typename Base::Pairs, typename Base::Pair, typename Base::Shares, typename Base::Lanes;
  template <std::int32_t I>
  using Index = typename Base::template Index<I>;
  template <std::size_t I, class Now>
  using View = typename Base::template View<I, Now>;
  template <std::size_t I, class Now>
  using BackView = typename Base::template BackView<I, Now>;

 public:
  CompiledSeries(VectorView<const PT, M> p, std::size_t) {
    Frame frame{nullptr, constants_, {}, T(0), R(0), nullptr, {}, nullptr, {}};
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
    for (std::size_t k = 0, i = 0; k < Unrolled && unrolled; ++k) {
      const R inverse = R(1) / R(k + 1);
      for (std::size_t j = 0; j < program.term_count; ++j)
        per_order_.of[i++] =
            constants_[program.place[static_cast<std::size_t>(program.terms[j].coefficient)]] * inverse;
    }
  }
  static constexpr std::size_t width() { return stride; }

  /// c: the states at order 0 in, everything out.
  [[gnu::always_inline]] inline void expand(const F&, VectorView<const PT, M>, T* c, const T& t, R unit,
                                            std::size_t order) {
    share_out(unit);
    Pairs pairs;
    Frame frame{c, constants_, {}, t, unit, &shares_, {}, &pairs, {}};
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

  using typename Base::Backward;
  [[gnu::always_inline]] inline void prepare(Backward& way, const T* c, std::size_t order) const {
    if constexpr (unrolled) way.prepare(c, order);
  }
  /// Cotangents of the coefficients of the states become those of the states at order 0 and, in the
  /// constants, of the parameters. seeds.at(i, k): that of coefficient k of state i.
  template <class Seeds>
  [[gnu::always_inline]] inline void pull(Backward& way, const F&, VectorView<const PT, M>, const T* c,
                                          const T& t, R unit, std::size_t order, const Seeds& seeds,
                                          T* ubar) {
    share_out(unit);
    alignas(64) T bars[(stride == 0 ? 1 : stride) * height];
    BackFrame frame{{const_cast<T*>(c), constants_, {}, t, unit, &shares_, {}, nullptr, {}},
                    bars,
                    nullptr,
                    nullptr,
                    {},
                    {},
                    {},
                    {},
                    {}};
    for (std::size_t i = 0; i < program.constants; ++i) frame.constant_bars[i] = T(0);
    const auto body = [&](auto k) __attribute__((always_inline)) {
      go_back(frame, k);
    };
    const auto run_time_orders = [&](std::size_t last) __attribute__((always_inline)) {
      for (std::size_t i = 0; i < stride; ++i)
        for (std::size_t k = 0; k <= order; ++k) bars[i * height + k] = i < N ? seeds.at(i, k) : T(0);
      unroll<N>([&](auto i) __attribute__((always_inline)) { frame.above[i] = bars[i * height + order]; });
      for (std::size_t k = order; k-- > last;) body(k);
    };
    if constexpr (unrolled) {
      way.advance(c, order);
      frame.falling = way.falling(way.turn);
      frame.slopes = way.slopes(way.turn);
      hide(frame.slopes);
      invert_divisors(frame.forward);
      if (order > top) [[unlikely]] {
        run_time_orders(top);
        for (std::size_t i = 0; i < program.constants; ++i) {
          constant_bars_[i] = constant_bars_[i] + frame.constant_bars[i];
          frame.constant_bars[i] = T(0);
        }
        unroll<stride>([&](auto i) __attribute__((always_inline)) {
          frame.below[i] = bars[i * height + top - 1];
          std::memcpy(&frame.lower[i], bars + i * height, sizeof frame.lower[i]);
        });
      } else {
        unroll<stride>([&](auto i) __attribute__((always_inline)) {
          if constexpr (i < N) {
            frame.above[i] = seeds.at(i, order);
            frame.below[i] = seeds.at(i, order - 1);
          } else {
            frame.below[i] = T(0);
          }
          unroll<lower_registers>([&](auto q) __attribute__((always_inline)) {
            if constexpr (i < N)
              if (q * lanes <= order) frame.lower[i][q] = seeds.template lanes_at<Lanes>(i, q * lanes);
          });
        });
      }
      gather(way, Backward::before(way.turn));
      way.unit = unit;
      [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
        ((Unrolled - 1 - K < order ? body(Order<Unrolled - 1 - K>{}) : void()), ...);
      }
      (std::make_index_sequence<Unrolled>{});
    } else {
      run_time_orders(0);
    }
    for (std::size_t i = 0; i < N; ++i) ubar[i] = frame.above[i];
    collect(frame);
  }
  void start(Backward& way, std::size_t order) {
    if constexpr (unrolled) way.start(order);
    for (T& x : constant_bars_) x = T(0);
  }
  /// pbar += what all pulls since `start` gave.
  void finish(Backward& way, T* pbar) const {
    if constexpr (unrolled) gather(way, way.turn);
    BackFrame frame{{nullptr, constants_, {}, T(0), R(0), nullptr, {}, nullptr, {}},
                    nullptr,
                    nullptr,
                    nullptr,
                    {},
                    {},
                    {},
                    {},
                    {}};
    for (std::size_t i = 0; i < program.constants; ++i) frame.constant_bars[i] = constant_bars_[i];
    unroll<program.term_count>([&](auto j) {
      if constexpr (Base::is_gathered(j)) {
        T& bar = frame.constant_bars[place_of_coefficient(j)];
        for (std::size_t l = 0; l < lanes; ++l) bar = bar + way.sums[j][l];
      }
    });
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
  template <class K>
  [[gnu::always_inline]] static void advance(Frame& frame, K k) {
    unroll<program.size>([&](auto i) __attribute__((always_inline)) {
      if constexpr (unrolled && Base::is_operation(i) && Base::is_side(i)) frame.before[i] = frame.newest[i];
    });
    for_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (Base::is_operation(I)) {
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
      const T by = coefficient_over_order(frame, j, k, share);
      const T series = frame.get(k, Index<term.series>{}, k);
      constexpr bool first = j == 0 || program.terms[j == 0 ? 0 : j - 1].state != term.state;
      if constexpr (first && program.constant_slope[static_cast<std::size_t>(term.state)] < 0)
        next[term.state] = by * series;
      else
        next[term.state] = multiply_add(by, series, next[term.state]);
    });
    if constexpr (unrolled && is_compile_time_order<K>) {
      for_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
        if constexpr (Base::is_paired(I))
          frame.pairs->of[I][K::value] = Pair{frame.get(k, Index<Base::pair_of(I).x>{}, k),
                                              frame.get(k, Index<Base::pair_of(I).y>{}, k)};
      });
    }
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      if constexpr (unrolled && Base::is_side(i)) frame.before[i] = frame.newest[i];
      frame.c[(static_cast<std::size_t>(k) + 1) * stride + i] = frame.newest[i] = next[i];
    });
    hide(frame.c);
    if constexpr (is_order_0<K>) invert_divisors(frame);
  }
  [[gnu::always_inline]] static void invert_divisors(Frame& frame) {
    unroll<program.size>([&](auto i) __attribute__((always_inline)) {
      if constexpr (unrolled && Base::is_divisor(i))
        frame.inverse[i] = T(1) / frame.get(Base::none, Index<static_cast<std::int32_t>(i)>{}, Order<0>{});
    });
  }
  static constexpr auto inverse_orders = [] {
    std::array<R, Backward::row> inverse{};
    for (std::size_t k = 0; k < top; ++k) inverse[top - k] = R(1) / R(k + 1);
    return inverse;
  }();
  static constexpr std::size_t place_of_coefficient(std::size_t j) {
    return static_cast<std::size_t>(program.place[static_cast<std::size_t>(program.terms[j].coefficient)]);
  }
  [[gnu::always_inline]] inline void collect(BackFrame& frame) {
    unroll<program.size>([&](auto i) __attribute__((always_inline)) {
      if constexpr (program.live[i] && program.code[i].constant && (!unrolled || Base::is_collected(i))) {
        T& bar = constant_bars_[program.place[i]];
        bar = bar + frame.constant_bars[program.place[i]];
      }
    });
  }
  /// Cotangents of the coefficients of terms: sums over the orders of two rows.
  [[gnu::always_inline]] static void gather(Backward& way, std::size_t turn) {
    if (way.unit == 0) return;
    const T *const falling = way.falling(turn), *const slopes = way.slopes(turn);
    const auto load = [](const T* from) __attribute__((always_inline)) {
      Lanes x;
      std::memcpy(&x, from, sizeof x);
      return x;
    };
    unroll<Base::row_registers>([&](auto q) __attribute__((always_inline)) {
      const Lanes share = load(inverse_orders.data() + q * lanes) * way.unit;
      unroll<N>([&](auto i) __attribute__((always_inline)) {
        if constexpr (Base::gathers(i)) {
          const Lanes slope = load(slopes + i * Backward::row + q * lanes) * share;
          unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
            constexpr auto term = program.terms[j];
            if constexpr (Base::is_gathered(j) && term.state == static_cast<std::int32_t>(i)) {
              constexpr auto series = static_cast<std::size_t>(program.place[term.series]);
              way.sums[j] += slope * load(falling + series * Backward::row + q * lanes);
            }
          });
        }
      });
    });
  }
  template <class K>
  static constexpr bool is_order_0 = std::is_same_v<K, Order<0>>;
  template <class J, class K>
  [[gnu::always_inline]] static T coefficient_over_order(const Frame& frame, J, K k, R share) {
    if constexpr (unrolled && is_compile_time_order<K>)
      return frame.shares->of[K::value * program.term_count + J::value];
    else
      return frame.get(k, Index<program.terms[J::value].coefficient>{}, k) * share;
  }
  [[gnu::always_inline]] void share_out(R unit) {
    if constexpr (unrolled)
      if (unit != unit_) [[unlikely]]
        make_shares(unit);
  }
  [[gnu::noinline]] void make_shares(R unit) {
    for (std::size_t i = 0; i < Shares::size; ++i) shares_.of[i] = unit * per_order_.of[i];
    unit_ = unit;
  }
  template <class K>
  [[gnu::always_inline]] static void go_back(BackFrame& frame, K k) {
    using Slopes = BackView<program.size, K>;
    const R share = frame.forward.unit * inverse_of<R>(after(k));
    constexpr bool local = unrolled && is_compile_time_order<K>;
    if constexpr (local)
      hide(frame.falling);
    else
      hide(frame.bars);
    if constexpr (local) {
      unroll<program.size>([&](auto i) __attribute__((always_inline)) {
        if constexpr (program.across[i] && program.place[i] >= 0) {
          constexpr auto place = static_cast<std::size_t>(program.place[i]);
          frame.newest[i] = frame.below[place];
          if constexpr (K::value > 0)
            frame.below[place] = frame.lower[place][(K::value - 1) / lanes][(K::value - 1) % lanes];
        }
      });
    }
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      if constexpr (local && Base::gathers(i)) frame.slopes[i * Backward::row + top - k] = frame.above[i];
    });
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto term = program.terms[j];
      const T y = frame.above[term.state];
      const Slopes view{frame};
      const T x = y * coefficient_over_order(frame.forward, j, k, share);
      if constexpr (Base::is_first_of_temporary(j))
        frame.newest[term.series] = x;
      else
        view.bar(Index<term.series>{}, k, x);
      if constexpr (!(local && Base::is_gathered(j)) &&
                    program.code[static_cast<std::size_t>(term.coefficient)].kind != S::literal)
        view.bar(Index<term.coefficient>{}, k, (y * share) * view.get(Index<term.series>{}, k));
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      constexpr std::int32_t constant = program.constant_slope[i];
      if constexpr (constant >= 0)
        if (static_cast<std::size_t>(k) == 0) Slopes{frame}.bar(Index<constant>{}, k, frame.above[i] * share);
    });
    back_from_instructions([&]<std::size_t I>(Order<I>) __attribute__((always_inline)) {
      constexpr SeriesInstruction op = program.code[I];
      if constexpr (Base::is_operation(I)) {
        T y = [&] {
          if constexpr (Base::is_temporary(I) || local)
            return frame.newest[I];
          else
            return frame
                .bars[static_cast<std::size_t>(program.place[I]) * height + static_cast<std::size_t>(k)];
        }();
#ifdef __clang__
        Base::keep_state_apart(
            y);  // it packs the products with y, too; for g++ this would be a move in the chain
#endif
        BackView<I, K> view{frame};
        pull_series_coefficient<op.kind, T>(view, op, Index<op.a>{}, Index<op.b>{}, k, y);
      }
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      frame.above[i] = local ? frame.newest[i] : frame.bars[i * height + static_cast<std::size_t>(k)];
      Base::keep_state_apart(frame.above[i]);
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
  Shares per_order_{}, shares_{};
  R unit_ = 0;  // of the shares
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
