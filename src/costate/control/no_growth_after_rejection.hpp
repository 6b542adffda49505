#pragma once

namespace costate {

/// A controller under which the step that is accepted after a rejection is not followed by a longer one.
///
///     with_control(method, NoGrowthAfterRejection{PIController{.beta1 = 0.125, .beta2 = 0.0}})
///
/// Where rejections come in series, the step that was found stays for a while. Rule of DOPRI5, DOP853 and
/// most codes of their authors; SciML's controllers grow at once. E. Hairer, S. P. Nørsett & G. Wanner,
/// Solving ODEs I (1993), §II.4, after eq. (4.13).
template <class Controller>
struct NoGrowthAfterRejection {
  Controller controller;

  constexpr NoGrowthAfterRejection(const Controller& inside) : controller(inside) {}

  struct State : Controller::State {
    bool rejected = false;
  };
  State start(int order) const { return {controller.start(order)}; }

  bool accepts(const State& state, double e2) const requires requires { controller.accepts(state, e2); }
  { return controller.accepts(state, e2); }
  double accept(State& state, double e2) const {
    const double factor = controller.accept(state, e2);
    const bool bounded = state.rejected && factor > 1.0;
    state.rejected = false;
    return bounded ? 1.0 : factor;
  }
  double reject(State& state, double e2) const {
    state.rejected = true;
    return controller.reject(state, e2);
  }
};

}  // namespace costate
