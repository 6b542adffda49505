#pragma once

#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/explicit_runge_kutta.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/methods/table_unrolling.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// The pullback of a step of ExplicitRungeKutta: walks recorded steps backwards.
///
/// With λ the cotangent of u₊, ĉ that of the dense coefficients (the share of λ that comes through u₊ − u
/// added, see DenseWeights) and k̂₁₊ that of the slope that the next step took over:
///
///     k̂ᵢ = h (bᵢ λ + Σ_q r_iq ĉ_q + Σ_{j>i} a_ji v_j),   vᵢ = (∂f/∂u)ᵀ k̂ᵢ at stage input i,   p̂ += (∂f/∂p)ᵀ
///     k̂ᵢ λ₋ = λ + ĉ₀ + Σ vᵢ
///
/// E. Hairer, C. Lubich & G. Wanner, Geometric Numerical Integration (2006), VI.4; W. Hager, Numer. Math. 87
/// (2000) 247, eq. (19).
template <ExplicitRungeKuttaMethod Method, class Vjp, class T, std::size_t N>
class ExplicitRungeKuttaPullback {
  using Real = base_t<T>;
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t degree = std::remove_cvref_t<decltype(table)>::degree;
  static constexpr std::size_t count = stages + extra;
  static constexpr bool fsal = table.fsal;
  static constexpr auto split = dense_weights(table);
  /// Column i of the table, rows from … to − 1, the others zero.
  static constexpr auto column(std::size_t i, std::size_t from, std::size_t to) {
    std::array<double, count> values{};
    for (std::size_t j = from > i ? from : i + 1; j < to; ++j) values[j] = table.a[j][i];
    return values;
  }

 public:
  ExplicitRungeKuttaPullback(const Method&, Vjp& vjp, std::size_t n)
      : vjp_(vjp), n_(n), carry_(zeros<T, N>(n)), kbar_(zeros<T, N>(n)) {
    for (auto& v : v_) v = zeros<T, N>(n);
    vjp_.start();
  }
  /// pbar += what all steps so far gave.
  void finish(T* pbar) const { vjp_.finish(pbar); }

  /// lambda: in the cotangent of the state after the step, out that before it. dense: cotangents of c₀ …
  /// c_degree, or null. fresh: the step began with an evaluation of its own (the first one, and after a
  /// discontinuity).
  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense,
                                          bool fresh) {
    const std::size_t n = size();
    if constexpr (split.has_increment) {
      if (dense != nullptr)
        for (std::size_t m = 0; m < n; ++m) lambda[m] = lambda[m] + of_increment(dense, m);
    }
    if constexpr (fsal) {
      // the last stage is f at the new state: its cotangent comes from the next step and from dense output
      if (dense != nullptr && extra > 0) pull_extra(slot, t, h, dense);
      for_components<N>(
          n, [&](std::size_t m) __attribute__((always_inline)) {
            kbar_[m] = carry_[m] + from_later<stages - 1, true>(h, dense, m, lambda);
          });
      vjp_(slot + (stages - 1) * n, t + h, kbar_.data(), v_[stages - 1].data());
      for_components<N>(
          n, [&](std::size_t m)
                 __attribute__((always_inline)) { lambda[m] = lambda[m] + v_[stages - 1][m]; });
    } else {
      if (dense != nullptr) pull_extra(slot, t, h, dense);
    }
    constexpr std::size_t last = fsal ? stages - 1 : stages;
    unroll<last>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = last - 1 - R;
      for_components<N>(
          n, [&](std::size_t m)
                 __attribute__((always_inline)) { kbar_[m] = from_later<i, false>(h, dense, m, lambda); });
      if constexpr (i > 0) {
        vjp_(slot + i * n, t + h * table.c[i], kbar_.data(), v_[i].data());
      } else {
        const bool pull_now = !fsal || fresh;
        if (pull_now) vjp_(slot, t, kbar_.data(), v_[0].data());
        for_components<N>(
            n, [&](std::size_t m) __attribute__((always_inline)) {
              T sum = lambda[m];
              add_inputs(std::make_index_sequence<last - 1>{}, sum, m);
              if (dense != nullptr) {
                sum = sum + dense[m];
                if constexpr (split.has_increment) sum = sum - of_increment(dense, m);
                add_extra_inputs(std::make_index_sequence<extra>{}, sum, m);
              }
              if (pull_now) sum = sum + v_[0][m];
              lambda[m] = sum;
              carry_[m] = pull_now ? T(0) : kbar_[m];
            });
      }
    });
  }

  /// The cotangent of the slope that the step pulled last took over from the step before it.
  const T* carry() const { return carry_.data(); }

 private:
  std::size_t size() const {
    if constexpr (N != dynamic)
      return N;
    else
      return n_;
  }
  template <std::size_t I, std::size_t... J>
  [[gnu::always_inline]] inline void add_stages(std::index_sequence<J...>, T& sum, [[maybe_unused]] double h,
                                                [[maybe_unused]] std::size_t m) const {
    // the newest cotangent (the smallest j) last
    constexpr std::array<std::size_t, sizeof...(J) + 1> later{J...};
    [&]<std::size_t... R>(std::index_sequence<R...>) __attribute__((always_inline)) {
      ((sum = sum + static_cast<Real>(h * table.a[later[sizeof...(J) - 1 - R]][I]) *
                        v_[later[sizeof...(J) - 1 - R]][m]),
       ...);
    }
    (std::make_index_sequence<sizeof...(J)>{});
  }
  template <std::size_t... Q, class Row>
  [[gnu::always_inline]] inline void add_coefficients(std::index_sequence<Q...>, const Row& row, T& sum,
                                                      [[maybe_unused]] double h,
                                                      [[maybe_unused]] const T* dense,
                                                      [[maybe_unused]] std::size_t m) const {
    ((sum = sum + static_cast<Real>(h * row[Q]) * dense[(Q + 1) * size() + m]), ...);
  }
  /// Σ_q increment_q ĉ_q: the cotangent of u₊ − u in dense output.
  [[gnu::always_inline]] inline T of_increment(const T* dense, std::size_t m) const {
    return [&]<std::size_t... Q>(std::index_sequence<Q...>) __attribute__((always_inline)) {
      T sum(0);
      ((sum = sum + static_cast<Real>(split.increment[Q]) * dense[(Q + 1) * size() + m]), ...);
      return sum;
    }
    (places<nonzero(split.increment)>());
  }
  template <std::size_t... J>
  [[gnu::always_inline]] inline void add_inputs(std::index_sequence<J...>, T& sum,
                                                [[maybe_unused]] std::size_t m) const {
    ((sum = sum + v_[J + 1][m]), ...);
  }
  template <std::size_t... J>
  [[gnu::always_inline]] inline void add_extra_inputs(std::index_sequence<J...>, T& sum,
                                                      [[maybe_unused]] std::size_t m) const {
    ((sum = sum + v_[stages + J][m]), ...);
  }
  /// h (bᵢ λ + Σ r ĉ + Σ_{j>i} a_ji v_j), component m. Last: stage i is the FSAL one, which only extra stages
  /// read.
  template <std::size_t I, bool Last>
  [[gnu::always_inline]] inline T from_later(double h, const T* dense, std::size_t m, const T* lambda) const {
    T sum(0);
    if (dense != nullptr) {
      add_coefficients(places<nonzero(split.rest[I])>(), split.rest[I], sum, h, dense, m);
      if constexpr (extra > 0) add_stages<I>(places<nonzero(column(I, stages, count))>(), sum, h, m);
    }
    if constexpr (!Last && I < stages) {
      if constexpr (table.b[I] != 0) sum = sum + static_cast<Real>(h * table.b[I]) * lambda[m];
      add_stages<I>(places<nonzero(column(I, I + 1, fsal ? stages - 1 : stages))>(), sum, h, m);
    }
    return sum;
  }
  void pull_extra(const T* slot, double t, double h, const T* dense) {
    const std::size_t n = size();
    unroll<extra>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = count - 1 - R;
      for (std::size_t m = 0; m < n; ++m) kbar_[m] = from_later<i, true>(h, dense, m, nullptr);
      vjp_(slot + i * n, t + h * table.c[i], kbar_.data(), v_[i].data());
    });
  }

  Vjp& vjp_;
  std::size_t n_;
  Vector<T, N> carry_, kbar_;
  std::array<Vector<T, N>, count> v_{};
};

/// The method whose step is u + h Σ eᵢ kᵢ: its pullback is that of the error estimate.
template <class Method>
struct ErrorOf : Method {
  constexpr ErrorOf(const Method& method) : Method(method) {}
  static constexpr auto tableau = [] {
    auto table = Method::tableau;
    table.b = Method::tableau.e;
    table.e = {};
    table.r = {};
    table.fsal = false;
    return table;
  }();
};

template <ExplicitRungeKuttaMethod Method>
struct MethodFamily<Method> {
  template <class Rhs, class T, std::size_t N, class Time>
  using Step = ExplicitRungeKutta<Method, Rhs, T, N, Time>;
  template <class Vjp, class T, std::size_t N>
  using Pullback = ExplicitRungeKuttaPullback<Method, Vjp, T, N>;
  template <class Vjp, class T, std::size_t N>
  using ErrorPullback = ExplicitRungeKuttaPullback<ErrorOf<Method>, Vjp, T, N>;
};

}  // namespace costate::detail
