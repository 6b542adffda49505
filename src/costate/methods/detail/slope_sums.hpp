#pragma once

#include <costate/core/math.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/core/weighted_sum.hpp>
#include <costate/methods/detail/interpolant_weights.hpp>
#include <costate/methods/detail/state_pack.hpp>
#include <costate/methods/explicit_tableau.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// The slopes of a step of an explicit Runge–Kutta method and all that is summed over them: the state at its
/// end, its error, its dense output. What evaluates f is ExplicitRungeKutta.
template <class Method, class T, std::size_t N, class Time>
class SlopeSums {
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
  static constexpr bool reads_slot = true;
  static constexpr std::size_t extent = N;

  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return n_;
  }
  /// The first slope, as `restart` or the last step left it.
  const T* slope() const { return k_[0].data(); }
  T* slope() { return k_[0].data(); }

  /// The state at the end of the step.
  [[gnu::always_inline]] inline const T* next_state() const {
    if constexpr (fsal && !has_packs)
      return next_state_;
    else
      return next_.data();
  }

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
    [[maybe_unused]] Vector<T, N> packed_e, packed_second;
    if constexpr (has_packs) {
      sum_packs<nonzero(table.e)>(packed_e.data(), table.e, h);
      if constexpr (has_second_estimate)
        sum_packs<nonzero(table.second_e)>(packed_second.data(), table.second_e, h);
    }
    const auto component = [&](std::size_t m, Real abstol, Real reltol) __attribute__((always_inline)) {
      const Real e = has_packs ? plain(packed_e[m]) : plain_sum(places<nonzero(table.e)>(), table.e, step, m);
      const Real before = abs(plain(slot[m])), after = abs(plain(next_state()[m]));
      const Real scale_of_m = abstol + reltol * (before < after ? after : before);
      const Real scaled = e / scale_of_m;
      total += scaled * scaled;
      if constexpr (has_second_estimate) {
        const Real second =
            (has_packs ? plain(packed_second[m])
                       : plain_sum(places<nonzero(table.second_e)>(), table.second_e, step, m)) /
            scale_of_m;
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

  /// u(t + θh)
  [[gnu::always_inline]] inline void read(const T* slot, const Time& h, double theta, T* values) const {
    const Weights weights(static_cast<Real>(theta));
    read_slopes(places<Weights::slopes>(), weights, slot, static_cast<Real>(h), values);
  }
  [[gnu::always_inline]] inline void dense_coefficients(const T* slot, const Time& h, T* coefficients) const {
    const std::size_t n = size();
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
      if constexpr (has_packs) {
        typename Packs::Pack sum{};
        [&]<std::size_t... J>(std::index_sequence<J...>) __attribute__((always_inline)) {
          ((sum = sum + static_cast<T>(row[J]) * Packs::load(k_[J])), ...);
        }
        (places<nonzero(row)>());
        sum = static_cast<T>(h) * sum;
        if constexpr (split.increment[q] != 0)
          sum = sum + static_cast<T>(split.increment[q]) * (Packs::load(next_) - Packs::of(slot));
        Packs::write(c, sum);
        return;
      }
      for_components<N>(
          n, [&](std::size_t m) __attribute__((always_inline)) {
            T start(0);
            if constexpr (split.increment[q] != 0)
              start = static_cast<Real>(split.increment[q]) * (next_state()[m] - slot[m]);
            c[m] = combine(places<nonzero(row)>(), start, row, h, m);
          });
    });
  }

  /// kᵢ, for the derivatives by the step size.
  const T* stage_slope(std::size_t i) const { return k_[i].data(); }

 protected:
  using Packs = StatePack<T, N>;
  static constexpr bool has_packs = std::is_same_v<Time, double> && fits_pack<T, N>();
  // whatever the flags of the file: an integrator may be handed from one to another
  using Slope = typename SlopeOf<T, N, may_have_pack<T, N>()>::type;

  explicit SlopeSums(std::size_t n) : n_(n) {
    if constexpr (N == dynamic) {
      for (auto& k : k_) k = zeros<T, N>(n);
      next_ = unfilled<T, N>(fsal ? 0 : n);
    }
  }
  /// out = h Σ row[j] kⱼ over the bits of Bits.
  template <std::uint64_t Bits, class Row>
  [[gnu::always_inline]] inline void sum_packs(T* out, const Row& row, double h) const {
    using Packed = PackedSlopes<T, N, stages + extra>;
    Packed k(static_cast<T>(h));
    unroll<stages + extra>([&](auto I) __attribute__((always_inline)) {
      if constexpr ((Bits >> I & 1) != 0) k.template load<I>(k_[I]);
    });
    k.template sum<Bits>(out, typename Packed::Pack{}, row);
  }
  using Weights = InterpolantWeights<Method, Real>;
  template <std::size_t... J>
  [[gnu::always_inline]] inline void read_slopes(std::index_sequence<J...>, const Weights& weights,
                                                 const T* slot, Real h, T* values) const {
    const std::size_t n = size();
    if constexpr (has_kernels) {
      if (n >= weighted_sum_from) {
        TermList<T, Weights::count + 1> terms;
        if constexpr (split.has_increment) {
          terms(-weights.increment(), slot);
          terms(weights.increment(), next_state());
        }
        (terms(h * weights.of(J), k_[J].data()), ...);
        return terms.add_to(values, slot, n);
      }
    }
    if constexpr (has_packs) {
      typename Packs::Pack sum{};
      ((sum = sum + weights.of(J) * Packs::load(k_[J])), ...);
      sum = Packs::of(slot) + h * sum;
      if constexpr (split.has_increment)
        sum = sum + weights.increment() * (Packs::load(next_) - Packs::of(slot));
      Packs::write(values, sum);
      return;
    }
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) {
          T sum = slot[m];
          if constexpr (split.has_increment) sum = sum + weights.increment() * (next_state()[m] - slot[m]);
          ((sum = sum + (h * weights.of(J)) * k_[J][m]), ...);
          values[m] = sum;
        });
  }
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
      difference.add_to(out, next_state(), n_);
      terms(static_cast<T>(increment), out);
    }
    (terms(scaled(h, row[J]), k_[J].data()), ...);
    terms.add_to(out, nullptr, n_);
  }
  double error_of_vectors(const T* slot, T h, const ErrorScale<Real>& scale) const {
    const bool lists = !scale.abstols.empty() || !scale.reltols.empty();
    const ScaledErrorOf<T> of{slot,
                              next_state(),
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

  std::size_t n_;
  std::array<Slope, stages + extra> k_{};
  Slope next_{};
  const T* next_state_ = nullptr;
};

}  // namespace costate::detail
