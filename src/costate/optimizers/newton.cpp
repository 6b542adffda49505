#include <costate/optimizers/newton.hpp>

namespace costate {

template <class T>
Newton::State<T> Newton::init(std::size_t size) const {
  detail::check(name, {initial_radius, gradient_tolerance, flatness});
  State<T> state;
  state.region = detail::TrustRegionState<T>(size);
  state.derivatives.resize(size * size);
  state.hessian.resize(size * size);
  state.gradient.resize(size);
  return state;
}

template <class T>
StepResult Newton::iterate(State<T>& state, const HessianObjective<T>& objective, Iterate<T>& current) const {
  const std::size_t n = current.x.size();
  bool known = false;
  const auto propose = [&](double radius, std::span<double> step) {
    if (!known) {
      objective.hessian(current.x, state.derivatives);
      for (std::size_t j = 0; j < n; ++j) {
        state.gradient[j] = static_cast<double>(current.gradient[j]);
        for (std::size_t i = 0; i < n; ++i)
          state.hessian[j * n + i] = (static_cast<double>(state.derivatives[j * n + i]) +
                                      static_cast<double>(state.derivatives[i * n + j])) /
                                     2;
      }
      known = true;
    }
    return state.subproblem.solve(state.hessian, state.gradient, radius, step);
  };
  return detail::trust_region_iterate<T>(state.region, {initial_radius, gradient_tolerance, flatness},
                                         objective.first_order, current, propose);
}

template Newton::State<float> Newton::init(std::size_t) const;
template Newton::State<double> Newton::init(std::size_t) const;
template StepResult Newton::iterate(State<float>&, const HessianObjective<float>&, Iterate<float>&) const;
template StepResult Newton::iterate(State<double>&, const HessianObjective<double>&, Iterate<double>&) const;

}  // namespace costate
