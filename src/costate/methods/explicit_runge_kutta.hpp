#pragma once

#include <costate/core/detail/keep_apart.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/slope_sums.hpp>
#include <costate/methods/detail/state_pack.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/methods/stability.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace costate {

namespace detail {

/// The engine of all explicit Runge–Kutta methods: one step, its dense output and its error, over the table
/// of the method.
///
/// Stage inputs are written to a slot of `slot_vectors` vectors, which begins with the state: what the
/// pullback needs. Rhs is called as rhs(const T* u, Time t, T* du). Time is double, or the scalar T where the
/// ends of the span are differentiated.
template <ExplicitRungeKuttaMethod Method, class Rhs, class T, std::size_t N, class Time = double>
class ExplicitRungeKutta : public SlopeSums<Method, T, N, Time> {
  using Sums = SlopeSums<Method, T, N, Time>;
  using Sums::combine, Sums::has_packs, Sums::k_, Sums::n_, Sums::next_, Sums::next_state_, Sums::sum_slopes;
  using typename Sums::Packs, typename Sums::Real;

 public:
  using Sums::extra, Sums::fsal, Sums::size, Sums::stages, Sums::table;
  /// Evaluations of f: in a tried step, for its dense output, and whether accepting it costs one.
  static constexpr std::size_t evaluations_in_step = stages - 1;
  static constexpr std::size_t evaluations_for_dense = extra;
  static constexpr bool evaluates_at_accept = !fsal;

  ExplicitRungeKutta(const Method&, Rhs rhs, std::size_t n) : Sums(n), rhs_(std::move(rhs)) {}
  /// From now on a slot is one vector, the state: nobody asks for stage inputs, so that all of them share the
  /// memory that is in the cache, and the state after a step is taken by `take_next_state` without a copy.
  void keep_no_stages() requires(N == dynamic) {
    next_ = unfilled<T, N>(n_);
    input_ = unfilled<T, N>(n_);
    keeps_stages_ = false;
  }
  bool keeps_stages() const { return keeps_stages_; }
  void take_next_state(Vector<T, N>& slot) requires(N == dynamic) { std::swap(slot, next_); }

  const Rhs& rhs() const { return rhs_; }
  /// f(u, t) at the start or after a discontinuity.
  void restart(const T* u, const Time& t) { rhs_(u, t, k_[0].data()); }

  /// One step from slot[0 … n) of size h; fills the inputs of the main stages.
  [[gnu::always_inline]] inline void step(T* slot, const Time t, const Time h) {
    if constexpr (has_packs) {
      const auto u = Packs::of(slot);
      PackedSlopes<T, N, stages> k(h);
      k.template load<0>(k_[0]);
      Vector<T, N> next;
      unroll<stages - 1>([&](auto I) __attribute__((always_inline)) {
        evaluate_packed_stage<I + 1>(k, u, slot, t, h, next);
      });
      if constexpr (!fsal) k.template sum<nonzero(table.b)>(next.data(), u, table.b);
      Packs::store(next_, Packs::of(next.data()));
    } else {
      unroll<stages - 1>([&](auto I) __attribute__((always_inline)) { evaluate_stage<I + 1>(slot, t, h); });
      if constexpr (fsal)
        next_state_ = input_of<stages - 1>(slot);
      else
        sum_slopes(places<nonzero(table.b)>(), next_.data(), slot, table.b, h);
    }
  }

  /// Up to |h λ| of this, λ < 0, a step damps.
  static double stability_interval() {
    constexpr double interval = real_stability_interval(table);
    return interval;
  }
  static constexpr StagePair pair = stages_at_one_time(table);
  /// |λ| of what decays fastest; counts the evaluations of f that it takes. Two stages at one time tell it
  /// for nothing, but not while the solution has no part in that direction. So the first steps, and then one
  /// in eight, are probed too, and every one while that is not far from the end of stability.
  double stiffness(const T* slot, const Time& t, const Time& h, const ErrorScale<Real>& scale,
                   std::size_t& evaluations) {
    const std::size_t n = size();
    const double size_of_step = static_cast<double>(plain(h));
    double rate = 0;
    if constexpr (pair.later > 0) {
      const T *k = k_[pair.later].data(), *k_before = k_[pair.earlier].data();
      const T *u = slot + pair.later * n, *u_before = slot + pair.earlier * n;
      rate = decay_estimate(
                 slot, n, size_of_step, scale,
                 [&](std::size_t m) { return static_cast<double>(plain(k[m]) - plain(k_before[m])); },
                 [&](std::size_t m) { return static_cast<double>(plain(u[m]) - plain(u_before[m])); })
                 .rate;
      if (++estimates_ % 8 != 0 && estimates_ > 3 &&
          std::abs(size_of_step) * probe_.rate() < 0.5 * stability_interval())
        return rate;
    }
    ++evaluations;
    probe_.find(rhs_, slot + (stages - 1) * n, t + h * table.c[stages - 1], k_[stages - 1].data(), n,
                size_of_step, scale);
    return probe_.rate() > rate ? probe_.rate() : rate;
  }

  /// What `read` and `dense_coefficients` need beside the step.
  [[gnu::always_inline]] inline void evaluate_extra_stages([[maybe_unused]] T* slot,
                                                           [[maybe_unused]] const Time& t,
                                                           [[maybe_unused]] const Time& h) {
    if constexpr (has_packs && extra > 0) {
      const auto u = Packs::of(slot);
      PackedSlopes<T, N, stages + extra> k(h);
      unroll<stages>([&](auto I) __attribute__((always_inline)) { k.template load<I>(k_[I]); });
      Vector<T, N> input;
      unroll<extra>([&](auto I) __attribute__((always_inline)) {
        evaluate_packed_stage<stages + I>(k, u, slot, t, h, input);
      });
    } else {
      unroll<extra>([&](auto I) __attribute__((always_inline)) { evaluate_stage<stages + I>(slot, t, h); });
    }
  }
  /// c₀ … c_degree with u(t + θh) = Σ c_q θ^q; evaluates the extra stages.
  [[gnu::always_inline]] inline void dense_output(T* slot, const Time& t, const Time& h, T* coefficients) {
    evaluate_extra_stages(slot, t, h);
    this->dense_coefficients(slot, h, coefficients);
  }
  /// Makes the end of the step the start of the next one: k₁ is taken over or evaluated.
  [[gnu::always_inline]] inline void accept(const T* u, const Time& t) {
    if constexpr (fsal) {
      if constexpr (N == dynamic)
        std::swap(k_[0], k_[stages - 1]);
      else
        k_[0] = k_[stages - 1];
    } else if constexpr (has_packs) {
      Vector<T, N> slope;
      rhs_(u, t, slope.data());
      Packs::store(k_[0], Packs::of(slope.data()));
    } else {
      rhs_(u, t, k_[0].data());
    }
  }

 private:
  template <std::size_t I, class Packed>
  [[gnu::always_inline]] inline void evaluate_packed_stage(Packed& k, const typename Packed::Pack& u, T* slot,
                                                           double t, double h, Vector<T, N>& input) {
    Vector<T, N> slope;
    k.template sum<nonzero(table.a[I])>(input.data(), u, table.a[I]);
    for_components<N>(
        N, [&](std::size_t m) __attribute__((always_inline)) { slot[I * N + m] = input[m]; });
    rhs_(input.data(), t + h * table.c[I], slope.data());
    // each number of the next input waits for one of these alone
    if constexpr (N <= 4 && !GivesRegister<Rhs>)
      for_components<N>(
          N, [&](std::size_t m) __attribute__((always_inline)) { keep_apart(slope[m]); });
    Packs::store(k_[I], k.template set<I>(slope.data()));
  }
  /// Where the input of stage I is written.
  template <std::size_t I>
  [[gnu::always_inline]] inline T* input_of(T* slot) {
    if constexpr (N == dynamic)
      if (!keeps_stages_) return fsal && I == stages - 1 ? next_.data() : input_.data();
    return slot + I * size();
  }
  template <std::size_t I>
  [[gnu::always_inline]] inline void evaluate_stage(T* slot, const Time& t, const Time& h) {
    T* input = input_of<I>(slot);
    const Time time = t + h * table.c[I];
    if constexpr (N != dynamic) {
      // a local copy keeps small states in registers whatever else may point into the slot
      Vector<T, N> local;
      for_components<N>(
          size(), [&](std::size_t m) __attribute__((always_inline)) {
            local[m] = combine(places<nonzero(table.a[I])>(), slot[m], table.a[I], h, m);
          });
      for_components<N>(
          size(), [&](std::size_t m) __attribute__((always_inline)) { input[m] = local[m]; });
      rhs_(local.data(), time, k_[I].data());
    } else {
      sum_slopes(places<nonzero(table.a[I])>(), input, slot, table.a[I], h);
      rhs_(input, time, k_[I].data());
    }
  }

  Rhs rhs_;
  [[no_unique_address]] std::conditional_t<N == dynamic, Vector<T, N>, std::type_identity<T>> input_{};
  DecayProbe<T, N> probe_;
  std::size_t estimates_ = 0;
  bool keeps_stages_ = true;
};

}  // namespace detail
}  // namespace costate
