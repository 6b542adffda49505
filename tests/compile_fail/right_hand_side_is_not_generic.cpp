// wanted: can be called neither as f\(du, u, p, t\) nor as f\(u, p, t\) with the scalar that is needed
#include <costate/ad/gradient.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

using namespace costate;

void on_doubles(VectorView<double, 1> du, VectorView<const double, 1> u, VectorView<const double, 1> p,
                double) {
  du[0] = p[0] * u[0];
}

int main() {
  gradient(
      [](const auto& p) {
        return solve(ODEProblem(on_doubles, {1.0}, {0.0, 1.0}, p), Tsit5{}).back()[0];
      },
      Vector{1.0});
}
