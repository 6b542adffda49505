// What the files of the program share: an equation, a network and a loss with names of their own, and a table
// of functions that one file calls in another.
#pragma once

#include <costate/losses.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/init.hpp>
#include <costate/training/train.hpp>

#include <cstddef>
#include <type_traits>
#include <vector>

namespace shared {

struct LotkaVolterra {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& /*t*/) const {
    du[0] = u[0] * (p[0] - p[1] * u[1]);
    du[1] = u[1] * (p[2] * u[0] - p[3]);
  }
};

using State = costate::Vector<double, 2>;
using Rates = costate::Vector<double, 4>;
using Problem = costate::ODEProblem<LotkaVolterra, State, Rates>;
using Trajectory = costate::Solution<double, 2>;
using Variable = costate::Var<double>;

inline constexpr costate::Chain net{costate::Dense<2, 16, costate::activation::tanh>{},
                                    costate::Dense<16, 2>{}};
using Net = std::remove_const_t<decltype(net)>;

inline costate::SolveOptions tight() {
  return {.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.5};
}

/// Σ u² of the saved states.
struct Loss {
  template <class U, class P>
  auto operator()(const U& u0, const P& p) const {
    const costate::ODEProblem problem(LotkaVolterra{}, u0, costate::TimeSpan{0.0, 10.0}, p);
    return costate::squared_error(costate::solve(problem, costate::Tsit5{}, tight()), 0.0);
  }
};

struct File {
  const char* instructions;
  bool (*runs_here)();  ///< whether the processor has them
  std::vector<std::size_t> (*layouts)();
  Problem (*problem)();
  Trajectory (*solve)(const Problem&);
  std::vector<double> (*read)(const Trajectory&);  ///< at saved times and between
  std::vector<double> (*gradient)(const State&, const Rates&);
  /// A part of somebody else's loss: on his tape.
  Variable (*on_tape)(const costate::Vector<Variable, 2>&, const costate::Vector<Variable, 4>&);
  costate::Vector<double> (*parameters)();  ///< of a network
  std::vector<double> (*net_gradient)(const costate::Vector<double>&);
  costate::Vector<double> (*trained)(const costate::Vector<double>&);
};

extern const File baseline_file, avx2_file, avx512_file;

}  // namespace shared
