#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/time_span.hpp>
#include <costate/nn/layer.hpp>
#include <costate/problems/matrix_state.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace costate::detail {

/// What a network kept of the states that a solve evaluated it at, for the way back: looked up by the state
/// itself, newest first, since the way back asks in the reverse order. What is not found (it was forgotten
/// for want of room) is computed again, with the same bits.
template <class T>
class KeptForwards : public TapeRecord {
 public:
  /// At most this many bytes are kept.
  static constexpr std::size_t room = std::size_t{1} << 28;

  void start(std::size_t states, std::size_t kept) {
    n_ = states;
    size_ = kept;
    count_ = 0;
    u_.clear();
    kept_.clear();
  }
  /// Where to keep what belongs to u; null where there is no room.
  T* add(const T* u) {
    if ((count_ + 1) * (n_ + size_) * sizeof(T) > room) return nullptr;
    std::memcpy(static_cast<void*>(u_.append(n_)), u, n_ * sizeof(T));
    ++count_;
    return kept_.append(size_);
  }
  void rewind() { next_ = count_; }
  /// What was kept for u, or null.
  const T* find(const T* u) {
    for (std::size_t i = next_; i-- > 0;)
      if (std::memcmp(u_.data() + i * n_, u, n_ * sizeof(T)) == 0) {
        next_ = i;
        return kept_.data() + i * size_;
      }
    return nullptr;
  }

 private:
  std::size_t n_ = 0, size_ = 0, count_ = 0, next_ = 0;
  Buffer<T> u_, kept_;
};

/// u' = net(u; p) on the columns of u, as an equation on the vector of its numbers. With `kept`, solves in T
/// keep there what the way back needs.
template <class Net, class Keeper>
struct BatchEquation {
  Net net;
  std::size_t rows, cols;
  KeptForwards<Keeper>* kept;

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    using T = scalar_of<DU>;
    if constexpr (std::is_same_v<T, scalar_of<U>> && std::is_same_v<T, scalar_of<P>> && PlainScalar<T>) {
      T* keep = nullptr;
      if constexpr (std::is_same_v<T, Keeper>) keep = kept != nullptr ? kept->add(u.data()) : nullptr;
      batch_forward(net, BatchPlan<Net, T>(net, rows, cols), u.data(), p.data(), du.data(), keep);
    } else {
      const auto y = net(shaped(u, rows, cols), p);
      for (std::size_t k = 0; k < du.size(); ++k) du[k] = y.data()[k];
    }
  }

  /// λᵀ ∂f by the layers' own pullback.
  template <class T, std::size_t N, std::size_t M, class PT, bool DiffP>
  class Vjp {
   public:
    static constexpr std::string_view route = "layers on blocks of samples";

    Vjp(const BatchEquation& f, const VectorView<const PT, M>& p, std::size_t states)
        : f_(f), p_(p), states_(states), plan_(f.net, f.rows, f.cols), pbar_(DiffP ? p.size() : 0) {}
    void start() {
      for (T& x : pbar_) x = T(0);
      if constexpr (std::is_same_v<T, Keeper>)
        if (f_.kept != nullptr) f_.kept->rewind();
    }
    template <class Time>
    void operator()(const T* u, const Time& /*t*/, const T* lambda, T* ubar) {
      for (std::size_t i = 0; i < states_; ++i) ubar[i] = T(0);
      const T* found = nullptr;
      if constexpr (std::is_same_v<T, Keeper>) found = f_.kept != nullptr ? f_.kept->find(u) : nullptr;
      if (found == nullptr) {
        scratch_.resize(plan_.kept_size() + states_);
        batch_forward(f_.net, plan_, u, p_.data(), scratch_.data() + plan_.kept_size(), scratch_.data());
        found = scratch_.data();
      }
      batch_pullback(f_.net, plan_, found, lambda, p_.data(), ubar, DiffP ? pbar_.data() : nullptr);
    }
    void finish(T* pbar) const {
      for (std::size_t k = 0; k < pbar_.size(); ++k) pbar[k] = pbar[k] + pbar_[k];
    }

   private:
    const BatchEquation& f_;
    Vector<T> p_;
    std::size_t states_;
    BatchPlan<Net, T> plan_;
    Buffer<T> pbar_, scratch_;
  };
};

template <class S>
struct KeptScalar {
  using type = S;
};
template <class T>
struct KeptScalar<Var<T>> {
  using type = T;
};

/// The solution of u' = net(u; p) from the columns of x.
template <class Net, class X, class P, class Method, class Sensitivity>
auto solve_batch(const Net& net, const X& x, const P& p, const TimeSpan<double>& tspan, const Method& method,
                 const SolveOptions& options, const Sensitivity& sensitivity) {
  using S = common_scalar_t<scalar_of<X>, scalar_of<P>>;
  using T = typename KeptScalar<S>::type;
  const Shape shape = shape_of(x);
  net.check_input(shape.rows);
  if (net.output_size(shape.rows) != shape.rows)
    reject_size("NeuralODE: outputs of the network", shape.rows, net.output_size(shape.rows));
  if (p.size() != net.parameter_count())
    reject_size("layer(x, p): parameters p", net.parameter_count(), p.size());
  KeptForwards<T>* kept = nullptr;
  if constexpr (is_var<S> && PlainScalar<T> && std::is_same_v<Sensitivity, DiscreteAdjoint>) {
    if (!sensitivity.checkpoints) {
      kept = &current_tape<T>().template keep<KeptForwards<T>>();
      kept->start(x.size(), BatchPlan<Net, T>(net, shape.rows, shape.cols).kept_size());
    }
  }
  const BatchEquation<Net, T> f{net, shape.rows, shape.cols, kept};
  return with_shape(solve(ODEProblem(f, flat_state(x), tspan, p), method, options, sensitivity), shape.rows,
                    shape.cols);
}

}  // namespace costate::detail
