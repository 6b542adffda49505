#pragma once

#include <costate/core/sensitivity_tags.hpp>
#include <costate/sensitivity/moving_ends.hpp>
#include <costate/sensitivity/solve_inputs.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

namespace costate {

namespace detail {

/// A solve on the tape that is pulled back step by step (DiscreteAdjoint).
template <class Problem, class Method, class T>
class DiscreteAdjointRecord final : public SolveOnTape<T, extent_of<typename SolveInputs<Problem, T>::U>> {
  using Inputs = SolveInputs<Problem, T>;
  using PlainProblem = typename Inputs::PlainProblem;
  using Types = SolveTypes<PlainProblem, Method, T>;
  using PT = scalar_of<typename Types::P>;
  static constexpr std::size_t N = Types::N;
  static constexpr std::size_t M = Types::M;
  using Family = typename Types::template Family<PT>;
  using Loop = typename Types::template Loop<PT>;
  using Vjp = VjpFor<typename Types::F, T, N, M, PT, Inputs::by_p>;
  using Pullback = typename MethodFamily<Method>::template Pullback<Vjp, T, N>;
  static constexpr std::size_t coefficients = Family::degree + 1;

 public:
  Solution<Var<T>, N> run(Tape<T>& tape, const Problem& problem, const Method& method,
                          const SolveOptions& options, const DiscreteAdjoint& sensitivity) {
    problem_.emplace(Inputs::plain_problem(problem));
    method_.emplace(method);
    inputs_.locate(tape, problem);
    this->owner = &tape;
    n_ = problem_->u0().size();
    extra_reads_.clear();
    extra_cotangents_.clear();
    const double t0 = time_of(problem_->tspan().start), t1 = time_of(problem_->tspan().end);
    static_assert(PlainScalar<decltype(problem_->tspan().start)>,
                  "costate::DiscreteAdjoint: no second derivatives by the ends of the span: give solve(…, "
                  "ForwardSensitivity{})");
    const MeshContext::Use use = MeshContext::next();
    validate(options, n_, use.follow ? use.follow->t0 : t0, use.follow ? use.follow->t1 : t1,
             Family::has_error_estimate);
    if (sensitivity.checkpoints && *sensitivity.checkpoints == 0)
      reject("DiscreteAdjoint.checkpoints", "at least 1, or unset to keep every stage", "0");

    Loop it = make_loop(options);
    it.follow(use.follow);
    Saver<T, N> saver(this->solution, options, n_, Family::degree, t0, t1, &reads_, use.follow);
    if constexpr (Inputs::by_time) saver.keep_interpolant();
    record_.start(n_, Family::slot_vectors, sensitivity.checkpoints);
    NoEvents events;
    T* slot = record_.first_slot();
    for (std::size_t i = 0; i < n_; ++i) slot[i] = problem_->u0()[i];
    saver.begin(t0, slot);
    it.start(slot, options.dt);
    const Status status = run_loop(it, slot, saver, record_, events, std::numeric_limits<std::size_t>::max());
    const T* last = record_.last_state();
    saver.finish(status, it.t(), last, static_cast<std::int32_t>(it.steps()) - 1);
    if (use.keep) {
      use.keep->assign(record_.mesh());
      use.keep->t0 = t0, use.keep->t1 = t1, use.keep->status = status;
    }
    settings_.emplace(std::move(it));

    Statistics& statistics = typename StoredSolution<T, N>::Access{this->solution}.statistics();
    statistics = {};
    statistics.method = Method::name;
    statistics.vjp_route = Vjp::route;
    statistics.steps = settings_->steps();
    statistics.rejected_steps = settings_->rejected();
    statistics.rhs_evaluations = count_evaluations<Family>(
        settings_->steps() + settings_->rejected(), settings_->steps(), settings_->at_end(),
        saver.dense_evaluations(), settings_->extra_evaluations());
    statistics.first_dt = settings_->first_step_size();
    statistics.recorded_bytes = record_.bytes();
    if (!is_successful(status)) tape.report_failure(status);

    auto* payload = tape.template allocate<DiscreteAdjointRecord*>();
    *payload = this;
    const std::int32_t first = tape.push_block(this->solution.values().size(), &pull, payload);
    return {*this, first, tape.id()};
  }

  void release() override {
    problem_.reset();
    method_.reset();
    settings_.reset();
  }

  void add_read(double t, const T* cotangent) override {
    const auto& dense = typename StoredSolution<T, N>::Access{this->solution}.dense();
    if (this->has_failed(cotangent, n_)) return;
    ExtraRead read{1.0, -1, extra_cotangents_.size()};
    if (!dense.empty()) {
      const std::size_t step = dense.find(t, settings_->direction());
      read.step = static_cast<std::int32_t>(step);
      read.theta = (t - dense.steps[step].t) / dense.steps[step].h;
    }
    extra_reads_.push_back(read);
    T* to = extra_cotangents_.append(n_);
    for (std::size_t m = 0; m < n_; ++m) to[m] = cotangent[m];
  }

 private:
  struct ExtraRead {
    double theta;
    std::int32_t step;
    std::size_t cotangent;
  };

  template <class S>
  static double time_of(const S& t) {
    return static_cast<double>(plain(t));
  }
  Loop make_loop(const SolveOptions& options) const {
    const double t0 = time_of(problem_->tspan().start), t1 = time_of(problem_->tspan().end);
    return Loop(Family(*method_, {&problem_->f(), problem_->p().view(), n_}, n_), method_->controller,
                options, t0, t1);
  }

  static void pull(T* adjoints, void* data, std::int32_t first) {
    (*static_cast<DiscreteAdjointRecord**>(data))->pull_back(adjoints, adjoints + first);
  }

  void pull_back(T* adjoints, const T* cotangents) {
    if (this->has_failed(cotangents, this->solution.values().size())) return;
    const InPlace<typename Types::F> in_place{problem_->f()};
    Vjp vjp(route_function(in_place), problem_->p().view(), n_);
    Pullback pullback(*method_, vjp, n_);
    Sweep sweep{cotangents, reads_.size(), extra_reads_.size(), zeros<T, N>(n_), Vector<T>(coefficients * n_),
                T(0),       T(0)};
    std::sort(extra_reads_.begin(), extra_reads_.end(),
              [](const ExtraRead& a, const ExtraRead& b) { return a.step < b.step; });
    const std::size_t steps = record_.size();
    if (!record_.has_checkpoints()) {
      pull_steps(sweep, pullback, 0, steps);
    } else {
      for (std::size_t c = record_.checkpoint_count(); c-- > 0;) {
        const std::size_t from = record_.checkpoint_step(c);
        const std::size_t to = c + 1 < record_.checkpoint_count() ? record_.checkpoint_step(c + 1) : steps;
        make_again(c, from, to);
        pull_steps(sweep, pullback, from, to);
      }
      record_.end_segments();
    }
    add_reads_at(sweep, -1, sweep.lambda.data(), nullptr);
    if constexpr (Inputs::by_u0) inputs_.u0.add(adjoints, sweep.lambda.data());
    if constexpr (Inputs::by_p) {
      Buffer<T> pbar(inputs_.p.size);
      for (T& x : pbar) x = T(0);
      pullback.finish(pbar.data());
      inputs_.p.add(adjoints, pbar.data());
    }
    if constexpr (Inputs::by_time) {
      if (inputs_.t0 >= 0) adjoints[inputs_.t0] = adjoints[inputs_.t0] + sweep.t0;
      if (inputs_.t1 >= 0) adjoints[inputs_.t1] = adjoints[inputs_.t1] + sweep.t1;
    }
    extra_reads_.clear();
    extra_cotangents_.clear();
  }

  struct Sweep {
    const T* cotangents;
    std::size_t reads, extra;  // those not yet pulled
    Vector<T, N> lambda;
    Vector<T> dense;
    T t0, t1;
  };

  auto& route_function(const InPlace<typename Types::F>& in_place) const {
    if constexpr (std::is_constructible_v<Vjp, const InPlace<typename Types::F>&, VectorView<const PT, M>,
                                          std::size_t>)
      return in_place;
    else
      return problem_->f();
  }

  [[gnu::noinline]] void pull_steps(Sweep& sweep, Pullback& pullback, std::size_t from, std::size_t to) {
    T* lambda = sweep.lambda.data();
    for (std::size_t i = to; i-- > from;) {
      const auto& entry = record_.entry(i);
      const bool dense = add_reads_at(sweep, static_cast<std::int32_t>(i), lambda, sweep.dense.data());
      if constexpr (Inputs::by_time) {
        if (i == 0 || i + 1 == record_.size()) pull_times(sweep, pullback, i, dense);
      }
      pullback.step(record_.slot(i), entry.t, entry.h, lambda, dense ? sweep.dense.data() : nullptr,
                    entry.fresh);
      if (dense)
        for (T& x : sweep.dense) x = T(0);
    }
  }

  /// Cotangents of what was read off step i: at its end into lambda, inside into the coefficients of its
  /// interpolant.
  bool add_reads_at(Sweep& sweep, std::int32_t i, T* lambda, T* dense) {
    bool inside = false;
    const auto add = [&](double theta, const T* g, bool state) {
      if (state) {
        for (std::size_t m = 0; m < n_; ++m) lambda[m] = lambda[m] + g[m];
        return;
      }
      inside = true;
      base_t<T> power(1);
      for (std::size_t q = 0; q < coefficients; ++q) {
        for (std::size_t m = 0; m < n_; ++m) dense[q * n_ + m] = dense[q * n_ + m] + power * g[m];
        power *= static_cast<base_t<T>>(theta);
      }
    };
    while (sweep.reads > 0 && reads_[sweep.reads - 1].step == i) {
      --sweep.reads;
      const double theta = reads_[sweep.reads].theta;
      const T* g = sweep.cotangents + sweep.reads * n_;
      add(theta, g, theta == 1.0);
      if constexpr (Inputs::by_time) {
        // multiples of a spacing move with the start of the span; inside a step that moves itself, see
        // pull_times
        if (reads_[sweep.reads].moves &&
            (theta == 1.0 || (i > 0 && static_cast<std::size_t>(i) + 1 < record_.size())))
          sweep.t0 = sweep.t0 + slope_along(i, theta, g);
      }
    }
    while (sweep.extra > 0 && extra_reads_[sweep.extra - 1].step == i) {
      --sweep.extra;
      const ExtraRead& read = extra_reads_[sweep.extra];
      // a read at a time that happens to be the end of the span stands still where that end moves
      add(read.theta, extra_cotangents_.data() + read.cotangent,
          read.step < 0 || (read.theta == 1.0 && !Inputs::by_time));
    }
    return inside;
  }
  T slope_along(std::int32_t i, double theta, const T* g) const {
    const auto& dense =
        typename StoredSolution<T, N>::Access{const_cast<StoredSolution<T, N>&>(this->solution)}.dense();
    const T* c = dense.of(static_cast<std::size_t>(i));
    T total(0);
    for (std::size_t m = 0; m < n_; ++m) {
      T slope(0);
      for (std::size_t q = coefficients - 1; q > 0; --q)
        slope = slope * static_cast<base_t<T>>(theta) + static_cast<base_t<T>>(q) * c[q * n_ + m];
      total = total + slope * g[m];
    }
    return total / static_cast<base_t<T>>(record_.entry(static_cast<std::size_t>(i)).h);
  }

  /// The first and the last step absorb the motion of the ends of the span.
  void pull_times(Sweep& sweep, const Pullback& pullback, std::size_t i, bool dense) {
    const bool first = i == 0, last = i + 1 == record_.size();
    MovingStep<Method, typename Types::F, T, N, PT, M> step(*method_, problem_->f(), problem_->p().view(),
                                                            n_);
    step.run(record_.slot(i), record_.entry(i).t, record_.entry(i).h, first, last);
    step.pull_state(sweep.lambda.data(), pullback.carry());
    if (dense) step.pull_dense(sweep.dense.data());
    // reads stand still in time, or move with the start: their place within the step changes
    std::size_t read = sweep.reads;
    for (; read < reads_.size() && reads_[read].step == static_cast<std::int32_t>(i); ++read)
      if (reads_[read].theta != 1.0)
        step.pull_theta(reads_[read].theta, sweep.cotangents + read * n_, reads_[read].moves);
    for (std::size_t e = sweep.extra;
         e < extra_reads_.size() && extra_reads_[e].step == static_cast<std::int32_t>(i); ++e)
      step.pull_theta(extra_reads_[e].theta, extra_cotangents_.data() + extra_reads_[e].cotangent, false);
    sweep.t0 = sweep.t0 + step.by_start();
    sweep.t1 = sweep.t1 + step.by_end();
  }

  /// The stage inputs of steps from … to − 1, from checkpoint c along the recorded mesh.
  void make_again(std::size_t c, std::size_t from, std::size_t to) {
    Loop& it = *settings_;
    it.jump_to(record_.entry(from).t, from);
    it.follow(&record_.mesh(), from);
    std::memcpy(static_cast<void*>(it.family().slope()), record_.checkpoint_state(c) + n_, n_ * sizeof(T));
    record_.start_segment(from);
    T* slot = record_.first_slot();
    std::memcpy(static_cast<void*>(slot), record_.checkpoint_state(c), n_ * sizeof(T));
    Saver<T, N> replay(n_, Family::degree);
    NoEvents events;
    run_loop(it, slot, replay, record_, events, to - from);
  }

  std::optional<PlainProblem> problem_;
  std::optional<Method> method_;
  std::optional<Loop> settings_;
  Inputs inputs_;
  std::size_t n_ = 0;
  StepRecord<T> record_;
  Buffer<SavedRead> reads_;
  Buffer<ExtraRead> extra_reads_;
  Buffer<T> extra_cotangents_;
};

}  // namespace detail

/// A solve with variables in it, to be pulled back by DiscreteAdjoint.
template <class Problem, class Method>
auto solve_differentiated(const Problem& problem, const Method& method, const SolveOptions& options,
                          const DiscreteAdjoint& sensitivity) {
  using T = typename Problem::StateScalar::value_type;
  Tape<T>& tape = detail::current_tape<T>();
  return tape.template keep<detail::DiscreteAdjointRecord<Problem, Method, T>>().run(tape, problem, method,
                                                                                     options, sensitivity);
}

}  // namespace costate
