#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>

namespace costate {

/// A method that is an explicit Runge–Kutta table.
template <class M>
concept ExplicitRungeKuttaMethod = requires {
  M::tableau.order;
  M::tableau.b;
  M::controller;
};

namespace detail {

/// The engine and the pullback of the family that a method belongs to. A family specialises it for its
/// methods with two templates:
///
///     Step<Rhs, T, N, Time>      one step forward, in any scalar T (on Dual numbers it is the tangent of the
///     step) Pullback<Vjp, T, N>        the same step backwards: cotangents of what left the step become
///     cotangents of what entered it
///
/// made as Step(method, rhs, n) and Pullback(method, vjp, n), and nothing else in the library knows the
/// method: the loop, the record, saving and the adjoint ask only for what StepFamily lists.
///
/// A family with an error estimate may bring ErrorPullback<Vjp, T, N> too, the pullback of that estimate
/// instead of the step: with it a differentiated solve can hold steps to the tolerance on their derivative.
template <class Method>
struct MethodFamily;

/// How the error of a step is scaled: errᵢ / (abstol + max(|uᵢ|, |u₊ᵢ|) reltol).
template <class Real>
struct ErrorScale {
  Real abstol{}, reltol{};
  Buffer<Real> abstols, reltols;  // one per component, or both empty

  /// Of component m where its size is `size`, in the arithmetic of `size`.
  template <class R>
  [[gnu::always_inline]] inline R of(std::size_t m, R size) const {
    return static_cast<R>(abstols.empty() ? abstol : abstols[m]) +
           static_cast<R>(reltols.empty() ? reltol : reltols[m]) * size;
  }
};

/// Vectors of a slot, and the degree of the interpolant: constants of most families, of the method's values
/// in some.
template <class S>
constexpr std::size_t slot_vectors_of(const S& step) {
  if constexpr (requires { step.slot_vectors(); })
    return step.slot_vectors();
  else
    return S::slot_vectors;
}
template <class S>
constexpr std::size_t degree_of(const S& step) {
  if constexpr (requires { step.degree(); })
    return step.degree();
  else
    return S::degree;
}

/// A family that knows how long its next step may be before it is made (the others ask a controller after
/// it): `propose(slot, time, scale, direction, last, longest)` is that size, or no positive number where
/// there is none. A step that turns out wrong is tried again shorter without another proposal.
template <class S>
concept ProposesSteps = S::proposes_steps;

/// A right-hand side that gives the slope of a small state as one register.
template <class F>
concept GivesRegister = F::gives_register;

/// A family whose slot and slopes are its interpolant: `read(slot, h, theta, values)` needs no coefficients.
template <class S>
concept ReadsSlot = PlainScalar<typename S::TimeScalar> && S::reads_slot;

/// A family that can evaluate what its interpolant needs beside the step, `evaluate_extra_stages(slot, t,
/// h)`, without the coefficients, `dense_coefficients(slot, h, c)`.
template <class S>
concept HasExtraStages = requires(S& step, typename S::StateScalar* slot,
                                  const typename S::TimeScalar& time) {
  step.evaluate_extra_stages(slot, time, time);
  step.dense_coefficients(slot, time, slot);
};

/// A family that can tell how near a step is to the end of its stability: `stiffness(slot, time, h, scale,
/// evaluations)` estimates, after a step, the rate of what decays fastest, and counts the evaluations of f
/// that it took; up to |h λ| = stability_interval() a step damps it.
template <class S>
concept EstimatesStiffness = S::has_error_estimate && requires(const S& step) {
  step.stability_interval();
};

/// What the loop asks of a step engine. A slot is `slot_vectors` vectors of memory that begins with the state
/// and in which the step leaves what its pullback needs.
template <class S>
concept StepFamily = requires(S& step, const S& done, typename S::StateScalar* slot,
                              const typename S::TimeScalar& time,
                              const ErrorScale<base_t<typename S::StateScalar>>& scale) {
  slot_vectors_of(done);     // vectors of a slot
  degree_of(done);           // of the polynomial of the interpolant
  S::order;                  // of the method (at most, where it is a value)
  S::error_order;            // of the error estimate
  S::has_error_estimate;     // false: steps of fixed size only
  S::evaluations_in_step;    // of f, for the statistics: in a tried step,
  S::evaluations_for_dense;  // in its dense output,
  S::evaluates_at_accept;    // and whether accepting it costs one
  step.restart(slot, time);  // at the start and after a discontinuity
  step.step(slot, time, time);
  done.next_state();  // the state at the end of the step
  step.error(slot, time, scale);
  step.dense_output(slot, time, time, slot);
  step.accept(slot, time);  // the end of the step becomes the present
  step.slope();             // what a checkpoint keeps beside the state: the first slope
};

}  // namespace detail
}  // namespace costate
