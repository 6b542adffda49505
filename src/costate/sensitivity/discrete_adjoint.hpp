#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/moving_ends.hpp>
#include <costate/sensitivity/recorded_solve.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// A method whose family brings the pullback of a step.
template <class Method>
concept HasPullback = requires {
  typename TemplateOfPullback<MethodFamily<Method>::template Pullback>;
};

/// A solve on the tape that is pulled back step by step (DiscreteAdjoint).
template <class Problem, class Method, class T>
class DiscreteAdjointRecord final : public RecordedSolve<Problem, Method, T> {
  static_assert(HasPullback<Method>,
                "costate::DiscreteAdjoint: this method has no pullback of its steps: give solve another "
                "sensitivity as its last argument: InterpolatingAdjoint{}, GaussAdjoint{}, "
                "QuadratureAdjoint{}, BacksolveAdjoint{} or ForwardSensitivity{}");
  using Base = RecordedSolve<Problem, Method, T>;
  using Base::extra_cotangents_, Base::extra_reads_, Base::inputs_, Base::method_, Base::n_, Base::problem_;
  using Base::M, Base::N;
  using Base::reads_, Base::record_, Base::settings_;
  using typename Base::Family, typename Base::Inputs, typename Base::PT, typename Base::Types;
  using Vjp = VjpFor<typename Types::F, T, N, M, PT, Inputs::by_p>;
  using Pullback = typename MethodFamily<Method>::template Pullback<Vjp, T, N>;
  using Guard = decltype(derivative_guard<Types, Inputs::by_p, T>(
      std::declval<const typename Base::PlainProblem&>(), std::declval<const Method&>(),
      std::declval<const SolveOptions&>(), true));

 public:
  Solution<Var<T>, N> run(Tape<T>& tape, const Problem& problem, const Method& method,
                          const SolveOptions& options, const DiscreteAdjoint& sensitivity) {
    if (sensitivity.checkpoints && *sensitivity.checkpoints == 0)
      reject("DiscreteAdjoint.checkpoints", "at least 1, or unset to keep every stage", "0");
    return this->solve_forward(tape, problem, method, options,
                               {true, !sensitivity.checkpoints, Inputs::by_time, sensitivity.checkpoints},
                               route_of<Vjp>(problem.u0().size(), problem.p().size()), [&] {
                                 return derivative_guard<Types, Inputs::by_p, T>(
                                     *problem_, *method_, options, sensitivity.control_derivative);
                               });
  }

 private:
  struct PlacedRead {
    double theta;
    std::int32_t step;
    std::size_t cotangent;
  };

  void pull_back(T* adjoints, const T* cotangents) override {
    const InPlace<typename Types::F> in_place{problem_->f()};
    Vjp vjp = make_vjp<Vjp>(problem_->f(), in_place, problem_->p().view(), n_);
    Pullback pullback(*method_, vjp, n_);
    place_extra_reads();
    Sweep sweep{
        cotangents, reads_.size(), placed_reads_.size(), zeros<T, N>(n_), Vector<T>(read_vectors() * n_),
        T(0),       T(0)};
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
    add_reads_at(sweep, pullback, -1, sweep.lambda.data(), nullptr);
    if constexpr (Inputs::by_u0) inputs_.u0.add(adjoints, sweep.lambda.data());
    if constexpr (Inputs::by_p) {
      if (T* const row = inputs_.p.row(adjoints)) {
        pullback.finish(row);
      } else {
        Buffer<T> pbar(inputs_.p.size);
        for (T& x : pbar) x = T(0);
        pullback.finish(pbar.data());
        inputs_.p.add(adjoints, pbar.data());
      }
    }
    if constexpr (Inputs::by_time) {
      if (inputs_.t0 >= 0) adjoints[inputs_.t0] = adjoints[inputs_.t0] + sweep.t0;
      if (inputs_.t1 >= 0) adjoints[inputs_.t1] = adjoints[inputs_.t1] + sweep.t1;
    }
  }
  void place_extra_reads() {
    const auto& dense = this->stored().dense();
    placed_reads_.clear();
    for (const auto& extra : extra_reads_) {
      PlacedRead read{1.0, -1, extra.cotangent};
      if (!dense.empty()) {
        const std::size_t step = dense.find(extra.t, settings_->direction());
        read.step = static_cast<std::int32_t>(step);
        read.theta = (extra.t - dense.steps[step].t) / dense.steps[step].h;
      }
      placed_reads_.push_back(read);
    }
    std::sort(placed_reads_.begin(), placed_reads_.end(),
              [](const PlacedRead& a, const PlacedRead& b) { return a.step < b.step; });
  }

  struct Sweep {
    const T* cotangents;
    std::size_t reads, extra;  // those not yet pulled
    Vector<T, N> lambda;
    Vector<T> dense;
    T t0, t1;
  };

  [[gnu::noinline]] void pull_steps(Sweep& sweep, Pullback& pullback, std::size_t from, std::size_t to) {
    T* lambda = sweep.lambda.data();
    constexpr bool prepares = requires {
      pullback.prepare(lambda);
    };
    if constexpr (prepares)
      if (to > from) pullback.prepare(record_.slot(to - 1));
    for (std::size_t i = to; i-- > from;) {
      const auto& entry = record_.entry(i);
      const bool dense =
          add_reads_at(sweep, pullback, static_cast<std::int32_t>(i), lambda, sweep.dense.data());
      if constexpr (Inputs::by_time) {
        if (i == 0 || i + 1 == record_.size()) pull_times(sweep, pullback, i);
      }
      if constexpr (prepares)
        if (i > from) pullback.prepare(record_.slot(i - 1));
      pullback.step(record_.slot(i), entry.t, entry.h, lambda, dense ? sweep.dense.data() : nullptr,
                    entry.fresh);
      if constexpr (!takes_reads)
        if (dense)
          for (T& x : sweep.dense) x = T(0);
    }
  }

  /// A pullback that takes cotangents of states read inside a step; others take those of the coefficients of
  /// the interpolant.
  static constexpr bool takes_reads = requires { Pullback::read_vectors; };
  std::size_t read_vectors() const {
    if constexpr (takes_reads)
      return Pullback::read_vectors;
    else
      return this->coefficients();
  }
  /// Cotangents of what was read off step i: at its end into lambda, inside into dense.
  [[gnu::always_inline]] bool add_reads_at(Sweep& sweep, const Pullback& pullback, std::int32_t i, T* lambda,
                                           T* dense) {
    bool inside = false;
    const auto add = [&](double theta, const T* g, bool state) {
      if (state) {
        for (std::size_t m = 0; m < n_; ++m) lambda[m] = lambda[m] + g[m];
        return;
      }
      const bool first = !inside;
      inside = true;
      if constexpr (takes_reads)
        pullback.add_read(dense, theta, g, first);
      else
        add_powers(dense, static_cast<base_t<T>>(theta), g);
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
    while (sweep.extra > 0 && placed_reads_[sweep.extra - 1].step == i) {
      --sweep.extra;
      const PlacedRead& read = placed_reads_[sweep.extra];
      // a read at a time that happens to be the end of the span stands still where that end moves
      add(read.theta, extra_cotangents_.data() + read.cotangent,
          read.step < 0 || (read.theta == 1.0 && !Inputs::by_time));
    }
    return inside;
  }
  void add_powers(T* dense, base_t<T> x, const T* g) const {
    using R = base_t<T>;
    const R x2 = x * x, x4 = x2 * x2, powers[4] = {R(1), x, x2, x2 * x};
    const std::size_t count = this->coefficients();
    R power(1);
    const auto add_row = [&](std::size_t q, R weight) __attribute__((always_inline)) {
      for_components<N>(
          n_, [&](std::size_t m)
                  __attribute__((always_inline)) { dense[q * n_ + m] = dense[q * n_ + m] + weight * g[m]; });
    };
    std::size_t q = 0;
    for (; q + 4 <= count; q += 4, power *= x4)
      unroll<4>([&](auto r) __attribute__((always_inline)) { add_row(q + r, power * powers[r]); });
    for (std::size_t r = 0; r < 4 && q < count; ++q, ++r) add_row(q, power * powers[r]);
  }
  T slope_along(std::int32_t i, double theta, const T* g) const {
    const T* c = this->stored().dense().of(static_cast<std::size_t>(i));
    T total(0);
    for (std::size_t m = 0; m < n_; ++m) {
      T slope(0);
      for (std::size_t q = this->coefficients() - 1; q > 0; --q)
        slope = slope * static_cast<base_t<T>>(theta) + static_cast<base_t<T>>(q) * c[q * n_ + m];
      total = total + slope * g[m];
    }
    return total / static_cast<base_t<T>>(record_.entry(static_cast<std::size_t>(i)).h);
  }

  /// The first and the last step absorb the motion of the ends of the span.
  void pull_times(Sweep& sweep, const Pullback& pullback, std::size_t i) {
    const bool first = i == 0, last = i + 1 == record_.size();
    MovingStep<Method, typename Types::F, T, N, PT, M> step(*method_, problem_->f(), problem_->p().view(),
                                                            n_);
    step.run(record_.slot(i), record_.entry(i).t, record_.entry(i).h, first, last);
    step.pull_state(sweep.lambda.data(), pullback.carry());
    // reads stand still in time, or move with the start: their place within the step changes
    std::size_t read = sweep.reads;
    for (; read < reads_.size() && reads_[read].step == static_cast<std::int32_t>(i); ++read)
      if (reads_[read].theta != 1.0)
        step.pull_read(reads_[read].theta, sweep.cotangents + read * n_, reads_[read].moves);
    for (std::size_t e = sweep.extra;
         e < placed_reads_.size() && placed_reads_[e].step == static_cast<std::int32_t>(i); ++e)
      step.pull_read(placed_reads_[e].theta, extra_cotangents_.data() + placed_reads_[e].cotangent, false);
    sweep.t0 = sweep.t0 + step.by_start();
    sweep.t1 = sweep.t1 + step.by_end();
  }

  /// The stage inputs of steps from … to − 1, from checkpoint c along the recorded mesh.
  void make_again(std::size_t c, std::size_t from, std::size_t to) {
    record_.start_segment(from);
    Saver<T, N> saver(n_, degree_of(settings_->family()));
    this->template replay<Guard>(c, from, to, saver, record_, record_.first_slot());
  }

  Buffer<PlacedRead> placed_reads_;
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// A solve with variables in it, to be pulled back by DiscreteAdjoint.
template <class Problem, class Method>
auto solve_differentiated(const Problem& problem, const Method& method, const SolveOptions& options,
                          const DiscreteAdjoint& sensitivity) {
  using T = typename Problem::StateScalar::value_type;
  Tape<T>& tape = detail::current_tape<T>();
  return tape.template keep<detail::DiscreteAdjointRecord<Problem, Method, T>>().run(tape, problem, method,
                                                                                     options, sensitivity);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
