#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/solve/dense_output.hpp>
#include <costate/solve/step_record.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Keeps the interpolants of steps made again.
template <class T>
class SegmentInterpolants {
 public:
  SegmentInterpolants(Buffer<T>& coefficients, std::size_t stride)
      : coefficients_(coefficients), stride_(stride) {
    coefficients_.clear();
  }
  template <class Integrator>
  void step(Integrator& it, T* slot, std::int32_t) {
    it.family().dense_output(slot, it.time(), it.step_size(), coefficients_.append(stride_));
  }

 private:
  Buffer<T>& coefficients_;
  std::size_t stride_;
};

/// u(t) of a recorded solve for one who goes backwards through it: read off the interpolants where they were
/// kept, else off those of the two segments between checkpoints that were asked for last, made again along
/// the recorded mesh.
template <class Solve>
class ForwardStates {
  using T = typename Solve::T;

 public:
  ForwardStates(Solve& solve, bool kept)
      : solve_(solve), kept_(kept), n_(solve.states()), step_(solve.record().size() - 1), state_(n_) {}

  /// The state at t; good until the next call.
  const T* operator()(double t) {
    const auto& record = solve_.record();
    go_to(t);
    const auto theta = static_cast<base_t<T>>((t - record.entry(step_).t) / record.entry(step_).h);
    const T* c = kept_ ? solve_.interpolants().of(step_) : segment(step_);
    for (std::size_t m = 0; m < n_; ++m)
      state_[m] = evaluate_polynomial(c, solve_.coefficients() - 1, n_, m, theta);
    return state_.data();
  }

  /// A time strictly between a and b at which two forward steps meet, the one next to the middle; NaN where
  /// none does.
  double meeting_in(double a, double b) {
    const auto& record = solve_.record();
    double best = std::numeric_limits<double>::quiet_NaN();
    const double middle = (a + b) / 2;
    go_to(middle);
    const auto look = [&](std::size_t i) {
      const double t = record.entry(i).t;
      if ((t - a) * (t - b) >= 0) return false;
      if (!(std::abs(best - middle) <= std::abs(t - middle))) best = t;
      return true;
    };
    for (std::size_t i = step_ + 1; i < record.size() && look(i);) ++i;
    for (std::size_t i = step_ + 1; i-- > 0 && look(i);) {
    }
    return best;
  }

 private:
  /// To the forward step that t lies in.
  void go_to(double t) {
    const auto& record = solve_.record();
    const double direction = record.entry(0).h > 0 ? 1.0 : -1.0;
    while (step_ + 1 < record.size() && (t - record.entry(step_ + 1).t) * direction >= 0) ++step_;
    while (step_ > 0 && (t - record.entry(step_).t) * direction < 0) --step_;
  }
  struct Segment {
    std::size_t from = 0, to = 0;
    Buffer<T> coefficients;
  };
  const T* segment(std::size_t step) {
    const std::size_t stride = solve_.coefficients() * n_;
    if (step < near_.from || step >= near_.to) {
      std::swap(near_, other_);
      if (step < near_.from || step >= near_.to) make_again(near_, step, stride);
    }
    return near_.coefficients.data() + (step - near_.from) * stride;
  }
  [[gnu::noinline]] void make_again(Segment& segment, std::size_t step, std::size_t stride) {
    const auto& record = solve_.record();
    std::size_t c = record.checkpoint_count() - 1;
    while (record.checkpoint_step(c) > step) --c;
    segment.from = record.checkpoint_step(c);
    segment.to = c + 1 < record.checkpoint_count() ? record.checkpoint_step(c + 1) : record.size();
    SegmentInterpolants<T> saver(segment.coefficients, stride);
    NoRecord<T> states(n_, Solve::Family::slot_vectors);
    solve_.replay(c, segment.from, segment.to, saver, states, states.first_slot());
  }

  Solve& solve_;
  bool kept_;
  std::size_t n_, step_;
  Segment near_, other_;
  Buffer<T> state_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
