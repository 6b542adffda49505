#pragma once

#include <costate/ad/dual.hpp>
#include <costate/ad/vjp.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// The vjp of DualVjp where the sizes are known at run time: the partials in chunks of one register, a call
/// of f for each. Between calls the variables keep their partials and only change their values.
template <class F, class T, std::size_t M, class PT, bool DiffP>
class ChunkedDualVjp {
  static constexpr std::size_t width = 8;
  using D = Dual<T, width>;

 public:
  static constexpr std::string_view route = "dual numbers";
  ChunkedDualVjp(const F& f, VectorView<const PT, M> p, std::size_t states)
      : f_(f),
        p_(p),
        states_(states),
        chunks_((states + (DiffP ? p.size() : 0) + width - 1) / width),
        x_(chunks_ * states),
        q_(DiffP ? chunks_ * p.size() : 0),
        du_(states),
        total_(chunks_) {
    for (std::size_t c = 0; c < chunks_; ++c) {
      for (std::size_t i = 0; i < states; ++i) x_[c * states + i] = variable(T(0), i, c);
      if constexpr (DiffP)
        for (std::size_t i = 0; i < p.size(); ++i)
          q_[c * p.size() + i] = variable(static_cast<T>(p[i]), states + i, c);
    }
  }

  void start() {
    for (D& row : total_) row = zero_;
  }
  template <class Time>
  [[gnu::noinline]] void operator()(const T* u, const Time& t, const T* lambda, T* ubar) {
    for (std::size_t c = 0; c < chunks_; ++c) {
      D* const x = x_.data() + c * states_;
      for (std::size_t i = 0; i < states_; ++i) x[i].value = u[i];
      for (D& entry : du_) entry = zero_;
      VectorView<D> du(du_.data(), states_);
      const VectorView<const D> x_view(x, states_);
      if constexpr (DiffP) {
        const VectorView<const D, M> q_view(q_.data() + c * p_.size(), p_.size());
        f_(du, x_view, q_view, t);
      } else {
        f_(du, x_view, p_, t);
      }
      D row = du_[0] * lambda[0];
      for (std::size_t i = 1; i < states_; ++i) row = row + du_[i] * lambda[i];
      if constexpr (DiffP) total_[c] = total_[c] + row;
      for (std::size_t i = c * width; i < states_ && i < (c + 1) * width; ++i)
        ubar[i] = row.partial[i - c * width];
    }
  }
  void finish(T* pbar) const {
    if constexpr (DiffP)
      for (std::size_t i = 0; i < p_.size(); ++i) {
        const std::size_t place = states_ + i;
        pbar[i] = pbar[i] + total_[place / width].partial[place % width];
      }
  }

 private:
  static D variable(const T& value, std::size_t place, std::size_t chunk) {
    return place / width == chunk ? D::variable(value, place % width) : D(value);
  }

  const F& f_;
  VectorView<const PT, M> p_;
  std::size_t states_, chunks_;
  Buffer<D> x_, q_, du_, total_;
  D zero_{};  // copied in whole registers, where a fresh one is put together number by number
};

/// Of a state sized at run time: the same choice as for known sizes, made when the sizes are.
template <class F, class T, std::size_t M, class PT, bool DiffP>
class SizedVjp {
  using ByDuals = ChunkedDualVjp<F, T, M, PT, DiffP>;
  using ByTape = TapeVjp<F, T, dynamic, M, PT, DiffP>;
  static bool takes_duals(std::size_t states, std::size_t parameters) {
    return states + (DiffP ? parameters : 0) <= dual_vjp_limit;
  }

 public:
  static std::string_view route_at(std::size_t states, std::size_t parameters) {
    return takes_duals(states, parameters) ? ByDuals::route : ByTape::route;
  }
  SizedVjp(const F& f, VectorView<const PT, M> p, std::size_t states) : f_(f), p_(p) {
    if (takes_duals(states, p.size()))
      duals_.emplace(f, p, states);
    else
      tape_.emplace(f, p, states);
  }

  void start() { duals_ ? duals_->start() : tape_->start(); }
  template <class Time>
  void operator()(const T* u, const Time& t, const T* lambda, T* ubar) {
    duals_ ? (*duals_)(u, t, lambda, ubar) : (*tape_)(u, t, lambda, ubar);
  }
  void finish(T* pbar) const { duals_ ? duals_->finish(pbar) : tape_->finish(pbar); }

  /// f and p themselves, for pullbacks that need more than λᵀ∂f.
  const F& function() const { return f_; }
  VectorView<const PT, M> parameters() const { return p_; }

 private:
  const F& f_;
  VectorView<const PT, M> p_;
  std::optional<ByDuals> duals_;
  std::optional<ByTape> tape_;
};

/// The name of the route of a vjp at these sizes.
template <class Vjp>
std::string_view route_of([[maybe_unused]] std::size_t states, [[maybe_unused]] std::size_t parameters) {
  if constexpr (requires { Vjp::route_at(states, parameters); })
    return Vjp::route_at(states, parameters);
  else
    return Vjp::route;
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
