#pragma once

#include <costate/problems/ode_problem.hpp>

#include <cstddef>
#include <model_problems/model_problem.hpp>
#include <vector>

namespace costate {

/// A right-hand side behind a pointer: a method is compiled once for all problems of a test. It counts its
/// calls.
struct ErasedRhs {
  using Function = void (*)(VectorView<double>& du, const VectorView<const double>& u,
                            const VectorView<const double>& p, const double& t);
  Function function;
  std::size_t* calls = nullptr;

  void operator()(VectorView<double>& du, const VectorView<const double>& u,
                  const VectorView<const double>& p, const double& t) const {
    if (calls != nullptr) ++*calls;
    function(du, u, p, t);
  }
};
using ErasedProblem = ODEProblem<ErasedRhs, Vector<double>, Vector<double>>;

/// A model problem with sizes known at run time.
template <model_problems::ModelProblem M>
ErasedProblem erased(std::size_t* calls = nullptr) {
  const ErasedRhs rhs{[](VectorView<double>& du, const VectorView<const double>& u,
                         const VectorView<const double>& p, const double& t) { M::f(du, u, p, t); },
                      calls};
  return ErasedProblem(rhs, Vector<double>(M::u0), M::tspan, Vector<double>(M::p));
}

}  // namespace costate
