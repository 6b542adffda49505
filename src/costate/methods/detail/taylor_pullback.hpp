#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series_engine.hpp>
#include <costate/problems/ode_function.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class F>
struct Behind {
  using Function = F;
  static const F& of(const F& f) { return f; }
};
template <class F>
struct Behind<InPlace<F>> {
  using Function = F;
  static const F& of(const InPlace<F>& in_place) { return in_place.f; }
};

/// Cotangents of what was read off a step are gathered for every order of a state in whole registers; numbers
/// that differentiate further take those of the dense coefficients.
struct TakesReads {
  static constexpr std::size_t read_vectors = seeded_orders;
};
struct TakesCoefficients {};

/// A step of Taylor backwards: λ and the cotangents of the dense coefficients are those of the series, which
/// the recurrences carry back order by order.
template <class Vjp, class T, std::size_t N>
class TaylorPullback : public std::conditional_t<PlainScalar<T>, TakesReads, TakesCoefficients> {
  using Real = base_t<T>;
  using P = decltype(std::declval<const Vjp&>().parameters());
  using Given = Behind<std::remove_cvref_t<decltype(std::declval<const Vjp&>().function())>>;
  using F = typename Given::Function;
  using Engine = SeriesEngine<F, T, N, extent_of<P>, scalar_of<P>>;

 public:
  template <class Method>
  TaylorPullback(const Method& method, Vjp& vjp, std::size_t n)
      : vjp_(vjp),
        n_(n),
        order_(static_cast<std::size_t>(method.order)),
        engine_(vjp.parameters(), n),
        carry_(zeros<T, N>(n)) {
    engine_.start(way_, order_);
  }
  void finish(T* pbar) { engine_.finish(way_, pbar); }
  /// The first step that will be pulled, before it; then, before each, the one after it.
  [[gnu::always_inline]] inline void prepare(const T* slot) { engine_.prepare(way_, slot, order_); }
  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense,
                                          bool) {
    const Real unit = static_cast<Real>(plain(slot[(order_ + 1) * engine_.width()]));
    const Real s = static_cast<Real>(h) * (1 / unit);
    const std::size_t n = N != dynamic ? N : n_;
    Real powers[seeded_orders];
    for_powers(s, [&](std::size_t k, const Lanes& x) { std::memcpy(powers + k, &x, sizeof x); });
    engine_.pull(way_, Given::of(vjp_.function()), vjp_.parameters(), slot, T(t), unit, order_,
                 Seeds{lambda, dense, powers, n}, lambda);
  }
  /// Where the cotangent of the dense coefficient k of state i stands.
  static std::size_t place_in_dense(std::size_t k, std::size_t i, std::size_t n) {
    return PlainScalar<T> ? i * seeded_orders + k : k * n + i;
  }
  /// The cotangent g of a state that is read at the share theta of a step, for its `dense`; the first one
  /// begins it.
  [[gnu::always_inline]] inline void add_read(T* dense, double theta, const T* g,
                                              bool first) const requires PlainScalar<T> {
    for_powers(
        static_cast<Real>(theta), [&](std::size_t k, const Lanes& x) __attribute__((always_inline)) {
          for_components<N>(
              n_, [&](std::size_t m) __attribute__((always_inline)) {
                T* to = dense + m * seeded_orders + k;
                Lanes sum = x * g[m];
                if (!first) {
                  Lanes before;
                  std::memcpy(&before, to, sizeof before);
                  sum += before;
                }
                std::memcpy(to, &sum, sizeof sum);
              });
        });
  }
  /// Nothing is taken over from the step before.
  const T* carry() const { return carry_.data(); }

 private:
  static constexpr std::size_t lanes = 8;
  using Lanes = typename SeriesLanes<Real, lanes>::Lanes;
  /// f(k, (xᵏ … xᵏ⁺⁷)) for k = 0, 8, … up to the order.
  template <class Each>
  [[gnu::always_inline]] inline void for_powers(Real x, const Each& f) const {
    const Real x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
    Lanes power = {1, x, x2, x2 * x, x4, x4 * x, x4 * x2, x4 * (x2 * x)};
    for (std::size_t k = 0; k <= order_; k += lanes, power *= x8) f(k, power);
  }
  /// (λ + dense[k]) sᵏ, the cotangent of coefficient k of a state. In a form that waits for λ last.
  struct Seeds {
    const T *lambda, *dense;
    const Real* powers;
    std::size_t n;

    [[gnu::always_inline]] inline T at(std::size_t i, std::size_t k) const {
      const T by_end = lambda[i] * powers[k];
      return dense == nullptr ? by_end : T(by_end + dense[place_in_dense(k, i, n)] * powers[k]);
    }
    template <class V>
    [[gnu::always_inline]] inline V lanes_at(std::size_t i, std::size_t k) const requires PlainScalar<T> {
      V x, reads{};
      std::memcpy(&x, powers + k, sizeof x);
      if (dense != nullptr) std::memcpy(&reads, dense + place_in_dense(k, i, n), sizeof reads);
      return x * lambda[i] + x * reads;
    }
  };

  Vjp& vjp_;
  std::size_t n_, order_;
  Engine engine_;
  typename Engine::Backward way_;
  Vector<T, N> carry_;
};

/// The pullback of u plus the last two terms of the series, which are the error of the step: what the
/// proposal of the step looks at, for the derivative.
template <class Vjp, class T, std::size_t N>
class TaylorErrorPullback {
 public:
  template <class Method>
  TaylorErrorPullback(const Method& method, Vjp& vjp, std::size_t n)
      : step_(method, vjp, n),
        n_(n),
        order_(static_cast<std::size_t>(method.order)),
        terms_(seeded_orders * n) {}
  void finish(T* pbar) { step_.finish(pbar); }
  void step(const T* slot, double t, double h, T* lambda, const T*, bool fresh) {
    for (T& x : terms_) x = T(0);
    auto by_terms = zeros<T, N>(n_);
    for (std::size_t m = 0; m < n_; ++m)
      for (const std::size_t k : {order_ - 1, order_})
        terms_[TaylorPullback<Vjp, T, N>::place_in_dense(k, m, n_)] = lambda[m];
    step_.step(slot, t, h, by_terms.data(), terms_.data(), fresh);
    for (std::size_t m = 0; m < n_; ++m) lambda[m] = lambda[m] + by_terms[m];
  }

 private:
  TaylorPullback<Vjp, T, N> step_;
  std::size_t n_, order_;
  Buffer<T> terms_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
