#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/sensitivity/adjoint_tolerances.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/forward_states.hpp>
#include <costate/sensitivity/recorded_solve.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// What makes a continuous adjoint of its tag:
///
///     settings(tag)           its name, tolerances and checkpoints
///     steps_quadratures       q' = −(∂f/∂p)ᵀ λ is stepped beside λ
///     steps_states            u' = f is stepped beside λ, backwards; nothing of the forward steps is kept
///     Quadrature<Solve, Vjp>  looks at each accepted backward step and gives q at the end
template <class Tag>
struct AdjointParts;

template <class Tag>
concept ContinuousAdjoint = requires {
  AdjointParts<Tag>::steps_states;
};

/// Nothing to integrate, or integrated as components of the backward solve.
struct NoQuadrature {
  template <class... Arguments>
  explicit NoQuadrature(const Arguments&...) {}
  template <class Integrator, class T>
  void step(Integrator&, T*, std::int32_t) {}
  template <class T>
  bool finish(T*) {
    return true;
  }
};

/// The largest number in x, its derivatives included: what scales and errors of differentiating numbers are
/// measured by. NaN where one is.
template <class T>
double largest_part(const T& x) {
  if constexpr (PlainScalar<T>) {
    return std::abs(static_cast<double>(x));
  } else if constexpr (is_var<T>) {
    return largest_part(x.value());
  } else {
    double largest = largest_part(x.value);
    for (const auto& d : x.partial) {
      const double part = largest_part(d);
      if (!(part <= largest)) largest = part;
      if (std::isnan(largest)) break;
    }
    return largest;
  }
}

/// A time at which the solution was read: λ jumps there.
template <class T>
struct AdjointJump {
  double t;
  const T* cotangent;
  const T* state;  // what was saved there, or null
};

/// y = [λ, q, u] backwards: λ' = −(∂f/∂u)ᵀ λ, q' = −(∂f/∂p)ᵀ λ, u' = f; q and u only where they are stepped.
template <class Solve, class Vjp, bool StepsStates>
struct BackwardRhs {
  using T = typename Solve::T;
  Solve* solve;
  Vjp* vjp;
  ForwardStates<Solve>* states;
  std::size_t n, m;

  void operator()(const T* y, double t, T* dy) const {
    const T* u;
    if constexpr (StepsStates) {
      u = y + n + m;
      solve->right_hand_side(u, t, dy + n + m);
    } else {
      u = (*states)(t);
    }
    vjp->start();
    (*vjp)(u, t, y, dy);
    if (m > 0) {
      for (std::size_t i = n; i < n + m; ++i) dy[i] = T(0);
      vjp->finish(dy + n);
    }
    for (std::size_t i = 0; i < n + m; ++i) dy[i] = -dy[i];
  }
};

/// The jumps of λ as events of the backward solve, and the comparison of a state that is solved backwards
/// with what was saved of it.
template <class Solve, bool StepsStates>
class AdjointJumps {
  using T = typename Solve::T;
  using Real = base_t<T>;

 public:
  static constexpr bool active = true;

  AdjointJumps(const Buffer<AdjointJump<T>>& jumps, double scale, const Solve& solve, std::size_t u_at,
               bool resets)
      : jumps_(jumps), inverse_(static_cast<Real>(1 / scale)), solve_(solve), u_at_(u_at), resets_(resets) {}

  template <class Integrator>
  AfterEvent after_step(const Integrator& it, const T*) {
    if (next_ == jumps_.size() || jumps_[next_].t != it.t_next()) return AfterEvent::go_on;
    if constexpr (StepsStates) {
      const T* saved = jumps_[next_].state;
      if (saved != nullptr && solve_.has_strayed(it.family().next_state() + u_at_, saved)) {
        strayed_ = true;
        return AfterEvent::terminate;
      }
    }
    return AfterEvent::restart;
  }
  template <class Integrator>
  void apply(const Integrator& it, T* y) {
    jump(it.t_next(), y);
  }
  void jump(double t, T* y) {
    for (; next_ < jumps_.size() && jumps_[next_].t == t; ++next_) {
      const AdjointJump<T>& here = jumps_[next_];
      for (std::size_t i = 0; i < solve_.states(); ++i) y[i] = y[i] + inverse_ * here.cotangent[i];
      if (StepsStates && resets_ && here.state != nullptr)
        for (std::size_t i = 0; i < solve_.states(); ++i) y[u_at_ + i] = here.state[i];
    }
  }
  bool strayed() const { return strayed_; }

 private:
  const Buffer<AdjointJump<T>>& jumps_;
  Real inverse_;
  const Solve& solve_;
  std::size_t u_at_, next_ = 0;
  bool resets_, strayed_ = false;
};

/// A solve on the tape that is pulled back by solving for λ backwards.
template <class Problem, class Method, class T, class Tag>
class ContinuousAdjointRecord final : public RecordedSolve<Problem, Method, T> {
  using Base = RecordedSolve<Problem, Method, T>;
  using Parts = AdjointParts<Tag>;
  using Base::extra_cotangents_, Base::extra_reads_, Base::inputs_, Base::method_, Base::n_, Base::problem_;
  using Base::M, Base::N, Base::reads_, Base::record_;
  using typename Base::F, typename Base::Inputs, typename Base::PT;
  static constexpr bool steps_states = Parts::steps_states;
  static constexpr bool steps_quadratures = Parts::steps_quadratures && Inputs::by_p;
  static constexpr bool integrates = !Parts::steps_quadratures && Inputs::by_p;
  using StepVjp = VjpFor<F, T, N, M, PT, steps_quadratures>;
  using QuadratureVjp = VjpFor<F, T, N, M, PT, true>;

 public:
  Solution<Var<T>, N> run(Tape<T>& tape, const Problem& problem, const Method& method,
                          const SolveOptions& options, const Tag& sensitivity) {
    const AdjointSettings settings = Parts::settings(sensitivity);
    tolerances_ = resolve_tolerances(settings, options);
    options_ = options;
    sensitivity_ = sensitivity;
    interpolated_ = !settings.checkpoints && !steps_states;
    return this->solve_forward(
        tape, problem, method, options, {!steps_states, false, interpolated_, settings.checkpoints},
        route_of<StepVjp>(problem.u0().size(), problem.p().size()), [&] { return make_guard(); });
  }

  // for the parts above
  using Base::replay;
  std::size_t states() const { return n_; }
  std::size_t parameters() const { return problem_->p().size(); }
  const StepRecord<T>& record() const { return record_; }
  const DenseOutput<T>& interpolants() const { return this->stored().dense(); }
  const AdjointTolerances& tolerances() const { return tolerances_; }
  double span() const { return std::abs(this->t_end() - this->t_begin()); }
  void right_hand_side(const T* u, double t, T* du) const {
    BoundRhs<F, T, N, PT, M>{&problem_->f(), problem_->p().view(), n_}(u, t, du);
  }
  /// Whether a state solved backwards is off the saved one by more than the square root of the tolerance,
  /// relative to the largest saved value of each component: more than half of the digits that were asked for
  /// are lost.
  bool has_strayed(const T* u, const T* saved) const {
    double total = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const double tolerance = abstol_of(options_, i) + reltol_of(options_, i) * sizes_[i];
      const double off = static_cast<double>(plain(u[i])) - static_cast<double>(plain(saved[i]));
      total += off * off / (tolerance * std::max(sizes_[i], tolerance));
    }
    return !(total <= static_cast<double>(n_));
  }

 private:
  void pull_back(T* adjoints, const T* cotangents) override {
    collect_jumps(cotangents);
    if constexpr (steps_states) measure_sizes();
    auto by_u0 = zeros<T, N>(n_);
    Buffer<T> y(n_ + parameters());
    for (T& x : y) x = T(0);
    const double largest = largest_cotangent();
    if (largest != 0) {
      if (!std::isfinite(largest)) {
        for (T& x : y) x = T(std::numeric_limits<base_t<T>>::quiet_NaN());
        // a power of two: nothing is rounded
      } else if (!solve_backwards(power_of_two_below(largest), y.data())) {
        this->owner->report_failure(Status::adjoint_failed);
        this->owner->report_use_of_failure();
        return;
      }
    }
    for (std::size_t i = 0; i < n_; ++i) by_u0[i] = y[i];
    if constexpr (Inputs::by_time) add_times(adjoints, by_u0.data(), cotangents);
    for (std::size_t i = 0; i < reads_.size(); ++i)
      if (reads_[i].step == -1)
        for (std::size_t m = 0; m < n_; ++m) by_u0[m] = by_u0[m] + cotangents[i * n_ + m];
    if constexpr (Inputs::by_u0) inputs_.u0.add(adjoints, by_u0.data());
    if constexpr (Inputs::by_p) inputs_.p.add(adjoints, y.data() + n_);
  }

  double largest_cotangent() const {
    double largest = 0;
    for (const auto& jump : jumps_)
      for (std::size_t i = 0; i < n_; ++i) {
        const double part = largest_part(jump.cotangent[i]);
        if (std::isnan(part)) return part;
        largest = std::max(largest, part);
      }
    return largest;
  }
  /// A quadrature whose error nothing controls rests on the forward mesh, which then must serve ∂f/∂p too.
  auto make_guard() const {
    if constexpr (requires { sensitivity_.control_derivative; } && integrates)
      return derivative_guard<typename Base::Types, true, T>(*problem_, *method_, options_,
                                                             sensitivity_.control_derivative);
    else
      return NoGuard{};
  }
  /// Where the solution was read after its start, the last first.
  void collect_jumps(const T* cotangents) {
    jumps_.clear();
    const auto t = this->solution.t();
    const T* values = this->solution.values().data();
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      if (reads_[i].step == -1) continue;
      const T* g = cotangents + i * n_;
      bool any = steps_states;  // a saved state is compared with, whether the loss read it or not
      for (std::size_t m = 0; m < n_ && !any; ++m) any = is_var<T> || largest_part(g[m]) != 0;
      if (any) jumps_.push_back({t[i], g, values + i * n_});
    }
    for (const auto& read : extra_reads_)
      jumps_.push_back({read.t, extra_cotangents_.data() + read.cotangent, nullptr});
    const double direction = this->t_end() >= this->t_begin() ? 1.0 : -1.0;
    std::stable_sort(jumps_.begin(), jumps_.end(),
                     [&](const auto& a, const auto& b) { return (a.t - b.t) * direction > 0; });
  }

  void measure_sizes() {
    sizes_.resize(n_);
    const auto values = this->solution.values();
    for (std::size_t i = 0; i < n_; ++i) {
      sizes_[i] = std::abs(static_cast<double>(plain(problem_->u0()[i])));
      for (std::size_t k = i; k < values.size(); k += n_)
        sizes_[i] = std::max(sizes_[i], std::abs(static_cast<double>(plain(values[k]))));
    }
  }

  /// y = [λ(t₀), dL/dp]. False: the backward solve failed.
  [[gnu::noinline]] bool solve_backwards(double scale, T* y) {
    using Rhs = BackwardRhs<ContinuousAdjointRecord, StepVjp, steps_states>;
    using BackwardFamily = typename MethodFamily<Method>::template Step<Rhs, T, dynamic, double>;
    using Quadrature =
        std::conditional_t<integrates,
                           typename Parts::template Quadrature<ContinuousAdjointRecord, QuadratureVjp>,
                           NoQuadrature>;
    const std::size_t m = steps_quadratures ? parameters() : 0;
    const std::size_t size = n_ + m + (steps_states ? n_ : 0);
    const double t_first = jumps_[0].t, t0 = this->t_begin();

    const InPlace<F> in_place{problem_->f()};
    StepVjp vjp = make_vjp<StepVjp>(problem_->f(), in_place, problem_->p().view(), n_);
    AdjointJumps<ContinuousAdjointRecord, steps_states> jumps(jumps_, scale, *this, n_ + m, resets());
    NoRecord<T> slots(size, BackwardFamily::slot_vectors);
    T* slot = slots.first_slot();
    for (std::size_t i = 0; i < size; ++i) slot[i] = T(0);
    if constexpr (steps_states) set_state(slot + n_ + m);
    jumps.jump(t_first, slot);

    bool succeeded = true;
    if (t_first != t0) {
      ForwardStates<ContinuousAdjointRecord> states(*this, interpolated_);
      Quadrature quadrature = make_quadrature<Quadrature>(in_place, states);
      SolveOptions options = backward_options(tolerances_, options_, n_, m, steps_states);
      if constexpr (!BackwardFamily::has_error_estimate) options.dt = options_.dt;
      for (const auto& jump : jumps_) options.tstops.push_back(jump.t);
      std::erase_if(options.tstops, [&](double t) { return (t - t0) * (t - t_first) >= 0; });
      Integrator<BackwardFamily, typename Base::Types::Controller> it(
          BackwardFamily(*method_, Rhs{this, &vjp, &states, n_, m}, size), method_->controller, options,
          t_first, t0);
      it.start(slot, options.dt, true);
      const Status status =
          run_loop(it, slot, quadrature, slots, jumps, std::numeric_limits<std::size_t>::max());
      succeeded = status == Status::success && !jumps.strayed();
      if constexpr (steps_states)
        succeeded = succeeded && !has_strayed(slot + n_ + m, converted<T, N>(problem_->u0()).data());
      if (succeeded) succeeded = quadrature.finish(y + n_);
    }
    const auto back = static_cast<base_t<T>>(scale);
    for (std::size_t i = 0; i < n_ + m; ++i) y[i] = slot[i];
    for (std::size_t i = 0; i < n_ + parameters(); ++i) y[i] = back * y[i];
    return succeeded;
  }
  template <class Quadrature>
  Quadrature make_quadrature(const InPlace<F>& in_place, ForwardStates<ContinuousAdjointRecord>& states) {
    if constexpr (integrates)
      return Quadrature(*this, states, problem_->f(), in_place, problem_->p().view());
    else
      return Quadrature();
  }
  bool resets() const {
    if constexpr (steps_states)
      return sensitivity_.checkpointing;
    else
      return false;
  }
  void set_state(T* u) const {
    if (jumps_[0].state != nullptr) {
      for (std::size_t i = 0; i < n_; ++i) u[i] = jumps_[0].state[i];
    } else {
      const auto state = this->stored().interpolated(jumps_[0].t);
      for (std::size_t i = 0; i < n_; ++i) u[i] = state[i];
    }
  }

  /// dL/dt₁ = Σ gᵀ f where the end was read as such; dL/dt₀ = −λ(t₀)ᵀ f(u₀, t₀), and Σ gᵀ f where multiples
  /// of a spacing move with the start.
  void add_times(T* adjoints, const T* lambda, const T* cotangents) {
    auto slope = zeros<T, N>(n_);
    const auto along = [&](const T* u, double t, const T* g) {
      right_hand_side(u, t, slope.data());
      T total(0);
      for (std::size_t i = 0; i < n_; ++i) total = total + g[i] * slope[i];
      return total;
    };
    T by_start = -along(converted<T, N>(problem_->u0()).data(), this->t_begin(), lambda), by_end(0);
    const auto last = static_cast<std::int32_t>(record_.size()) - 1;
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      const bool at_end = reads_[i].step == last && reads_[i].theta == 1.0 && !reads_[i].moves;
      if (reads_[i].step < 0 || !(at_end || reads_[i].moves)) continue;
      const T change =
          along(this->solution.values().data() + i * n_, this->solution.t()[i], cotangents + i * n_);
      if (at_end)
        by_end = by_end + change;
      else
        by_start = by_start + change;
    }
    if (inputs_.t0 >= 0) adjoints[inputs_.t0] = adjoints[inputs_.t0] + by_start;
    if (inputs_.t1 >= 0) adjoints[inputs_.t1] = adjoints[inputs_.t1] + by_end;
  }

  AdjointTolerances tolerances_{};
  SolveOptions options_;
  Tag sensitivity_{};
  bool interpolated_ = true;
  Buffer<AdjointJump<T>> jumps_;
  Buffer<double> sizes_;
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// A solve with variables in it, to be pulled back by a continuous adjoint.
template <class Problem, class Method, detail::ContinuousAdjoint Tag>
auto solve_differentiated(const Problem& problem, const Method& method, const SolveOptions& options,
                          const Tag& sensitivity) {
  using T = typename Problem::StateScalar::value_type;
  Tape<T>& tape = detail::current_tape<T>();
  return tape.template keep<detail::ContinuousAdjointRecord<Problem, Method, T, Tag>>().run(
      tape, problem, method, options, sensitivity);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
