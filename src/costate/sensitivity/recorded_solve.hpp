#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/solve_inputs.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/solve.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <template <class, class, std::size_t> class>
struct TemplateOfPullback {};

/// A solve on the tape in plain numbers and the record of its steps: what every adjoint starts from. An
/// adjoint derives from it, says what it keeps of the steps, and pulls cotangents of what was read back to
/// the inputs.
template <class Problem, class Method, class Scalar>
class RecordedSolve : public SolveOnTape<Scalar, extent_of<typename SolveInputs<Problem, Scalar>::U>> {
 public:
  using T = Scalar;
  using Inputs = SolveInputs<Problem, T>;
  using PlainProblem = typename Inputs::PlainProblem;
  using Types = SolveTypes<PlainProblem, Method, T>;
  using F = typename Types::F;
  using PT = scalar_of<typename Types::P>;
  static constexpr std::size_t N = Types::N;
  static constexpr std::size_t M = Types::M;
  using Family = typename Types::template Family<PT>;
  using Loop = typename Types::template Loop<PT>;
  /// What is kept of a step: its place and size, its stage inputs, its interpolant, or, of `checkpoints`
  /// steps, the state.
  struct Keep {
    bool mesh, stages, interpolant;
    std::optional<std::size_t> checkpoints;
  };
  /// The state at a time of its own choice was read; its cotangent stands in extra_cotangents.
  struct ExtraRead {
    double t;
    std::size_t cotangent;
  };

  void add_read(double t, const T* cotangent) final {
    if (this->has_failed(cotangent, n_)) return;
    extra_reads_.push_back({t, extra_cotangents_.size()});
    T* to = extra_cotangents_.append(n_);
    for (std::size_t m = 0; m < n_; ++m) to[m] = cotangent[m];
  }
  void release() override {
    problem_.reset();
    method_.reset();
    settings_.reset();
  }

  /// Of the interpolant of a step, vectors.
  std::size_t coefficients() const { return degree_of(settings_->family()) + 1; }

 protected:
  /// Cotangents of the saved numbers and of extra_reads to those of the inputs.
  virtual void pull_back(T* adjoints, const T* cotangents) = 0;

  /// make_guard(): what steps are held to beside the error of the state.
  template <class MakeGuard>
  Solution<Var<T>, N> solve_forward(Tape<T>& tape, const Problem& problem, const Method& method,
                                    const SolveOptions& options, const Keep& keep, std::string_view vjp_route,
                                    const MakeGuard& make_guard) {
    static_assert(PlainScalar<decltype(std::declval<PlainProblem>().tspan().start)>,
                  "costate: an adjoint has no second derivatives by the ends of the span: give solve "
                  "ForwardSensitivity{} as its last argument");
    problem_.emplace(Inputs::plain_problem(problem));
    method_.emplace(method);
    inputs_.locate(tape, problem);
    this->owner = &tape;
    n_ = problem_->u0().size();
    extra_reads_.clear();
    extra_cotangents_.clear();
    const double t0 = t_begin(), t1 = t_end();
    const MeshContext::Use use = MeshContext::next();
    validate(options, n_, use.follow ? use.follow->t0 : t0, use.follow ? use.follow->t1 : t1,
             Family::has_error_estimate);

    Loop it(Family(*method_, {&problem_->f(), problem_->p().view(), n_}, n_), method_->controller, options,
            t0, t1);
    it.follow(use.follow);
    Saver<T, N> saver(this->solution, options, n_, degree_of(it.family()), t0, t1, &reads_, use.follow);
    if (keep.interpolant) saver.keep_interpolant();
    record_.start(n_, slot_vectors_of(it.family()),
                  keep.stages ? std::nullopt : std::optional(keep.checkpoints.value_or(1)),
                  keep.mesh || use.keep != nullptr);
    NoEvents events;
    T* slot = record_.first_slot();
    for (std::size_t i = 0; i < n_; ++i) slot[i] = problem_->u0()[i];
    saver.begin(t0, slot);
    it.start(slot, options.dt);
    const auto guard = make_guard();
    const Status status = run_loop(it, slot, saver, record_, events, std::numeric_limits<std::size_t>::max(),
                                   GuardOrNone<std::remove_cvref_t<decltype(guard)>>{&guard});
    saver.finish(status, it.t(), record_.last_state(), static_cast<std::int32_t>(it.steps()) - 1);
    if (use.keep) {
      use.keep->assign(record_.mesh());
      use.keep->t0 = t0, use.keep->t1 = t1, use.keep->status = status;
    }
    settings_.emplace(std::move(it));

    Statistics& statistics = stored().statistics();
    statistics = {};
    statistics.method = Method::name;
    statistics.vjp_route = vjp_route;
    statistics.steps = settings_->steps();
    statistics.rejected_steps = settings_->rejected();
    statistics.rhs_evaluations = count_evaluations<Family>(
        settings_->steps() + settings_->rejected(), settings_->steps(), settings_->at_end(),
        saver.dense_evaluations(), settings_->extra_evaluations());
    statistics.first_dt = settings_->first_step_size();
    statistics.recorded_bytes = record_.bytes();
    if (keep.interpolant) statistics.recorded_bytes += stored().dense().bytes();
    if constexpr (requires { problem_->f().kept_bytes(); })
      statistics.recorded_bytes += problem_->f().kept_bytes();
    if (!is_successful(status)) tape.report_failure(status);

    auto* payload = tape.template allocate<RecordedSolve*>();
    *payload = this;
    const std::int32_t first = tape.push_block(this->solution.values().size(), &pull, payload);
    return {*this, first, tape.id()};
  }

  double t_begin() const { return static_cast<double>(plain(problem_->tspan().start)); }
  double t_end() const { return static_cast<double>(plain(problem_->tspan().end)); }
  auto stored() const {
    return typename StoredSolution<T, N>::Access{const_cast<StoredSolution<T, N>&>(this->solution)};
  }
  /// Steps from … to − 1 once more, from checkpoint c along the recorded mesh: the same bits.
  template <class Guard = NoGuard, class SegmentSaver, class Record>
  void replay(std::size_t c, std::size_t from, std::size_t to, SegmentSaver& saver, Record& record, T* slot) {
    Loop& it = *settings_;
    it.jump_to(record_.entry(from).t, from);
    it.follow(&record_.mesh(), from);
    std::memcpy(static_cast<void*>(it.family().slope()), record_.checkpoint_state(c) + n_, n_ * sizeof(T));
    std::memcpy(static_cast<void*>(slot), record_.checkpoint_state(c), n_ * sizeof(T));
    NoEvents events;
    run_loop(it, slot, saver, record, events, to - from, GuardOrNone<Guard>{});
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

 private:
  static void pull(T* adjoints, void* data, std::int32_t first) {
    RecordedSolve& record = **static_cast<RecordedSolve**>(data);
    const T* cotangents = adjoints + first;
    if (record.has_failed(cotangents, record.solution.values().size())) return;
    record.pull_back(adjoints, cotangents);
    record.extra_reads_.clear();
    record.extra_cotangents_.clear();
  }
};

/// The vjp of f by its route; `in_place` must outlive it.
template <class Vjp, class F, class P>
Vjp make_vjp(const F& f, const InPlace<F>& in_place, const P& p, std::size_t states) {
  if constexpr (std::is_constructible_v<Vjp, const InPlace<F>&, P, std::size_t>)
    return Vjp(in_place, p, states);
  else
    return Vjp(f, p, states);
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
