#pragma once

#include <costate/control/controller_math.hpp>
#include <costate/core/math.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/scalar.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/core/status.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/solve/mesh.hpp>
#include <costate/solve/step_guard.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace costate::detail {

/// Where an integration stands, as a value: copy it to keep it, assign it to go back. Family is the step
/// engine of the method; the state itself is in the slot that every call is given (its first n numbers).
template <StepFamily Family, class Controller>
class Integrator {
 public:
  using FamilyType = Family;
  using T = typename Family::StateScalar;
  using Real = base_t<T>;
  using Time = typename Family::TimeScalar;

  Integrator(Family family, const Controller& controller, const SolveOptions& options, const Time& t0,
             const Time& t1)
      : family_(std::move(family)),
        controller_(controller),
        control_(controller.start(Family::error_order)),
        t0_(t0),
        t1_(t1),
        t_(plain(t0)),
        t_end_(plain(t1)),
        direction_(t_end_ >= t_ ? 1.0 : -1.0),
        adaptive_(options.adaptive && Family::has_error_estimate),
        max_steps_(options.max_steps),
        limit_(options.max_steps),
        dtmax_(options.dtmax.value_or(std::abs(t_end_ - t_))),
        dtmin_(options.dtmin.value_or(0.0)) {
    const std::size_t n = family_.size();
    scale_.abstol = static_cast<Real>(options.abstol.value_or(default_abstol));
    scale_.reltol = static_cast<Real>(options.reltol.value_or(default_reltol));
    if (!options.abstol.values().empty() || !options.reltol.values().empty()) {
      scale_.abstols.resize(n);
      scale_.reltols.resize(n);
      for (std::size_t m = 0; m < n; ++m) {
        scale_.abstols[m] =
            options.abstol.values().empty() ? scale_.abstol : static_cast<Real>(options.abstol.values()[m]);
        scale_.reltols[m] =
            options.reltol.values().empty() ? scale_.reltol : static_cast<Real>(options.reltol.values()[m]);
      }
    }
    resolve_stops(options, t_, t_end_, stops_);
    has_stops_ = stops_.size() > 1;
  }

  double t() const { return t_; }
  double t_next() const { return t_next_; }
  double h() const { return h_taken_; }
  double direction() const { return direction_; }
  bool at_end() const { return t_ == t_end_; }
  Status status() const { return status_; }
  Family& family() { return family_; }
  const Family& family() const { return family_; }
  std::size_t steps() const { return steps_; }
  std::size_t rejected() const { return tried_ - steps_; }
  double first_step_size() const { return first_step_size_; }
  std::size_t extra_evaluations() const { return extra_evaluations_; }
  /// The step and its start as the engine saw them: differentiating numbers where the ends of the span are.
  const Time& time() const { return time_; }
  const Time& step_size() const { return step_size_; }

  /// Follow these steps instead of the controller; null: control again.
  void follow(const Mesh* mesh, std::size_t from = 0) {
    mesh_ = mesh;
    mesh_position_ = from;
    limit_ = mesh != nullptr ? std::numeric_limits<std::size_t>::max() : max_steps_;
    // along the mesh of a span with other ends, the first and the last step are stretched
    const auto apart = [](double a, double b) {
      return std::abs(a - b) > 8 * std::numeric_limits<double>::epsilon() * std::abs(b);
    };
    stretched_ = mesh != nullptr && !mesh->steps.empty() && from == 0 &&
                 (mesh->steps.back().t_end != t_end_ || apart(mesh->steps[0].t_end - mesh->steps[0].h, t_));
  }
  /// Jump to the start of recorded step number `step` (its slope must be set by the caller).
  void jump_to(double t, std::size_t step) {
    t_ = start_ = t;
    steps_ = tried_ = step;
  }

  /// Before the first step: f at the start, and the first step size where none is given. inside: f may jump
  /// at the start, which is no end of a span but a point of it, so it is evaluated an ulp behind.
  void start(const T* slot, const std::optional<double>& dt, bool inside = false) {
    if (inside) start_ = std::nextafter(t_, t_end_);
    family_.restart(slot, inside ? Time(start_) : t0_);
    extra_evaluations_ += 1;
    if (mesh_ != nullptr) return;
    if (!is_finite(sum(slot)) || !is_finite(sum(family_.slope()))) {
      status_ = Status::initial_failure;
      return;
    }
    if (at_end()) return;
    if constexpr (ProposesSteps<Family>)
      given_ = h_ = direction_ * dt.value_or(0.0);
    else
      h_ = direction_ * (dt ? *dt : initial_step(slot));
  }

  /// One accepted step from slot[0 … n). False: the integration has failed, status() says how. guard: what
  /// else a step is held to.
  template <class Guard = NoGuard>
  [[gnu::always_inline]] inline bool step(T* slot, Guard&& guard = {}) {
    if (status_ != Status::success) return false;
    if (mesh_ != nullptr && mesh_position_ >= mesh_->steps.size())
      return fail(mesh_->status == Status::success ? Status::unstable : mesh_->status);
    if constexpr (ProposesSteps<Family>) {
      if (adaptive_ && mesh_ == nullptr && !ask_family(slot)) return false;
    }
    for (;;) {
      if (tried_ == limit_) [[unlikely]]
        return fail(Status::max_steps_reached);
      const bool lands = propose();
      ++tried_;
      family_.step(slot, time_, step_size_);
      if (mesh_ != nullptr) {
        ++mesh_position_;
        break;
      }
      if (!adaptive_) {
        if (!is_finite(sum(family_.next_state()))) return fail(Status::unstable);
        if (t_next_ == t_) return fail(Status::dt_below_minimum);
        if (lands) ++stop_;
        break;
      }
      double e2 = family_.error(slot, step_size_, scale_);
      if constexpr (std::remove_cvref_t<Guard>::active) {
        if (e2 <= 1.0 && hardly_moves(slot)) [[unlikely]]
          e2 = std::max(e2, guard.error(slot, static_cast<double>(plain(time_)), h_taken_));
        if constexpr (EstimatesStiffness<Family>)
          if (e2 <= 1.0 && guard.wanted()) longest_ = longest_stable(slot, e2);
      }
      if (stands(e2)) [[likely]] {
        double next = h_taken_ * controller_.accept(control_, e2);
        // a step that was cut short to land on a stop says nothing against the size it was cut from
        if (lands) {
          ++stop_;
          if (std::abs(next) < std::abs(h_)) next = h_;
          // an infinite state makes its own scaled error zero
          if (!is_finite(sum(family_.next_state()))) return fail(Status::unstable);
        }
        if constexpr (std::remove_cvref_t<Guard>::active)
          if (std::abs(next) > longest_) [[unlikely]]
            next = direction_ * longest_;
        // a branch that is seldom taken, since all stages of the next step wait for h
        if (std::abs(next) < dtmin_ || std::abs(next) > dtmax_) [[unlikely]]
          next = direction_ * (std::abs(next) < dtmin_ ? dtmin_ : dtmax_);
        h_ = next;
        // a step that time does not feel: u would go on and t stand still
        if (t_next_ == t_) [[unlikely]]
          return fail(Status::dt_below_minimum);
        break;
      }
      if (!retry(e2)) return false;
    }
    if (steps_++ == 0) first_step_size_ = h_taken_;
    return true;
  }

  /// Makes the end of the step the present; `u` is the state there. True where its slope was evaluated anew.
  [[gnu::always_inline]] inline bool accept(const T* u) {
    t_ = start_ = t_next_;
    rest_ = rest_next_;
    first_ = false;
    if (has_stops_ && is_stop(t_)) [[unlikely]]
      return leave_stop(u);
    if (Family::evaluates_at_accept && at_end()) return false;
    if constexpr (PlainScalar<Time>)
      family_.accept(u, t_);
    else
      family_.accept(u, at_end() ? t1_ : Time(t_));
    return false;
  }
  /// The same where the state was changed at the end of the step: the slope is evaluated anew.
  bool accept_changed(const T* u) {
    t_ = start_ = t_next_;
    rest_ = rest_next_;
    first_ = false;
    if (at_end()) return true;
    if (has_stops_ && is_stop(t_)) start_ = std::nextafter(t_, t_end_);
    evaluate_slope(u);
    return true;
  }
  /// The state was changed between two steps: the slope is evaluated anew.
  void restart(const T* u) {
    family_.restart(u, Time(t_));
    extra_evaluations_ += 1;
  }

 private:
  /// The size of the next step by the family itself; the first one may be given.
  [[gnu::always_inline]] inline bool ask_family(T* slot) {
    Time start{};
    if constexpr (PlainScalar<Time>)
      start = start_;
    else
      start = first_ ? t0_ : Time(start_);
    const double longest = longest_ < dtmax_ ? longest_ : dtmax_;
    const double size = family_.propose(slot, start, scale_, direction_, std::abs(h_taken_), longest);
    extra_evaluations_ += 1;
    if (!(size > 0)) return fail(Status::unstable);
    h_ = direction_ * clamp(size, dtmin_, longest > dtmin_ ? longest : dtmin_);
    if (steps_ == 0 && given_ != 0) h_ = given_;
    return true;
  }
  /// Sets h_taken_ and t_next_; true where the step lands on a stop.
  [[gnu::always_inline]] inline bool propose() {
    bool lands = false;
    if (mesh_ != nullptr) {
      const Mesh::Step& s = mesh_->steps[mesh_position_];
      h_taken_ = s.h;
      t_next_ = s.t_end;
      if (stretched_) stretch();
    } else {
      const double stop = stops_[stop_];
      const double left = stop - t_;
      // what rounding leaves before a stop is no step of its own
      const double slack =
          100 * std::numeric_limits<double>::epsilon() * std::abs(stop) + 1e-8 * std::abs(h_);
      lands = std::abs(h_) >= std::abs(left) - slack;
      h_taken_ = lands ? reach(stop) : h_;
      // a thousand equal steps add up to their multiple: the rounding of t is carried along
      const double ahead = h_ + rest_;
      t_next_ = lands ? stop : t_ + ahead;
      rest_next_ = lands ? 0.0 : ahead - (t_next_ - t_);
    }
    if constexpr (PlainScalar<Time>) {
      time_ = start_;
      step_size_ = h_taken_;
    } else {
      // the first step leaves a moving start, the last one reaches a moving end; the mesh between stands
      // still
      time_ = first_ ? t0_ : Time(start_);
      const Time end = t_next_ == t_end_ ? t1_ : Time(t_next_);
      step_size_ = end - time_;
      step_size_ = step_size_ + (h_taken_ - static_cast<double>(plain(step_size_)));
    }
    return lands;
  }
  // f may jump at a stop, whichever value it takes there: the step before sees times up to an ulp before it,
  // the step after begins an ulp behind it, so that the order is kept. No step sees a time beyond the end of
  // the span.
  [[gnu::noinline]] double reach(double stop) const {
    const double target = stop_ + 1 < stops_.size() ? std::nextafter(stop, t_) : stop;
    double h = target - start_;
    while ((start_ + h - target) * direction_ > 0) h = std::nextafter(h, 0.0);
    return h * direction_ > 0 ? h : stop - t_;
  }
  [[gnu::noinline]] bool leave_stop(const T* u) {
    start_ = std::nextafter(t_, t_end_);
    evaluate_slope(u);
    return !Family::evaluates_at_accept;
  }
  void evaluate_slope(const T* u) {
    if constexpr (Family::evaluates_at_accept) {
      family_.accept(u, Time(start_));
    } else {
      family_.restart(u, Time(start_));
      extra_evaluations_ += 1;
    }
  }
  bool is_stop(double t) const {
    return std::binary_search(stops_.begin(), stops_.end() - 1, t,
                              [this](double a, double b) { return (b - a) * direction_ > 0; });
  }
  void stretch() {
    if (mesh_position_ + 1 >= mesh_->steps.size()) t_next_ = t_end_;
    if (mesh_position_ == 0 || t_next_ == t_end_) h_taken_ = t_next_ - t_;
  }
  /// Whether a step of this error is accepted; a controller may have a rule of its own.
  bool stands(double e2) const {
    if constexpr (requires { controller_.accepts(control_, e2); })
      return controller_.accepts(control_, e2);
    else
      return e2 <= 1.0;
  }
  bool retry(double e2) {
    const bool finite = std::isfinite(e2);
    h_ = h_taken_ * (finite ? controller_.reject(control_, e2) : 0.2);
    // a long solve may touch the edge of a domain now and then; one that does nothing else is lost
    if (!finite && ++non_finite_ > 60 + steps_ / 2) return fail(Status::unstable);
    if (std::abs(h_) < dtmin_ || std::abs(h_) <= 4 * std::numeric_limits<double>::epsilon() * std::abs(t_) ||
        h_ == 0)
      return fail(finite ? Status::dt_below_minimum : Status::unstable);
    return true;
  }
  bool fail(Status status) {
    status_ = status;
    return false;
  }
  /// Whether the state changed by less than ten times the tolerance: its error then tells little of the error
  /// of its derivative.
  bool hardly_moves(const T* slot) const {
    const T* next = family_.next_state();
    const double bound = 10 * std::sqrt(static_cast<double>(family_.size()));
    double total = 0;
    for (std::size_t m = 0; m < family_.size(); ++m) {
      const double before = plain(slot[m]), after = plain(next[m]), change = after - before;
      const double scale = scale_.of(m, std::max(std::abs(before), std::abs(after)));
      if (std::abs(change) >= bound * scale) return false;  // mostly the first one says it
      total += (change / scale) * (change / scale);
    }
    return total < bound * bound;
  }
  /// How long the next step may be to damp what decays; e2 grows above 1 where the present one does not.
  /// Steps beyond let rounding grow, which the error shows only when it has reached the tolerance.
  double longest_stable(const T* slot, double& e2) {
    const double rate = family_.stiffness(slot, time_, step_size_, scale_, extra_evaluations_);
    const double size = std::abs(h_taken_), interval = family_.stability_interval();
    if (size * rate > interval) [[unlikely]]
      e2 = std::pow(size * rate / interval, 2.0 * Family::error_order);
    return 0.9 * interval / rate;
  }
  double sum(const T* x) const {
    double total = 0;
    for (std::size_t m = 0; m < family_.size(); ++m) total += static_cast<double>(plain(x[m]));
    return total;
  }

  /// E. Hairer, S. P. Nørsett & G. Wanner, Solving ODEs I, II.4, "Starting step size", with the RMS norm of
  /// this library.
  double initial_step(const T* u) {
    const std::size_t n = family_.size();
    const T* f0 = family_.slope();
    const auto weight = [&](std::size_t m) {
      return 1.0 / scale_.of(m, std::abs(static_cast<double>(plain(u[m]))));
    };
    double d0 = 0, d1 = 0;
    for (std::size_t m = 0; m < n; ++m) {
      const double w = weight(m), x = plain(u[m]) * w, y = plain(f0[m]) * w;
      d0 += x * x, d1 += y * y;
    }
    d0 = std::sqrt(d0 / n), d1 = std::sqrt(d1 / n);
    const double smallest = std::max(dtmin_, 100 * std::numeric_limits<double>::epsilon() * std::abs(t_));
    double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
    h0 = std::max(std::min(h0, dtmax_), smallest);
    if (!std::isfinite(h0)) return std::max(smallest, std::min(1e-6, dtmax_));
    Buffer<T> u1(n), f1(n);
    for (std::size_t m = 0; m < n; ++m) u1[m] = u[m] + static_cast<Real>(direction_ * h0) * f0[m];
    family_.rhs()(u1.data(), Time(t_ + direction_ * h0), f1.data());
    extra_evaluations_ += 1;
    double d2 = 0;
    bool same = true;
    for (std::size_t m = 0; m < n; ++m) {
      const double difference = plain(f1[m]) - plain(f0[m]), x = difference * weight(m);
      same = same && difference == 0;
      d2 += x * x;
    }
    d2 = std::sqrt(d2 / n) / h0;
    double h = 100 * h0;
    if (!same && std::isfinite(d2)) {
      const double d = std::max(d1, d2);
      const double h1 =
          d <= 1e-15 ? std::max(1e-6, 1e-3 * h0) : std::pow(10.0, -(2 + std::log10(d)) / Family::order);
      h = std::min(h, h1);
    } else if (!std::isfinite(d2)) {
      h = h0 * 1e-3;
    }
    return std::max(std::min(h, dtmax_), smallest);
  }

  Family family_;
  Controller controller_;
  typename Controller::State control_;
  ErrorScale<Real> scale_;
  Buffer<double> stops_;
  Time t0_, t1_, time_{}, step_size_{};
  double t_, t_end_, t_next_ = 0, direction_;
  double start_ = t_;  // of the step as f sees it: t, or an ulp behind a stop
  double h_ = 0, h_taken_ = 0, first_step_size_ = 0, given_ = 0;
  double rest_ = 0, rest_next_ = 0;  // sum of the steps − t
  bool adaptive_, first_ = true, has_stops_ = false;
  std::size_t max_steps_, limit_;  // limit_: of tried_; none along a mesh
  double dtmax_, dtmin_, longest_ = std::numeric_limits<double>::infinity();  // longest_: that damps
  std::size_t stop_ = 0, tried_ = 0, steps_ = 0, non_finite_ = 0, extra_evaluations_ = 0;
  const Mesh* mesh_ = nullptr;
  std::size_t mesh_position_ = 0;
  bool stretched_ = false;
  Status status_ = Status::success;
};

}  // namespace costate::detail
