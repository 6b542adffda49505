#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/time_span.hpp>
#include <costate/nn/detail/packed_net.hpp>
#include <costate/nn/layer.hpp>
#include <costate/problems/matrix_state.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/solve/solve.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// What a network kept of the states that a solve evaluated it at, for the way back: looked up by the state
/// itself, newest first, since the way back asks in the reverse order. What is not found (it was forgotten
/// for want of room) is computed again, with the same bits. N: numbers of a state.
template <class T, std::size_t N>
class KeptForwards {
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
  [[gnu::always_inline]] T* add(const T* u) {
    if ((count_ + 1) * (n() + size_) * sizeof(T) > room) return nullptr;
    T* const to = u_.append(n());
    for (std::size_t i = 0; i < n(); ++i) to[i] = u[i];
    ++count_;
    return kept_.append(size_);
  }
  void rewind() { next_ = count_; }
  std::size_t bytes() const { return (u_.size() + kept_.size()) * sizeof(T); }
  /// What was kept for u, or null.
  const T* find(const T* u) {
    for (std::size_t i = next_; i-- > 0;)
      if (same_bits(u_.data() + i * n(), u)) {
        next_ = i;
        return kept_.data() + i * size_;
      }
    return nullptr;
  }

 private:
  std::size_t n() const { return N != dynamic ? N : n_; }
  // numbers of a register's width are compared as integers: g++ calls memcmp for them where it saves space
  static bool same_number(const T& a, const T& b) {
    if constexpr (sizeof(T) == sizeof(std::uint32_t))
      return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
    else if constexpr (sizeof(T) == sizeof(std::uint64_t))
      return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
    else
      return std::memcmp(&a, &b, sizeof(T)) == 0;
  }
  // most differ in the first number, and that one is not worth a call
  bool same_bits(const T* a, const T* b) const {
    if constexpr (N != dynamic && N <= 8) {
      bool same = true;
      for (std::size_t i = 0; i < N; ++i) same &= same_number(a[i], b[i]);
      return same;
    } else {
      return n() == 0 || (same_number(a[0], b[0]) && std::memcmp(a, b, n() * sizeof(T)) == 0);
    }
  }

  std::size_t n_ = 0, size_ = 0, count_ = 0, next_ = 0;
  Buffer<T> u_, kept_;
};

/// A network on one state of N numbers. An `Evaluator` is the network at one p, with its way back.
template <class Net, std::size_t N>
struct OnSample {
  static constexpr std::string_view route = "layers";
  static constexpr std::size_t extent = N;
  Net net;
  std::size_t states;

  template <class T>
  using Evaluator = PackedNet<Net, T, N>;
  template <class T>
  Evaluator<T> at(const T* p) const {
    return Evaluator<T>(net, states, p);
  }
  template <class T>
  void forward(const T* u, const T* p, T* du) const {
    net.forward(u, states, p, du, static_cast<T*>(nullptr));
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
  static constexpr std::size_t extent = dynamic;
  Net net;
  std::size_t rows, cols;

  template <class T>
  class Evaluator {
   public:
    Evaluator(const OnBatch& form, const T* p)
        : net_(form.net), plan_(form.net, form.rows, form.cols), p_(p) {}
    std::size_t kept_size() const { return in_lines<T>(plan_.kept_size()); }
    void forward(const T* u, T* du, T* kept) { batch_forward(net_, plan_, u, p_, du, kept); }

    class Pullback {
     public:
      Pullback(Evaluator& at, std::size_t parameters, bool differentiates_p)
          : at_(at), pbar_(differentiates_p ? parameters : 0) {
        start();
      }
      void start() {
        for (T& x : pbar_) x = T(0);
      }
      void operator()(const T* u, const T* kept, const T* lambda, T* ubar) {
        const std::size_t states = at_.plan_.inputs * at_.plan_.samples;
        if (kept == nullptr) {
          scratch_.resize(at_.kept_size() + states);
          at_.forward(u, scratch_.data() + at_.kept_size(), scratch_.data());
          kept = scratch_.data();
        }
        for (std::size_t i = 0; i < states; ++i) ubar[i] = T(0);
        batch_pullback(at_.net_, at_.plan_, kept, lambda, at_.p_, ubar,
                       pbar_.empty() ? static_cast<T*>(nullptr) : pbar_.data());
      }
      void finish(T* pbar) {
        for (std::size_t k = 0; k < pbar_.size(); ++k) pbar[k] = pbar[k] + pbar_[k];
      }

     private:
      Evaluator& at_;
      Buffer<T> pbar_, scratch_;
    };

   private:
    Net net_;
    BatchPlan<Net, T> plan_;
    const T* p_;
  };
  template <class T>
  Evaluator<T> at(const T* p) const {
    return Evaluator<T>(*this, p);
  }
  template <class T>
  void forward(const T* u, const T* p, T* du) const {
    batch_forward(net, BatchPlan<Net, T>(net, rows, cols), u, p, du, static_cast<T*>(nullptr));
  }
  template <class U, class P>
  auto call(const U& u, const P& p) const {
    return flat_state(net(shaped(u, rows, cols), p));
  }
};

/// What one solve at one p needs of a network in the scalar T: the network made ready for that p, and what it
/// keeps for the way back.
template <class Form, class T>
class NetMemory : public TapeRecord {
 public:
  using Evaluator = typename Form::template Evaluator<T>;

  void start(bool keeps) {
    evaluator_.reset();
    keeps_ = keeps;
    kept_.start(0, 0);
  }
  void release() override { evaluator_.reset(); }

  [[gnu::noinline]] void forward(const Form& form, const T* u, std::size_t states, const T* p, T* du) {
    if (!evaluator_) make_ready(form, states, p);
    evaluator_->forward(u, du, keeps_ ? kept_.add(u) : nullptr);
  }
  /// The same with few numbers by value, so that those of a stage stay in registers.
  template <class... Numbers>
  [[gnu::noinline]] typename Few<T>::type forward_few(const Form& form, const T* p, Numbers... u) {
    const T all[] = {u...};
    if (!evaluator_) make_ready(form, Form::extent, p);
    T slope[Form::extent];
    evaluator_->forward(all, slope, keeps_ ? kept_.add(all) : nullptr);
    typename Few<T>::type few{};
    for (std::size_t i = 0; i < Form::extent; ++i) few[i] = slope[i];
    return few;
  }
  bool ready() const { return evaluator_.has_value(); }
  Evaluator& evaluator() { return *evaluator_; }
  KeptForwards<T, Form::extent>& kept() { return kept_; }

 private:
  [[gnu::noinline]] void make_ready(const Form& form, std::size_t states, const T* p) {
    evaluator_.emplace(form.at(p));
    kept_.start(states, evaluator_->kept_size());
  }

  std::optional<Evaluator> evaluator_;
  bool keeps_ = false;
  KeptForwards<T, Form::extent> kept_;
};

/// u' = net(u; p), the network on one state or on a batch. With `memory`, p is the same in all calls in the
/// scalar Keeper.
template <class Form, class Keeper>
struct NetEquation {
  Form form;
  NetMemory<Form, Keeper>* memory;
  static constexpr bool gives_register = are_few<Keeper, Form::extent>;

  std::size_t kept_bytes() const { return memory != nullptr ? memory->kept().bytes() : 0; }

  template <class DU, class U, class P, class Time>
  [[gnu::always_inline]] void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    if constexpr (is_plain<DU, U, P> && std::is_same_v<scalar_of<DU>, Keeper>) {
      if (memory != nullptr) {
        if constexpr (gives_register) {
          const auto slope = Few<Keeper>::template apply<Form::extent>(
              u.data(), [&](auto... numbers) __attribute__((always_inline)) {
                return memory->forward_few(form, p.data(), numbers...);
              });
          for (std::size_t i = 0; i < Form::extent; ++i) du[i] = slope[i];
        } else {
          memory->forward(form, u.data(), u.size(), p.data(), du.data());
        }
        return;
      }
    }
    call_without_memory(du, u, p);
  }

 private:
  template <class DU, class U, class P>
  static constexpr bool is_plain = std::is_same_v<scalar_of<DU>, scalar_of<U>>&&
      std::is_same_v<scalar_of<DU>, scalar_of<P>>&& PlainScalar<scalar_of<DU>>;
  template <class DU, class U, class P>
  [[gnu::noinline]] void call_without_memory(DU& du, const U& u, const P& p) const {
    if constexpr (is_plain<DU, U, P>) {
      form.forward(u.data(), p.data(), du.data());
    } else {
      const auto y = form.call(u, p);
      for (std::size_t k = 0; k < du.size(); ++k) du[k] = y[k];
    }
  }

 public:
  /// λᵀ ∂f by the layers' own pullback.
  template <class T, std::size_t N, std::size_t M, class PT, bool DiffP>
  class Vjp {
    using Evaluator = typename Form::template Evaluator<T>;

   public:
    static constexpr std::string_view route = Form::route;

    Vjp(const NetEquation& f, const VectorView<const PT, M>& p, std::size_t /*states*/)
        : memory_(memory_of(f)),
          p_(memory_ ? Vector<T>() : Vector<T>(p)),
          own_(memory_ ? std::nullopt : std::optional<Evaluator>(f.form.at(std::as_const(p_).data()))),
          pullback_(memory_ ? memory_->evaluator() : *own_, p.size(), DiffP) {}
    Vjp(const Vjp&) = delete;
    Vjp& operator=(const Vjp&) = delete;

    void start() {
      pullback_.start();
      if (memory_ != nullptr) memory_->kept().rewind();
    }
    template <class Time>
    [[gnu::always_inline]] void operator()(const T* u, const Time& /*t*/, const T* lambda, T* ubar) {
      if constexpr (are_few<T, Form::extent>) {
        const auto bar = Few<T>::template apply<Form::extent>(
            lambda, [&](auto... numbers) __attribute__((always_inline)) { return pull_few(u, numbers...); });
        for (std::size_t i = 0; i < Form::extent; ++i) ubar[i] = bar[i];
      } else {
        pull(u, lambda, ubar);
      }
    }
    void finish(T* pbar) { pullback_.finish(pbar); }

   private:
    [[gnu::noinline]] void pull(const T* u, const T* lambda, T* ubar) {
      pullback_(u, memory_ != nullptr ? memory_->kept().find(u) : nullptr, lambda, ubar);
    }
    template <class... Numbers>
    [[gnu::noinline]] typename Few<T>::type pull_few(const T* u, Numbers... lambda) {
      const T all[] = {lambda...};
      T bar[Form::extent];
      pullback_(u, memory_ != nullptr ? memory_->kept().find(u) : nullptr, all, bar);
      typename Few<T>::type few{};
      for (std::size_t i = 0; i < Form::extent; ++i) few[i] = bar[i];
      return few;
    }
    static NetMemory<Form, T>* memory_of(const NetEquation& f) {
      if constexpr (std::is_same_v<T, Keeper>) {
        if (f.memory != nullptr && f.memory->ready()) return f.memory;
      }
      return nullptr;
    }

    NetMemory<Form, T>* memory_;
    Vector<T> p_;
    std::optional<Evaluator> own_;
    typename Evaluator::Pullback pullback_;
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
  if constexpr (PlainScalar<S>) {
    NetMemory<Form, T> memory;
    memory.start(false);
    return solve(ODEProblem(NetEquation<Form, T>{form, &memory}, state, tspan, p), method, options,
                 sensitivity);
  } else {
    const auto solve_with = [&](NetMemory<Form, T>* memory, const auto& q) {
      using Problem = ODEProblem<NetEquation<Form, T>, Owned<U>, std::remove_cvref_t<decltype(q)>, double>;
      return solve(Problem(NetEquation<Form, T>{form, memory}, own(state), tspan, q), method, options,
                   sensitivity);
    };
    if constexpr (is_var<S> && PlainScalar<T> && std::is_same_v<Sensitivity, DiscreteAdjoint>) {
      Tape<T>& tape = current_tape<T>();
      auto& memory = tape.template keep<NetMemory<Form, T>>();
      memory.start(!sensitivity.checkpoints);
      if constexpr (is_var<scalar_of<P>>)
        return solve_with(&memory, in_a_row<T>(tape, p));
      else
        return solve_with(&memory, own(p));
    } else {
      // these solve at other p, or in other scalars
      return solve_with(nullptr, own(p));
    }
  }
}

/// The solution of u' = net(u; p) from one state x.
template <class Net, class X, class P, class Method, class Sensitivity>
auto solve_sample(const Net& net, const X& x, const P& p, const TimeSpan<double>& tspan, const Method& method,
                  const SolveOptions& options, const Sensitivity& sensitivity) {
  return solve_net(OnSample<Net, extent_of<X>>{net, x.size()}, x, p, x.size(), tspan, method, options,
                   sensitivity);
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

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
