// wanted: no second derivatives by the ends of the span
#include <costate/ad/jacobian.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

using namespace costate;

int main() {
  const auto f = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = -u[0]; };
  hessian(
      [&](const auto& t) {
        return solve(ODEProblem(f, {1.0}, TimeSpan{0.0, t[0]}), Tsit5{}).back()[0];
      },
      Vector{1.0});
}
