#pragma once

#include <costate/core/math.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/core/weighted_sum.hpp>
#include <costate/methods/explicit_tableau.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/methods/stability.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
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
class ExplicitRungeKutta {
 public:
  using StateScalar = T;
  using TimeScalar = Time;
  using Real = base_t<T>;
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t degree = std::remove_cvref_t<decltype(table)>::degree;
  static constexpr bool fsal = table.fsal;
  static constexpr int order = table.order;
  static constexpr bool has_error_estimate = table.embedded_order > 0;
  static constexpr bool has_second_estimate = table.second_embedded_order > 0;
  static constexpr int estimate_order =
      has_second_estimate ? 2 * table.embedded_order - table.second_embedded_order : table.embedded_order;
  static constexpr int error_order = has_error_estimate && estimate_order < order ? estimate_order : order;
  static constexpr std::size_t slot_vectors = stages + extra;
  /// States of run-time size pass through the compiled loops, one pass a sum.
  static constexpr bool has_kernels =
      N == dynamic && std::is_floating_point_v<T> && std::is_same_v<Time, double>;
  /// Evaluations of f: in a tried step, for its dense output, and whether accepting it costs one.
  static constexpr std::size_t evaluations_in_step = stages - 1;
  static constexpr std::size_t evaluations_for_dense = extra;
  static constexpr bool evaluates_at_accept = !fsal;

  ExplicitRungeKutta(const Method&, Rhs rhs, std::size_t n)
      : rhs_(std::move(rhs)), n_(n), next_(unfilled<T, N>(fsal ? 0 : n)) {
    for (auto& k : k_) k = zeros<T, N>(n);
  }
  /// From now on a slot is one vector, the state: nobody asks for stage inputs, so that all of them share the
  /// memory that is in the cache, and the state after a step is taken by `take_next_state` without a copy.
  void keep_no_stages() requires(N == dynamic) {
    next_ = unfilled<T, N>(n_);
    input_ = unfilled<T, N>(n_);
    keeps_stages_ = false;
  }
  bool keeps_stages() const { return keeps_stages_; }
  void take_next_state(Vector<T, N>& slot) requires(N == dynamic) { std::swap(slot, next_); }

  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return n_;
  }
  const Rhs& rhs() const { return rhs_; }
  /// f(u, t) at the start or after a discontinuity.
  void restart(const T* u, const Time& t) { rhs_(u, t, k_[0].data()); }
  /// The first slope, as `restart` or the last step left it.
  const T* slope() const { return k_[0].data(); }
  T* slope() { return k_[0].data(); }

  /// One step from slot[0 … n) of size h; fills the inputs of the main stages.
  [[gnu::always_inline]] inline void step(T* slot, const Time& t, const Time& h) {
    unroll<stages>([&](auto I) __attribute__((always_inline)) {
      constexpr std::size_t i = I;
      if constexpr (i > 0) evaluate_stage<i>(slot, t, h);
    });
    if constexpr (fsal) {
      next_state_ = input_of<stages - 1>(slot);
    } else {
      sum_slopes(places<nonzero(table.b)>(), next_.data(), slot, table.b, h);
      next_state_ = next_.data();
    }
  }
  /// The state at the end of the step.
  const T* next_state() const { return next_state_; }

  /// The squared scaled error of the step; values only, derivatives do not steer.
  [[gnu::always_inline]] inline double error(const T* slot, const Time& h,
                                             const ErrorScale<Real>& scale) const {
    const std::size_t n = size();
    const Real step = static_cast<Real>(plain(h));
    if constexpr (has_kernels) {
      if (n >= weighted_sum_from) return error_of_vectors(slot, step, scale);
    }
    Real total(0);
    [[maybe_unused]] Real second_total(0);
    const auto component = [&](std::size_t m, Real abstol, Real reltol) __attribute__((always_inline)) {
      const Real e = plain_sum(places<nonzero(table.e)>(), table.e, step, m);
      const Real before = abs(plain(slot[m])), after = abs(plain(next_state_[m]));
      const Real scale_of_m = abstol + reltol * (before < after ? after : before);
      const Real scaled = e / scale_of_m;
      total += scaled * scaled;
      if constexpr (has_second_estimate) {
        const Real second =
            plain_sum(places<nonzero(table.second_e)>(), table.second_e, step, m) / scale_of_m;
        second_total += second * second;
      }
    };
    if (scale.abstols.empty() && scale.reltols.empty()) {
      for_components<N>(
          n, [&](std::size_t m) __attribute__((always_inline)) { component(m, scale.abstol, scale.reltol); });
    } else {
      for (std::size_t m = 0; m < n; ++m) component(m, scale.abstols[m], scale.reltols[m]);
    }
    return mean(static_cast<double>(total), static_cast<double>(second_total));
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

  /// c₀ … c_degree with u(t + θh) = Σ c_q θ^q; evaluates the extra stages.
  [[gnu::always_inline]] inline void dense_output(T* slot, const Time& t, const Time& h, T* coefficients) {
    const std::size_t n = size();
    unroll<extra>([&](auto I) __attribute__((always_inline)) {
      evaluate_stage<stages + decltype(I)::value>(slot, t, h);
    });
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) { coefficients[m] = slot[m]; });
    unroll<degree>([&](auto Q) __attribute__((always_inline)) {
      constexpr std::size_t q = Q;
      T* c = coefficients + (q + 1) * n;
      constexpr auto row = dense_column(q);
      if constexpr (has_kernels) {
        if (n >= weighted_sum_from)
          return dense_vector(places<nonzero(row)>(), c, slot, split.increment[q], row, h);
      }
      for_components<N>(
          n, [&](std::size_t m) __attribute__((always_inline)) {
            T start(0);
            if constexpr (split.increment[q] != 0)
              start = static_cast<Real>(split.increment[q]) * (next_state_[m] - slot[m]);
            c[m] = combine(places<nonzero(row)>(), start, row, h, m);
          });
    });
  }

  /// Makes the end of the step the start of the next one: k₁ is taken over or evaluated.
  [[gnu::always_inline]] inline void accept(const T* u, const Time& t) {
    if constexpr (fsal) {
      if constexpr (N == dynamic)
        std::swap(k_[0], k_[stages - 1]);
      else
        k_[0] = k_[stages - 1];
    } else {
      rhs_(u, t, k_[0].data());
    }
  }

  /// kᵢ, for the derivatives by the step size.
  const T* stage_slope(std::size_t i) const { return k_[i].data(); }

 private:
  /// The weights of c_{q+1} on the slopes.
  static constexpr auto split = dense_weights(table);
  static constexpr auto dense_column(std::size_t q) {
    std::array<double, slot_vectors> column{};
    for (std::size_t j = 0; j < slot_vectors; ++j) column[j] = split.rest[j][q];
    return column;
  }
  /// h·a in the arithmetic of the state.
  [[gnu::always_inline]] static auto scaled(const Time& h, double a) {
    if constexpr (PlainScalar<Time>)
      return static_cast<Real>(h * a);
    else
      return h * a;
  }
  // The newest slope is added last: one multiply-add from it to the next stage.
  template <std::size_t... J, class Row>
  [[gnu::always_inline]] inline T combine(std::index_sequence<J...>, const T& base, const Row& row,
                                          const Time& h, std::size_t m) const {
    T sum = base;
    ((sum = sum + scaled(h, row[J]) * k_[J][m]), ...);
    return sum;
  }
  template <std::size_t... J, class Row>
  [[gnu::always_inline]] inline Real plain_sum(std::index_sequence<J...>, [[maybe_unused]] const Row& row,
                                               [[maybe_unused]] Real h,
                                               [[maybe_unused]] std::size_t m) const {
    Real sum(0);
    ((sum += (h * static_cast<Real>(row[J])) * plain(k_[J][m])), ...);
    return sum;
  }
  /// out = base + h Σ row[j] kⱼ
  template <std::size_t... J, class Row>
  [[gnu::always_inline]] inline void sum_slopes(std::index_sequence<J...> j, T* out, const T* base,
                                                const Row& row, const Time& h) const {
    const std::size_t n = size();
    if constexpr (has_kernels) {
      if (n >= weighted_sum_from) return sum_vectors(j, out, base, row, h);
    }
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) { out[m] = combine(j, base[m], row, h, m); });
  }
  template <std::size_t... J, class Row>
  void sum_vectors(std::index_sequence<J...>, T* out, const T* base, [[maybe_unused]] const Row& row,
                   [[maybe_unused]] const Time& h) const {
    TermList<T, slot_vectors> terms;
    (terms(scaled(h, row[J]), k_[J].data()), ...);
    terms.add_to(out, base, n_);
  }
  /// out = increment (u₊ − u) + h Σ row[j] kⱼ
  template <std::size_t... J, class Row>
  void dense_vector(std::index_sequence<J...>, T* out, const T* slot, double increment,
                    [[maybe_unused]] const Row& row, [[maybe_unused]] const Time& h) const {
    TermList<T, slot_vectors + 1> difference, terms;
    if (increment != 0) {
      difference(T(-1), slot);
      difference.add_to(out, next_state_, n_);
      terms(static_cast<T>(increment), out);
    }
    (terms(scaled(h, row[J]), k_[J].data()), ...);
    terms.add_to(out, nullptr, n_);
  }
  double error_of_vectors(const T* slot, T h, const ErrorScale<Real>& scale) const {
    const bool lists = !scale.abstols.empty() || !scale.reltols.empty();
    const ScaledErrorOf<T> of{slot,
                              next_state_,
                              scale.abstol,
                              scale.reltol,
                              lists ? scale.abstols.data() : nullptr,
                              lists ? scale.reltols.data() : nullptr};
    const auto total = [&]<std::size_t... J>(std::index_sequence<J...>, const auto& row) {
      TermList<T, slot_vectors> terms;
      (terms(h * static_cast<T>(row[J]), k_[J].data()), ...);
      return terms.error(of, n_);
    };
    double second = 0;
    if constexpr (has_second_estimate) second = total(places<nonzero(table.second_e)>(), table.second_e);
    return mean(total(places<nonzero(table.e)>(), table.e), second);
  }
  /// The squared norm of the error from the sums of squares of the estimates.
  [[gnu::always_inline]] inline double mean(double total, [[maybe_unused]] double second_total) const {
    const double n = static_cast<double>(size()), squared = total / n;
    if constexpr (has_second_estimate) {
      const double sum = squared + 0.01 * (second_total / n);
      return sum == 0 ? 0.0 : squared * (squared / sum);
    } else {
      return squared;
    }
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
  std::size_t n_;
  std::array<Vector<T, N>, stages + extra> k_{};
  Vector<T, N> next_{};
  [[no_unique_address]] std::conditional_t<N == dynamic, Vector<T, N>, std::type_identity<T>> input_{};
  DecayProbe<T, N> probe_;
  std::size_t estimates_ = 0;
  bool keeps_stages_ = true;
  const T* next_state_ = nullptr;
};

}  // namespace detail
}  // namespace costate
