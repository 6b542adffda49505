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
  std::size_t bytes() const { return (u_.size() + kept_.size()) * sizeof(T); }
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

/// A network on one state: its numbers in memory, and the way back.
template <class Net>
struct OnSample {
  static constexpr std::string_view route = "layers";
  Net net;
  std::size_t states;

  template <class T>
  std::size_t kept_size() const {
    return slope_count(net, states);
  }
  template <class T>
  void forward(const T* u, const T* p, T* du, T* kept) const {
    net.forward(u, states, p, du, kept);
  }
  template <class T>
  void pullback(const T* u, const T* kept, const T* lambda, const T* p, T* ubar, T* pbar) const {
    net.pullback(u, states, kept, lambda, p, ubar, pbar);
  }
  template <class U, class P>
  auto call(const U& u, const P& p) const {
    return net(u, p);
  }
};

/// A network on the columns of a state that is a batch, block by block.
template <class Net>
struct OnBatch {
  static constexpr std::string_view route = "layers on blocks of samples";
  Net net;
  std::size_t rows, cols;

  template <class T>
  auto plan() const {
    return BatchPlan<Net, T>(net, rows, cols);
  }
  template <class T>
  std::size_t kept_size() const {
    return plan<T>().kept_size();
  }
  template <class T>
  void forward(const T* u, const T* p, T* du, T* kept) const {
    batch_forward(net, plan<T>(), u, p, du, kept);
  }
  template <class T>
  void pullback(const T* /*u*/, const T* kept, const T* lambda, const T* p, T* ubar, T* pbar) const {
    batch_pullback(net, plan<T>(), kept, lambda, p, ubar, pbar);
  }
  template <class U, class P>
  auto call(const U& u, const P& p) const {
    return flat_state(net(shaped(u, rows, cols), p));
  }
};

/// u' = net(u; p), the network on one state or on a batch. With `kept`, solves in the scalar Keeper keep
/// there what the way back needs.
template <class Form, class Keeper>
struct NetEquation {
  Form form;
  KeptForwards<Keeper>* kept;

  std::size_t kept_bytes() const { return kept != nullptr ? kept->bytes() : 0; }

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    using T = scalar_of<DU>;
    if constexpr (std::is_same_v<T, scalar_of<U>> && std::is_same_v<T, scalar_of<P>> && PlainScalar<T>) {
      T* keep = nullptr;
      if constexpr (std::is_same_v<T, Keeper>) keep = kept != nullptr ? kept->add(u.data()) : nullptr;
      form.forward(u.data(), p.data(), du.data(), keep);
    } else {
      const auto y = form.call(u, p);
      for (std::size_t k = 0; k < du.size(); ++k) du[k] = y[k];
    }
  }

  /// λᵀ ∂f by the layers' own pullback.
  template <class T, std::size_t N, std::size_t M, class PT, bool DiffP>
  class Vjp {
   public:
    static constexpr std::string_view route = Form::route;

    Vjp(const NetEquation& f, const VectorView<const PT, M>& p, std::size_t states)
        : f_(f),
          p_(p),
          states_(states),
          kept_size_(f.form.template kept_size<T>()),
          pbar_(DiffP ? p.size() : 0) {}
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
        scratch_.resize(kept_size_ + states_);
        f_.form.forward(u, p_.data(), scratch_.data() + kept_size_, scratch_.data());
        found = scratch_.data();
      }
      f_.form.pullback(u, found, lambda, p_.data(), ubar, DiffP ? pbar_.data() : nullptr);
    }
    void finish(T* pbar) const {
      for (std::size_t k = 0; k < pbar_.size(); ++k) pbar[k] = pbar[k] + pbar_[k];
    }

   private:
    const NetEquation& f_;
    Vector<T> p_;
    std::size_t states_, kept_size_;
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

/// The solution of the equation that the network is in one of its forms, from `state`, a vector.
template <class Form, class U, class P, class Method, class Sensitivity>
auto solve_net(const Form& form, const U& state, const P& p, std::size_t inputs,
               const TimeSpan<double>& tspan, const Method& method, const SolveOptions& options,
               const Sensitivity& sensitivity) {
  using S = common_scalar_t<scalar_of<U>, scalar_of<P>>;
  using T = typename KeptScalar<S>::type;
  const auto& net = form.net;
  net.check_input(inputs);
  if (net.output_size(inputs) != inputs)
    reject_size("NeuralODE: outputs of the network", inputs, net.output_size(inputs));
  if (p.size() != net.parameter_count())
    reject_size("layer(x, p): parameters p", net.parameter_count(), p.size());
  KeptForwards<T>* kept = nullptr;
  if constexpr (is_var<S> && PlainScalar<T> && std::is_same_v<Sensitivity, DiscreteAdjoint>) {
    if (!sensitivity.checkpoints) {
      kept = &current_tape<T>().template keep<KeptForwards<T>>();
      kept->start(state.size(), form.template kept_size<T>());
    }
  }
  const NetEquation<Form, T> f{form, kept};
  return solve(ODEProblem(f, state, tspan, p), method, options, sensitivity);
}

/// The solution of u' = net(u; p) from one state x.
template <class Net, class X, class P, class Method, class Sensitivity>
auto solve_sample(const Net& net, const X& x, const P& p, const TimeSpan<double>& tspan, const Method& method,
                  const SolveOptions& options, const Sensitivity& sensitivity) {
  return solve_net(OnSample<Net>{net, x.size()}, x, p, x.size(), tspan, method, options, sensitivity);
}

/// The same from the columns of x.
template <class Net, class X, class P, class Method, class Sensitivity>
auto solve_batch(const Net& net, const X& x, const P& p, const TimeSpan<double>& tspan, const Method& method,
                 const SolveOptions& options, const Sensitivity& sensitivity) {
  const Shape shape = shape_of(x);
  return with_shape(solve_net(OnBatch<Net>{net, shape.rows, shape.cols}, flat_state(x), p, shape.rows, tspan,
                              method, options, sensitivity),
                    shape.rows, shape.cols);
}

}  // namespace costate::detail
