#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/detail/series_engine.hpp>
#include <costate/problems/ode_function.hpp>

#include <cstddef>
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

/// A step of Taylor backwards: λ and the cotangents of the dense coefficients are those of the series, which
/// the recurrences carry back order by order.
template <class Vjp, class T, std::size_t N>
class TaylorPullback {
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
    engine_.start();
  }
  void finish(T* pbar) const { engine_.finish(pbar); }
  [[gnu::always_inline]] inline void step(const T* slot, double t, double h, T* lambda, const T* dense,
                                          bool) {
    const Real unit = static_cast<Real>(plain(slot[(order_ + 1) * engine_.width()]));
    const Real s = static_cast<Real>(h / unit);
    Real powers[largest_order + 1];
    powers[0] = 1;
    for (std::size_t k = 1; k <= order_; ++k) powers[k] = powers[k - 1] * s;
    const std::size_t n = N != dynamic ? N : n_;
    engine_.pull(
        Given::of(vjp_.function()), vjp_.parameters(), slot, T(t), unit, order_,
        [&](std::size_t k, std::size_t i) __attribute__((always_inline)) {
          return dense == nullptr ? T(lambda[i] * powers[k]) : T((lambda[i] + dense[k * n + i]) * powers[k]);
        },
        lambda);
  }
  /// Nothing is taken over from the step before.
  const T* carry() const { return carry_.data(); }

 private:
  Vjp& vjp_;
  std::size_t n_, order_;
  Engine engine_;
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
        terms_((order_ + 1) * n) {}
  void finish(T* pbar) const { step_.finish(pbar); }
  void step(const T* slot, double t, double h, T* lambda, const T*, bool fresh) {
    for (T& x : terms_) x = T(0);
    auto by_terms = zeros<T, N>(n_);
    for (std::size_t m = 0; m < n_; ++m) terms_[order_ * n_ + m] = terms_[(order_ - 1) * n_ + m] = lambda[m];
    step_.step(slot, t, h, by_terms.data(), terms_.data(), fresh);
    for (std::size_t m = 0; m < n_; ++m) lambda[m] = lambda[m] + by_terms[m];
  }

 private:
  TaylorPullback<Vjp, T, N> step_;
  std::size_t n_, order_;
  Buffer<T> terms_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
