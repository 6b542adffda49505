#pragma once

#include <costate/ad/vjp.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/interpolant_weights.hpp>
#include <costate/methods/detail/state_pack.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Column i of a table of stages, rows from … to − 1, the others zero.
template <class Method>
constexpr auto column_of_stages(std::size_t i, std::size_t from, std::size_t to) {
  std::array<double, std::tuple_size_v<decltype(Method::tableau.c)>> values{};
  for (std::size_t j = from > i ? from : i + 1; j < to; ++j) values[j] = Method::tableau.a[j][i];
  return values;
}

/// ExplicitRungeKuttaPullback for states that fit a register; its formulas stand there.
template <class Method, class Vjp, class T, std::size_t N>
class PackedPullback {
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t count = stages + extra;
  static constexpr bool fsal = table.fsal;
  static constexpr std::size_t last = fsal ? stages - 1 : stages;
  using Weights = InterpolantWeights<Method, T>;
  static constexpr bool has_increment = Weights::increments > 0;
  using Packs = StatePack<T, N>;
  using Pack = typename Packs::Pack;
  static constexpr auto column(std::size_t i, std::size_t from, std::size_t to) {
    return column_of_stages<Method>(i, from, to);
  }
  template <std::uint64_t Bits>
  static constexpr std::size_t lowest = Bits == 0 ? 0 : std::countr_zero(Bits);

 public:
  static constexpr std::size_t read_vectors = 1 + Weights::count;

  PackedPullback(const Method&, Vjp& vjp, std::size_t) : vjp_(vjp) { vjp_.start(); }
  void finish(T* pbar) const { vjp_.finish(pbar); }
  const T* carry() const { return carry_.data(); }

  [[gnu::always_inline]] inline void add_read(T* reads, double theta, const T* g, bool first) const {
    const Weights weights(static_cast<T>(theta));
    const Pack pack = Packs::read(g);
    const auto add = [&](T * to, const Pack& term) __attribute__((always_inline)) {
      Packs::write(to, first ? term : Packs::read(to) + term);
    };
    add(reads, pack);
    unroll<Weights::count>([&](auto I) __attribute__((always_inline)) {
      add(reads + (I + 1) * N, weights[I] * pack);
    });
  }

  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense,
                                          bool fresh) {
    const T step = static_cast<T>(h);
    if (dense != nullptr) pull_reads(slot, t, h, dense);
    const auto of_reads = [&](std::size_t i) __attribute__((always_inline)) {
      return dense != nullptr ? Packs::load(from_reads_.stage[i]) : Pack{};
    };
    Vector<T, N> now, kbar, vbar;
    for_components<N>(
        N, [&](std::size_t m) __attribute__((always_inline)) { now[m] = lambda[m]; });
    if constexpr (has_increment) {
      if (dense != nullptr)
        for_components<N>(
            N, [&](std::size_t m) __attribute__((always_inline)) { now[m] = now[m] + from_reads_.after[m]; });
    }
    LocalVjp<Vjp> vjp(vjp_);
    if constexpr (fsal) {
      // the last stage is f at the new state: its cotangent comes from the next step and from dense output
      const Pack reads = of_reads(stages - 1);
      for_components<N>(
          N, [&](std::size_t m) __attribute__((always_inline)) { kbar[m] = carry_[m] + reads[m]; });
      vjp(slot + (stages - 1) * N, t + h, kbar.data(), vbar.data());
      for_components<N>(
          N, [&](std::size_t m) __attribute__((always_inline)) { now[m] = now[m] + vbar[m]; });
    }
    const Pack after = Packs::of(now.data()), scaled_after = step * after;
    Pack before = after;
    if (dense != nullptr) before = before + Packs::load(from_reads_.before);
    PackedSlopes<T, N, stages> v(step);
    unroll<last>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = last - 1 - R;
      constexpr auto later = column(i, i + 1, last);
      constexpr auto bits = nonzero(later);
      if constexpr (bits == 0) {
        const Pack reads = of_reads(i);
        for_components<N>(
            N, [&](std::size_t m) __attribute__((always_inline)) {
              kbar[m] = reads[m] + (step * static_cast<T>(table.b[i])) * now[m];
            });
      } else {
        Pack base = of_reads(i);
        if constexpr (table.b[i] != 0) base = base + static_cast<T>(table.b[i]) * scaled_after;
        v.template sum<bits, lowest<bits>>(kbar.data(), base, later);
      }
      if (i > 0 || !fsal || fresh) {
        vjp(slot + i * N, t + h * table.c[i], kbar.data(), vbar.data());
        before = before + v.template set<i>(vbar.data());
      }
    });
    if (!fsal || fresh)
      carry_ = Vector<T, N>();
    else
      carry_ = kbar;
    for_components<N>(
        N, [&](std::size_t m) __attribute__((always_inline)) { lambda[m] = before[m]; });
  }

 private:
  /// What reads give to the states before and after the step and to the slopes of its main stages.
  struct FromReads {
    typename Packs::Stored before, after, stage[stages];
  };
  [[gnu::always_inline]] inline void pull_reads(const T* slot, double t, double h, const T* dense) {
    FromReads& from = from_reads_;
    const T step = static_cast<T>(h);
    const auto of_stage = [&](auto I) __attribute__((always_inline)) {
      if constexpr (Weights::enters(I))
        return Pack(step * Packs::read(dense + (1 + Weights::place(I)) * N));
      else
        return Pack{};
    };
    Pack before = Packs::read(dense);
    if constexpr (has_increment) {
      const Pack increment = Packs::read(dense + N);
      Packs::store(from.after, increment);
      before = before - increment;
    }
    PackedSlopes<T, N, count> v(step);
    if constexpr (extra > 0) {
      LocalVjp<Vjp> vjp(vjp_);
      unroll<extra>([&](auto R) __attribute__((always_inline)) {
        constexpr std::size_t i = count - 1 - R;
        constexpr auto bits = nonzero(column(i, i + 1, count));
        Vector<T, N> kbar, vbar;
        v.template sum<bits, lowest<bits>>(kbar.data(), of_stage(std::integral_constant<std::size_t, i>{}),
                                           column(i, i + 1, count));
        vjp(slot + i * N, t + h * table.c[i], kbar.data(), vbar.data());
        before = before + v.template set<i>(vbar.data());
      });
    }
    unroll<stages>([&](auto I) __attribute__((always_inline)) {
      constexpr auto later = column(I, stages, count);
      Packs::store(from.stage[I], v.template sum<nonzero(later)>(of_stage(I), later));
    });
    Packs::store(from.before, before);
  }

  Vjp& vjp_;
  Vector<T, N> carry_{};
  FromReads from_reads_{};
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
