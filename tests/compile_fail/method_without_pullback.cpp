// wanted: this method has no pullback of its steps: give solve another sensitivity
#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

namespace costate {

// a method of somebody else's, whose steps go forwards only
struct ForwardOnly {
  static constexpr const char* name = "ForwardOnly";
  PIController controller = Tsit5{}.controller;
};
template <>
struct detail::MethodFamily<ForwardOnly> {
  template <class Rhs, class T, std::size_t N, class Time>
  using Step = ExplicitRungeKutta<Tsit5, Rhs, T, N, Time>;
};

}  // namespace costate

using namespace costate;

int main() {
  const auto f = [](auto& du, const auto& u, const auto& p, const auto&) { du[0] = -p[0] * u[0]; };
  gradient(
      [&](const auto& p) {
        return solve(ODEProblem(f, {1.0}, {0.0, 1.0}, p), ForwardOnly{}).back()[0];
      },
      Vector{1.0});
}
