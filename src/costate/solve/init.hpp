#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/solve/setup.hpp>
#include <costate/solve/solution.hpp>

#include <cstddef>
#include <utility>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// f and p by value, so that an integrator can be copied and outlive the problem it came from.
template <class F, class T, std::size_t N, class P>
struct OwnedRhs {
  F f;
  P p;
  std::size_t n;

  template <class Time>
  void operator()(const T* u, const Time& t, T* du) const {
    BoundRhs<F, T, N, scalar_of<P>, extent_of<P>>{&f, p.view(), n}(u, t, du);
  }
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

/// An integration in hand, one accepted step at a time. It is a value: a copy goes its own way, and assigning
/// an earlier copy goes back to it.
///
///     auto integrator = init(problem, Tsit5{}, {.reltol = 1e-6});
///     while (integrator.step()) std::printf("%g %g\n", integrator.t(), integrator.u()[0]);
template <class Problem, class Method>
class ODEIntegrator {
  static_assert(
      !MatrixLike<decltype(std::declval<const Problem&>().u0())>,
      "costate::init: a problem whose state is a Matrix is solved by solve; step through one of a Vector");
  using T = typename Problem::StateScalar;
  using Types = detail::SolveTypes<Problem, Method, T>;
  static constexpr std::size_t N = Types::N;
  using Rhs = detail::OwnedRhs<typename Types::F, T, N, typename Types::P>;
  using Family = typename detail::MethodFamily<Method>::template Step<Rhs, T, N, double>;
  using Loop = detail::Integrator<Family, typename Types::Controller>;
  static_assert(PlainScalar<decltype(std::declval<const Problem&>().tspan().start)>,
                "costate::init: the ends of the span must be plain numbers; solve differentiates by them");

 public:
  ODEIntegrator(const Problem& problem, const Method& method, const SolveOptions& options)
      : loop_(checked_family(problem, method, options), method.controller, options, problem.tspan().start,
              problem.tspan().end),
        slot_(problem.u0().size() * detail::slot_vectors_of(loop_.family())),
        coefficients_((detail::degree_of(loop_.family()) + 1) * problem.u0().size()) {
    for (std::size_t m = 0; m < size(); ++m) slot_[m] = static_cast<T>(problem.u0()[m]);
    loop_.start(slot_.data(), options.dt);
    previous_t_ = loop_.t();
  }

  /// Makes one accepted step. False at the end of the span and after a failure: status() tells which.
  bool step() {
    if (loop_.at_end() || !loop_.step(slot_.data())) return false;
    loop_.family().dense_output(slot_.data(), loop_.time(), loop_.step_size(), coefficients_.data());
    previous_t_ = loop_.t();
    const T* next = loop_.family().next_state();
    for (std::size_t m = 0; m < size(); ++m) slot_[m] = next[m];
    loop_.accept(slot_.data());
    return true;
  }

  double t() const { return loop_.t(); }
  double previous_t() const { return previous_t_; }
  std::size_t size() const { return loop_.family().size(); }
  VectorView<const T, N> u() const { return {slot_.data(), size()}; }
  bool at_end() const { return loop_.at_end(); }
  Status status() const { return loop_.status(); }
  std::size_t steps() const { return loop_.steps(); }
  std::size_t rejected_steps() const { return loop_.rejected(); }

  /// Replaces the state, as an event would: the next step starts from u with a fresh slope.
  template <VectorLike V>
  void set_u(const V& u) {
    if (u.size() != size()) detail::reject_size("ODEIntegrator::set_u: u", size(), u.size());
    for (std::size_t m = 0; m < size(); ++m) slot_[m] = static_cast<T>(u[m]);
    loop_.restart(slot_.data());
  }
  /// The state within the last step.
  Vector<T, N> operator()(double t) const {
    const double low = std::min(previous_t_, loop_.t()), high = std::max(previous_t_, loop_.t());
    if (!(t >= low && t <= high))
      detail::reject(
          "ODEIntegrator(t): t",
          "a time within the last step [" + detail::to_text(low) + ", " + detail::to_text(high) + "]", t);
    auto result = detail::zeros<T, N>(size());
    if (loop_.steps() == 0) {
      for (std::size_t m = 0; m < size(); ++m) result[m] = slot_[m];
      return result;
    }
    const auto theta = static_cast<base_t<T>>((t - previous_t_) / loop_.h());
    for (std::size_t m = 0; m < size(); ++m)
      result[m] = detail::evaluate_polynomial(coefficients_.data(), detail::degree_of(loop_.family()), size(),
                                              m, theta);
    return result;
  }

 private:
  static Family checked_family(const Problem& problem, const Method& method, const SolveOptions& options) {
    detail::validate(options, problem.u0().size(), problem.tspan().start, problem.tspan().end,
                     Family::has_error_estimate);
    return Family(method, Rhs{problem.f(), problem.p(), problem.u0().size()}, problem.u0().size());
  }

  Loop loop_;
  detail::Buffer<T> slot_, coefficients_;
  double previous_t_ = 0;
};

inline namespace COSTATE_INSTRUCTIONS {

/// An integrator at the start of the problem's span. The same steps as `solve`; options that concern saving
/// are not looked at. Throws std::invalid_argument like `solve`.
template <class Problem, class Method>
ODEIntegrator<Problem, Method> init(const Problem& problem, const Method& method,
                                    const SolveOptions& options = {}) {
  return ODEIntegrator<Problem, Method>(problem, method, options);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
