#pragma once

#include <costate/core/scalar.hpp>
#include <costate/core/vector.hpp>
#include <costate/core/weighted_sum.hpp>
#include <costate/methods/detail/interpolant_weights.hpp>
#include <costate/methods/detail/packed_pullback.hpp>
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
/// With λ the cotangent of u₊ (the share of reads that comes through u₊ − u added, see InterpolantWeights), g
/// those of the states read at θ, and k̂₁₊ that of the slope that the next step took over:
///
///     k̂ᵢ = h (bᵢ λ + Σ_θ wᵢ(θ) g + Σ_{j>i} a_ji v_j),   vᵢ = (∂f/∂u)ᵀ k̂ᵢ at stage input i,
///     p̂ += (∂f/∂p)ᵀ k̂ᵢ,   λ₋ = λ + Σ_θ g + Σ vᵢ
///
/// E. Hairer, C. Lubich & G. Wanner, Geometric Numerical Integration (2006), VI.4; W. Hager, Numer. Math. 87
/// (2000) 247, eq. (19).
template <ExplicitRungeKuttaMethod Method, class Vjp, class T, std::size_t N>
class ExplicitRungeKuttaPullback {
  using Real = base_t<T>;
  static constexpr const auto& table = Method::tableau;
  static constexpr std::size_t stages = std::remove_cvref_t<decltype(table)>::stages;
  static constexpr std::size_t extra = std::remove_cvref_t<decltype(table)>::extra;
  static constexpr std::size_t count = stages + extra;
  static constexpr bool fsal = table.fsal;
  using Weights = InterpolantWeights<Method, Real>;
  static constexpr bool has_increment = Weights::increments > 0;
  static constexpr auto column(std::size_t i, std::size_t from, std::size_t to) {
    return column_of_stages<Method>(i, from, to);
  }

 public:
  /// What the reads of one step add up to: Σ g, then Σ w g for each weight.
  static constexpr std::size_t read_vectors = 1 + Weights::count;

  ExplicitRungeKuttaPullback(const Method&, Vjp& vjp, std::size_t n)
      : vjp_(vjp), n_(n), carry_(zeros<T, N>(n)), kbar_(zeros<T, N>(n)) {
    for (auto& v : v_) v = zeros<T, N>(n);
    vjp_.start();
  }
  /// pbar += what all steps so far gave.
  void finish(T* pbar) const { vjp_.finish(pbar); }

  /// Adds g, the cotangent of the state read at θ, to the reads of a step, `read_vectors` vectors; the first
  /// read of a step finds anything there.
  [[gnu::always_inline]] inline void add_read(T* reads, double theta, const T* g, bool first) const {
    const std::size_t n = size();
    const Weights weights(static_cast<Real>(theta));
    const auto add = [&](T * to, Real weight) __attribute__((always_inline)) {
      for_components<N>(
          n, [&](std::size_t m)
                 __attribute__((always_inline)) { to[m] = (first ? T(0) : to[m]) + weight * g[m]; });
    };
    add(reads, Real(1));
    unroll<Weights::count>([&](auto I)
                               __attribute__((always_inline)) { add(reads + (I + 1) * n, weights[I]); });
  }

  /// lambda: in the cotangent of the state after the step, out that before it. dense: what add_read added up,
  /// or null. fresh: the step began with an evaluation of its own (the first one, and after a discontinuity).
  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense,
                                          bool fresh) {
    const std::size_t n = size();
    if constexpr (has_increment) {
      if (dense != nullptr)
        set(
            lambda,
            lambda, [&](auto&& term) __attribute__((always_inline)) { of_increment(dense, Real(1), term); });
    }
    if (dense != nullptr && extra > 0) pull_extra(slot, t, h, dense);
    if constexpr (fsal) {
      // the last stage is f at the new state: its cotangent comes from the next step and from dense output
      set_slope<stages - 1, true>(carry_.data(), h, dense, lambda);
      vjp_(slot + (stages - 1) * n, t + h, kbar_.data(), v_[stages - 1].data());
      set(
          lambda,
          lambda, [&](auto&& term) __attribute__((always_inline)) { term(Real(1), v_[stages - 1].data()); });
    }
    constexpr std::size_t last = fsal ? stages - 1 : stages;
    unroll<last>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = last - 1 - R;
      set_slope<i, false>(nullptr, h, dense, lambda);
      if constexpr (i > 0) {
        vjp_(slot + i * n, t + h * table.c[i], kbar_.data(), v_[i].data());
      } else {
        const bool pull_now = !fsal || fresh;
        if (pull_now) vjp_(slot, t, kbar_.data(), v_[0].data());
        set(
            lambda, lambda, [&](auto&& term) __attribute__((always_inline)) {
              inputs(std::make_index_sequence<last - 1>{}, 1, term);
              if (dense != nullptr) {
                term(Real(1), dense);
                if constexpr (has_increment) of_increment(dense, Real(-1), term);
                inputs(std::make_index_sequence<extra>{}, stages, term);
              }
              if (pull_now) term(Real(1), v_[0].data());
            });
        if (pull_now)
          for_components<N>(
              n, [&](std::size_t m) __attribute__((always_inline)) { carry_[m] = T(0); });
        else
          take_carry();
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
  void take_carry() {
    if constexpr (N == dynamic)
      std::swap(carry_, kbar_);
    else
      carry_ = kbar_;
  }

  /// Adds terms up at one component. A named type, since a lambda would be another one at every sum.
  struct SumAt {
    T& sum;
    std::size_t m;
    [[gnu::always_inline]] inline void operator()(Real weight, const T* term) {
      sum = sum + weight * term[m];
    }
  };
  /// out = base + the terms that each_term names as term(weight, vector); base null: from zero.
  template <class EachTerm>
  [[gnu::always_inline]] inline void set(T* out, const T* base, EachTerm each_term) const {
    const std::size_t n = size();
    if constexpr (N == dynamic && std::is_floating_point_v<T>) {
      if (n >= weighted_sum_from) {
        TermList<T, count + 5> terms;
        each_term(terms);
        return terms.add_to(out, base, n);
      }
    }
    for_components<N>(
        n, [&](std::size_t m) __attribute__((always_inline)) {
          T sum = base != nullptr ? base[m] : T(0);
          SumAt term{sum, m};
          each_term(term);
          out[m] = sum;
        });
  }
  /// k̂ᵢ = base + what the later stages and dense output give; written out beside `set`, since a lambda at
  /// every stage of every method is a tenth of the time to compile.
  template <std::size_t I, bool Last>
  [[gnu::always_inline]] inline void set_slope(const T* base, double h, const T* dense, const T* lambda) {
    if constexpr (N == dynamic && std::is_floating_point_v<T>) {
      if (n_ >= weighted_sum_from) {
        TermList<T, count + 2> terms;
        from_later<I, Last>(h, dense, lambda, terms);
        return terms.add_to(kbar_.data(), base, n_);
      }
    }
    for_components<N>(
        size(), [&](std::size_t m) __attribute__((always_inline)) {
          T sum = base != nullptr ? base[m] : T(0);
          SumAt term{sum, m};
          from_later<I, Last>(h, dense, lambda, term);
          kbar_[m] = sum;
        });
  }
  template <std::size_t I, std::size_t... J, class Term>
  [[gnu::always_inline]] inline void of_stages(std::index_sequence<J...>, [[maybe_unused]] double h,
                                               [[maybe_unused]] Term& term) const {
    // the newest cotangent (the smallest j) last
    constexpr std::array<std::size_t, sizeof...(J) + 1> later{J...};
    [&]<std::size_t... R>(std::index_sequence<R...>) __attribute__((always_inline)) {
      (term(static_cast<Real>(h * table.a[later[sizeof...(J) - 1 - R]][I]),
            v_[later[sizeof...(J) - 1 - R]].data()),
       ...);
    }
    (std::make_index_sequence<sizeof...(J)>{});
  }
  /// ± Σ w₀ g: the cotangent of u₊ − u in dense output.
  template <class Term>
  [[gnu::always_inline]] inline void of_increment(const T* dense, Real sign, Term& term) const {
    term(sign, dense + size());
  }
  /// Those of the inputs of stages from, from + 1, …
  template <std::size_t... J, class Term>
  [[gnu::always_inline]] inline void inputs(std::index_sequence<J...>, [[maybe_unused]] std::size_t from,
                                            [[maybe_unused]] Term& term) const {
    (term(Real(1), v_[from + J].data()), ...);
  }
  /// h (bᵢ λ + Σ wᵢ g + Σ_{j>i} a_ji v_j). Last: stage i is the FSAL one, which only extra stages read.
  template <std::size_t I, bool Last, class Term>
  [[gnu::always_inline]] inline void from_later(double h, const T* dense, [[maybe_unused]] const T* lambda,
                                                Term& term) const {
    if (dense != nullptr) {
      if constexpr (Weights::enters(I)) term(static_cast<Real>(h), dense + (1 + Weights::place(I)) * size());
      if constexpr (extra > 0) of_stages<I>(places<nonzero(column(I, stages, count))>(), h, term);
    }
    if constexpr (!Last && I < stages) {
      if constexpr (table.b[I] != 0) term(static_cast<Real>(h * table.b[I]), lambda);
      of_stages<I>(places<nonzero(column(I, I + 1, fsal ? stages - 1 : stages))>(), h, term);
    }
  }
  void pull_extra(const T* slot, double t, double h, const T* dense) {
    unroll<extra>([&](auto R) __attribute__((always_inline)) {
      constexpr std::size_t i = count - 1 - R;
      set_slope<i, true>(nullptr, h, dense, nullptr);
      vjp_(slot + i * size(), t + h * table.c[i], kbar_.data(), v_[i].data());
    });
  }

  Vjp& vjp_;
  std::size_t n_;
  Vector<T, N> carry_, kbar_;
  std::array<Vector<T, N>, count> v_{};
};

/// The same for states that fit a register: all that a step works on are locals, which stay there.
template <ExplicitRungeKuttaMethod Method, class Vjp, class T, std::size_t N>
requires(fits_pack<T, N>()) class ExplicitRungeKuttaPullback<Method, Vjp, T, N>
    : public PackedPullback<Method, Vjp, T, N> {
  using PackedPullback<Method, Vjp, T, N>::PackedPullback;
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
