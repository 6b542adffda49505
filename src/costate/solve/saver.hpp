#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/vector.hpp>
#include <costate/solve/mesh.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Where a saved point was read: theta of step `step`; theta = 1 is the end state itself, step = −1 the
/// initial one.
struct SavedRead {
  double theta;
  std::int32_t step;
  // A multiple of a spacing, which moves with the start of the span. Not a bool: g++ copies what a gap ends
  // in two loads that overlap, and the second one waits for stores.
  std::int32_t moves = 0;
};

/// Fills a Solution along the way. Saving looks at steps and never changes them.
template <class T, std::size_t N>
class Saver {
 public:
  Saver(StoredSolution<T, N>& solution, const SolveOptions& options, std::size_t n, std::size_t degree,
        double t0, double t1, Buffer<SavedRead>* reads, const Mesh* follow = nullptr)
      : solution_{solution}, n_(n), degree_(degree), direction_(t1 >= t0 ? 1.0 : -1.0), reads_(reads) {
    multiples_ = options.saveat.spacing().has_value();
    if (follow != nullptr && (follow->t0 != t0 || follow->t1 != t1)) {
      // as many points as in the span that chose the mesh
      resolve_save_times(options, follow->t0, follow->t1, times_);
      for (double& t : times_)
        t = t == follow->t1 ? t1 : t == follow->t0 ? t0 : multiples_ ? t + (t0 - follow->t0) : t;
    } else {
      resolve_save_times(options, t0, t1, times_);
    }
    list_ = options.saveat.is_set();
    every_step_ = options.save_everystep.value_or(!list_);
    ends_ = !list_ && !every_step_;
    keep_dense_ = options.dense;
    auto s = solution_;
    s.n() = n;
    s.t_begin() = t0;
    s.t_end() = t1;
    s.has_dense() = keep_dense_;
    s.status() = Status::success;
    s.t().clear();
    s.values().clear();
    s.dense().degree = degree;
    s.dense().n = n;
    s.dense().steps.clear();
    s.dense().coefficients.clear();
    s.events().clear();
    if (reads_) reads_->clear();
    if (!every_step_) {
      const std::size_t points = list_ ? times_.size() : 2;
      s.t().resize(points);
      s.t().clear();
      s.values().resize(points * n);
      s.values().clear();
    }
    if (!keep_dense_ && list_) scratch_.resize((degree + 1) * n);
  }

  /// One that saves nothing: for steps made again, whose interpolants need their extra stages evaluated as
  /// before.
  Saver(std::size_t n, std::size_t degree)
      : solution_{unused_}, n_(n), degree_(degree), again_(true), scratch_((degree + 1) * n) {}
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  /// Keeps the interpolant whatever the options say (the solution still refuses to be read where they said
  /// no).
  void keep_interpolant() { keep_dense_ = true; }

  void begin(double t, const T* u) {
    if (keep_dense_) {
      solution_.initial() = zeros<T, N>(n_);
      for (std::size_t m = 0; m < n_; ++m) solution_.initial()[m] = u[m];
    }
    if (every_step_ || ends_) push(t, u, {1.0, -1});
    while (list_ && next_ < times_.size() && times_[next_] == t) {
      if (!every_step_) push(t, u, {1.0, -1});
      ++next_;
    }
  }

  /// After an accepted step number `index`: what falls into it.
  template <class Integrator>
  [[gnu::always_inline]] inline void step(Integrator& it, typename Integrator::T* slot, std::int32_t index) {
    using Family = typename Integrator::FamilyType;
    if (again_) {
      if constexpr (HasExtraStages<Family>)
        it.family().evaluate_extra_stages(slot, it.time(), it.step_size());
      else if constexpr (Family::evaluations_for_dense > 0)
        it.family().dense_output(slot, it.time(), it.step_size(), scratch_.data());
      return;
    }
    const double t_end = it.t_next();
    const bool due = list_ && next_ < times_.size() && (t_end - times_[next_]) * direction_ >= 0;
    T* c = nullptr;
    if (keep_dense_) {
      c = solution_.dense().coefficients.append((degree_ + 1) * n_);
      solution_.dense().steps.push_back({it.t(), it.h()});
    }
    const bool interior = due && (times_[next_] != t_end || moving_);
    if constexpr (HasExtraStages<Family> && ReadsSlot<Family>) {
      if (keep_dense_ || interior) {
        it.family().evaluate_extra_stages(slot, it.time(), it.step_size());
        dense_evaluations_ += 1;
      }
      if (keep_dense_) it.family().dense_coefficients(slot, it.step_size(), c);
    } else if (keep_dense_ || (interior && !ReadsSlot<Family>)) {
      if (!keep_dense_) c = scratch_.data();
      it.family().dense_output(slot, it.time(), it.step_size(), c);
      dense_evaluations_ += 1;
    }
    if (due) save_due(it, slot, c, index, t_end);
    if (every_step_ && !saved_end_) push(t_end, it.family().next_state(), {1.0, index});
    saved_end_ = false;
  }

  void finish(Status status, double t_reached, const T* u_last, std::int32_t last_step) {
    solution_.status() = status;
    const T missing(std::numeric_limits<base_t<T>>::quiet_NaN());
    const auto push_missing = [&](double t) {
      solution_.t().push_back(t);
      T* values = solution_.values().append(n_);
      for (std::size_t m = 0; m < n_; ++m) values[m] = missing;
      if (reads_) reads_->push_back({1.0, -2});
    };
    if (status == Status::success || status == Status::terminated) {
      if (ends_) push(t_reached, u_last, {1.0, last_step});
      return;
    }
    if (list_)
      for (; next_ < times_.size(); ++next_) push_missing(times_[next_]);
    if (!list_ || (every_step_ && (solution_.t().empty() || solution_.t().back() != solution_.t_end())))
      push_missing(solution_.t_end());
  }
  std::size_t dense_evaluations() const { return dense_evaluations_; }

 private:
  template <class Integrator>
  [[gnu::always_inline]] inline void save_due(const Integrator& it, const T* slot, const T* c,
                                              std::int32_t index, double t_end) {
    const double start = it.t(), inverse = 1.0 / it.h();
    while (next_ < times_.size() && (t_end - times_[next_]) * direction_ >= 0) {
      const double t = times_[next_++];
      const bool moves = multiples_ && next_ < times_.size();
      if (t == t_end) {
        push(t, it.family().next_state(), {1.0, index, moves});
        if (moves && moving_) move_last(it, c);
        saved_end_ = true;
        continue;
      }
      const double theta = (t - start) * inverse;
      solution_.t().push_back(t);
      T* values = solution_.values().append(n_);
      read(it, slot, c, theta, t, values);
      if (reads_) reads_->push_back({theta, index, moves});
    }
  }
  // A multiple of the spacing on the end of a step: it moves on while the end stands still.
  template <class Integrator>
  void move_last(const Integrator& it, const T* c) {
    if constexpr (!PlainScalar<typename Integrator::Time>) {
      const T start = it.time(), size = it.step_size(), moving = (start + size + shift_ - start) / size;
      T* values = solution_.values().data() + solution_.values().size() - n_;
      for (std::size_t m = 0; m < n_; ++m)
        values[m] = values[m] + evaluate_polynomial(c, degree_, n_, m, moving) -
                    evaluate_polynomial(c, degree_, n_, m, T(1));
    }
  }
  template <class Integrator>
  void read(const Integrator& it, [[maybe_unused]] const T* slot, const T* c, double theta, double t,
            T* values) const {
    using Family = typename Integrator::FamilyType;
    if (ReadsSlot<Family> && (c == nullptr || !HasExtraStages<Family>)) {
      if constexpr (ReadsSlot<Family>) it.family().read(slot, it.step_size(), theta, values);
    } else if constexpr (PlainScalar<typename Integrator::Time>) {
      evaluate_polynomials<T, N>(c, degree_, n_, static_cast<base_t<T>>(theta), values);
    } else {
      // the saved time stands still while the ends of the step move; multiples of a spacing move with the
      // start
      using Time = typename Integrator::Time;
      Time moving = (Time(t) + (multiples_ ? shift_ : T(0)) - it.time()) / it.step_size();
      moving = moving + (theta - static_cast<double>(plain(moving)));
      for (std::size_t m = 0; m < n_; ++m) values[m] = evaluate_polynomial(c, degree_, n_, m, moving);
    }
  }
  void push(double t, const T* u, SavedRead where) {
    solution_.t().push_back(t);
    T* values = solution_.values().append(n_);
    for (std::size_t m = 0; m < n_; ++m) values[m] = u[m];
    if (reads_) reads_->push_back(where);
  }

 public:
  /// The derivative part of the start of the span, by which the multiples of a spacing move.
  void move_saved_times_by(const T& shift) { shift_ = shift, moving_ = multiples_; }

 private:
  StoredSolution<T, N> unused_{};
  typename StoredSolution<T, N>::Access solution_;
  std::size_t n_, degree_;
  double direction_ = 1;
  Buffer<SavedRead>* reads_ = nullptr;
  Buffer<double> times_;
  std::size_t next_ = 0, dense_evaluations_ = 0;
  bool list_ = false, every_step_ = false, ends_ = false, keep_dense_ = false, saved_end_ = false,
       again_ = false;
  bool multiples_ = false, moving_ = false;
  Buffer<T> scratch_;
  T shift_{};
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
