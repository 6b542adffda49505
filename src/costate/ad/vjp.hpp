#pragma once

#include <costate/ad/dual.hpp>
#include <costate/ad/var.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/unroll.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// A function of the form f(du, u, p, t) whose vector-Jacobian product is wanted at many states but one p:
///
///     ubar = λᵀ ∂f/∂u   [states],      pbar += λᵀ ∂f/∂p   [parameters, where DiffP]
///
/// Two routes, chosen at compile time by size (one register of partials against a tape of layer nodes).

/// Up to this many states and parameters together are differentiated by one pass of Dual numbers; more of
/// them where the parameters are no more than the states, and so no network, whose layers the tape takes as
/// one node each.
inline constexpr std::size_t dual_vjp_limit = 16, dual_vjp_limit_of_few_parameters = 48;

template <std::size_t N, std::size_t M, bool DiffP>
constexpr bool prefers_duals() {
  if (N == dynamic || (DiffP && M == dynamic)) return false;
  return N + (DiffP ? M : 0) <= (M <= N ? dual_vjp_limit_of_few_parameters : dual_vjp_limit);
}

/// The Jacobian by all partials at once in registers, then λᵀJ.
template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
class DualVjp {
  static constexpr std::size_t width = N + (DiffP ? M : 0);
  using D = Dual<T, width>;

 public:
  static constexpr std::string_view route = "dual numbers";
  DualVjp(const F& f, VectorView<const PT, M> p, std::size_t /*states*/) : f_(f), p_(p) {}

  void start() { total_ = D(); }
  template <class Time>
  [[gnu::always_inline]] inline void operator()(const T* u, const Time& t, const T* lambda, T* ubar) {
    pull(f_, p_, u, t, lambda, ubar, total_);
  }
  /// The same with a sum of its own, which joins the other when it goes: a local that stays in registers for
  /// as many calls as there are in a row.
  class Local {
   public:
    explicit Local(DualVjp& vjp) : vjp_(vjp) {}
    Local(const Local&) = delete;
    [[gnu::always_inline]] inline ~Local() { add(vjp_.total_, total_); }
    template <class Time>
    [[gnu::always_inline]] inline void operator()(const T* u, const Time& t, const T* lambda, T* ubar) {
      pull(vjp_.f_, vjp_.p_, u, t, lambda, ubar, total_);
    }

   private:
    DualVjp& vjp_;
    D total_{};
  };
  void finish(T* pbar) const {
    if constexpr (DiffP)
      for (std::size_t i = 0; i < M; ++i) pbar[i] = pbar[i] + total_.partial[N + i];
  }

  /// f and p themselves, for pullbacks that need more than λᵀ∂f.
  const F& function() const { return f_; }
  VectorView<const PT, M> parameters() const { return p_; }

 private:
  [[gnu::always_inline]] static void add(D& total, const D& row) {
    if constexpr (DiffP)
      transform_partials<T, width>(total.partial, total.partial, row.partial,
                                   [](const auto& a, const auto& b) { return a + b; });
  }
  template <class Time>
  [[gnu::always_inline]] static void pull(const F& f, const VectorView<const PT, M>& p, const T* u,
                                          const Time& t, const T* lambda, T* ubar, D& total) {
    Vector<D, N> du, x;
    for_components<N>(
        N, [&](std::size_t i) __attribute__((always_inline)) { x[i] = D::variable(u[i], i); });
    auto du_view = du.view();
    const VectorView<const D, N> x_view(x.data());
    if constexpr (DiffP) {
      Vector<D, M> q;
      for_components<M>(
          M, [&](std::size_t i) __attribute__((always_inline)) { q[i] = D::variable(p[i], N + i); });
      const VectorView<const D, M> q_view(q.data());
      f(du_view, x_view, q_view, t);
    } else {
      f(du_view, x_view, p, t);
    }
    D row = du[0] * lambda[0];
    for_components<N - 1>(
        N - 1, [&](std::size_t i) __attribute__((always_inline)) { row = row + du[i + 1] * lambda[i + 1]; });
    add(total, row);
    for_components<N>(
        N, [&](std::size_t i) __attribute__((always_inline)) { ubar[i] = row.partial[i]; });
  }

  const F& f_;
  VectorView<const PT, M> p_;
  D total_{};
};

template <class Vjp>
struct LocalVjpOf {
  using type = Vjp&;
};
template <class Vjp>
requires requires {
  typename Vjp::Local;
}
struct LocalVjpOf<Vjp> {
  using type = typename Vjp::Local;
};
/// For many calls of a vjp in one function.
template <class Vjp>
using LocalVjp = typename LocalVjpOf<Vjp>::type;

/// One recording of f per call on a tape that is rewound to the parameters, which are leaves made once; their
/// adjoints add up on the tape itself.
template <class F, class T, std::size_t N, std::size_t M, class PT, bool DiffP>
class TapeVjp {
 public:
  static constexpr std::string_view route = "tape";
  TapeVjp(const F& f, VectorView<const PT, M> p, std::size_t states)
      : f_(f), p_(p), states_(states), du_(zeros<Var<T>, N>(states)) {
    if constexpr (DiffP) first_ = tape_->push_leaves(p.size());
    start_ = tape_->marker();
  }

  void start() {
    tape_->rewind(start_);
    tape_->forget_adjoints();
  }
  template <class Time>
  void operator()(const T* u, const Time& t, const T* lambda, T* ubar) {
    tape_->rewind(start_);
    tape_->forget_adjoints(start_.nodes < tape_->size() ? start_.nodes : tape_->size());
    const TapeScope<T> scope(tape_.get());
    const std::int32_t first_u = tape_->push_leaves(states_);
    const LeafView<T, N> u_view(u, first_u, tape_->id(), states_);
    for (std::size_t i = 0; i < states_; ++i) du_[i] = Var<T>();
    auto du_view = du_.view();
    if constexpr (DiffP) {
      const LeafView<T, M> p_view(p_.data(), first_, tape_->id(), p_.size());
      f_(du_view, u_view, p_view, t);
    } else {
      f_(du_view, u_view, p_, t);
    }
    T* adjoints = tape_->adjoints();
    for (std::size_t i = 0; i < states_; ++i) {
      if (du_[i].index() < 0) continue;
      if (du_[i].tape() != tape_->id()) throw_two_tapes();
      adjoints[du_[i].index()] = adjoints[du_[i].index()] + lambda[i];
    }
    tape_->sweep(start_.nodes);
    adjoints = tape_->adjoints();
    for (std::size_t i = 0; i < states_; ++i) ubar[i] = adjoints[static_cast<std::size_t>(first_u) + i];
    tape_->forget_adjoints(start_.nodes);
  }
  void finish(T* pbar) const {
    if constexpr (DiffP) {
      const T* adjoints = tape_->adjoints();
      for (std::size_t i = 0; i < p_.size(); ++i)
        pbar[i] = pbar[i] + adjoints[static_cast<std::size_t>(first_) + i];
    }
  }

  /// f and p themselves, for pullbacks that need more than λᵀ∂f.
  const F& function() const { return f_; }
  VectorView<const PT, M> parameters() const { return p_; }

 private:
  const F& f_;
  VectorView<const PT, M> p_;
  std::size_t states_;
  Vector<Var<T>, N> du_;
  BorrowedTape<T> tape_;
  std::int32_t first_ = 0;
  typename Tape<T>::Marker start_{};
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
