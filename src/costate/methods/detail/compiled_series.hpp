#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series_frames.hpp>

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
    Frame frame{nullptr, constants_, {}, T(0), R(0), nullptr, {}, nullptr};
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
    Frame frame{c, constants_, {}, t, unit, &shares_, {}, &pairs};
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

  /// Cotangents of the coefficients of the states become those of the states at order 0 and, in the
  /// constants, of the parameters. seed(i, bars, count) fills in those of state i.
  template <class Seed>
  [[gnu::always_inline]] inline void pull(const F&, VectorView<const PT, M>, const T* c, const T& t, R unit,
                                          std::size_t order, const Seed& seed, T* ubar) {
    share_out(unit);
    alignas(64) T bars[(stride == 0 ? 1 : stride) * height];
    alignas(64) T falling[unrolled ? (stride == 0 ? 1 : stride) * height : 1];
    BackFrame frame{{const_cast<T*>(c), constants_, {}, t, unit, &shares_, {}, nullptr},
                    bars,
                    falling,
                    {},
                    {},
                    {},
                    {},
                    {}};
    for (std::size_t i = 0; i < program.constants; ++i) frame.constant_bars[i] = T(0);
    unroll<stride>([&](auto i) __attribute__((always_inline)) {
      if constexpr (i < N)
        seed(i, bars + i * height, height);
      else
        for (std::size_t k = 0; k < height; ++k) bars[i * height + k] = T(0);
      if constexpr (unrolled) {
        const std::size_t known = order < top ? order : top;
        for (std::size_t k = 0; k <= known; ++k) falling[i * height + top - k] = c[k * stride + i];
        for (std::size_t k = 1; k < 8; ++k) falling[i * height + top + k] = T(0);
      }
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) { frame.above[i] = bars[i * height + order]; });
    if constexpr (unrolled) invert_divisors(frame.forward);
    const auto body = [&](auto k) __attribute__((always_inline)) {
      go_back(frame, k);
    };
    if constexpr (unrolled) {
      for (std::size_t k = order; k-- > Unrolled;) body(k);
      const std::size_t first = order < Unrolled ? order : Unrolled;
      unroll<stride>([&](auto i) __attribute__((always_inline)) {
        frame.below[i] = bars[i * height + first - 1];
        unroll<lower_registers>([&](auto q) __attribute__((always_inline)) {
          Lanes x;
          std::memcpy(&x, bars + i * height + q * lanes, sizeof x);
          frame.lower[i][q] = x;
        });
      });
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
    BackFrame frame{
        {nullptr, constants_, {}, T(0), R(0), nullptr, {}, nullptr}, nullptr, nullptr, {}, {}, {}, {}, {}};
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
  template <class K>
  [[gnu::always_inline]] static void advance(Frame& frame, K k) {
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
    hide(frame.bars);
    constexpr bool local = unrolled && is_compile_time_order<K>;
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
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto series = static_cast<std::size_t>(program.terms[j].series);
      if constexpr (Base::is_temporary(series)) frame.newest[series] = T(0);
    });
    unroll<program.term_count>([&](auto j) __attribute__((always_inline)) {
      constexpr auto term = program.terms[j];
      const T y = frame.above[term.state];
      const Slopes view{frame};
      view.bar(Index<term.series>{}, k, y * coefficient_over_order(frame.forward, j, k, share));
      if constexpr (program.code[static_cast<std::size_t>(term.coefficient)].kind != S::literal)
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
        const T y = [&] {
          if constexpr (Base::is_temporary(I) || local)
            return frame.newest[I];
          else
            return frame
                .bars[static_cast<std::size_t>(program.place[I]) * height + static_cast<std::size_t>(k)];
        }();
        BackView<I, K> view{frame};
        pull_series_coefficient<op.kind, T>(view, op, Index<op.a>{}, Index<op.b>{}, k, y);
      }
    });
    unroll<N>([&](auto i) __attribute__((always_inline)) {
      frame.above[i] = local ? frame.newest[i] : frame.bars[i * height + static_cast<std::size_t>(k)];
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
