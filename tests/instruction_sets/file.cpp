// Compiled once for each instruction set: COSTATE_TEST_FILE names its table, COSTATE_TEST_NEEDS what the
// processor must have.
#include "file.hpp"

#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/bfgs.hpp>

namespace shared {
namespace {

using namespace costate;

template <class... Types>
std::vector<std::size_t> layouts_of() {
  std::vector<std::size_t> result;
  ((result.push_back(sizeof(Types)), result.push_back(alignof(Types))), ...);
  return result;
}

std::vector<std::size_t> layouts() {
  using OnTape = costate::Solution<Variable, 2>;
  return layouts_of<
      Dual<double, 1>, Dual<double, 2>, Dual<double, 3>, Dual<double, 4>, Dual<double, 6>, Dual<double, 8>,
      Dual<double, 13>, Dual<float, 3>, Dual<float, 8>, Dual<float, 16>, Dual<Dual<double, 4>, 8>, Variable,
      Vector<double, 3>, Vector<Dual<double, 8>, 5>, Vector<float>, Matrix<double>, Matrix<float, 4, 4>,
      VectorView<double>, VectorView<const Dual<double, 6>, 2>, LeafView<double>, Tape<double>, Problem,
      Trajectory, OnTape, MatrixSolution<float>, SolveOptions, Statistics, Tsit5, Net, NeuralODE<Net, Tsit5>,
      ODEIntegrator<Problem, Tsit5>, ValueAndGradient<double, State, Rates>, TrainOptions,
      TrainResult<double>, Adam, Adam::State<double>, BFGS, BFGS::State<double>>();
}

NeuralODE<Net, Tsit5> node() {
  return {net, {0.0, 1.0}, Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.25}};
}
const auto net_loss = [](const auto& p) {
  const auto solution = node()(Vector{2.0, 0.0}, p);
  return squared_error(solution, 1.0);
};

template <class... V>
std::vector<double> joined(double first, const V&... parts) {
  std::vector<double> result{first};
  (result.insert(result.end(), parts.begin(), parts.end()), ...);
  return result;
}

std::vector<double> read(const Trajectory& solution) {
  std::vector<double> result;
  for (std::size_t i = 0; i < solution.size(); ++i)
    result.insert(result.end(), {solution[i][0], solution[i][1]});
  for (const double t : {0.1, 3.3, 7.77}) {
    const auto u = solution(t);
    result.insert(result.end(), {u[0], u[1]});
  }
  return result;
}

std::vector<double> gradient_of_loss(const State& u0, const Rates& p) {
  const auto [value, by_u0, by_p] = value_and_gradient(Loss{}, u0, p);
  return joined(value, by_u0, by_p);
}

std::vector<double> gradient_of_net(const Vector<double>& p) {
  const auto [value, by_p] = value_and_gradient(net_loss, p);
  return joined(value, by_p);
}

}  // namespace

const File COSTATE_TEST_FILE{
    COSTATE_TEST_NEEDS,
    [] { return static_cast<bool>(__builtin_cpu_supports(COSTATE_TEST_NEEDS)); },
    &layouts,
    [] {
      return Problem(LotkaVolterra{}, State{1.0, 1.0}, {0.0, 10.0}, Rates{1.5, 1.0, 1.0, 3.0});
    },
    [](const Problem& problem) { return solve(problem, Tsit5{}, tight()); },
    &read,
    &gradient_of_loss,
    [](const Vector<Variable, 2>& u0, const Vector<Variable, 4>& p) { return Loss{}(u0, p); },
    [] { return net.initial_parameters(7); },
    &gradient_of_net,
    [](const Vector<double>& p) {
      return train(net_loss, p, Adam{.learning_rate = 0.01}, {.max_iterations = 10}).minimizer;
    },
};

}  // namespace shared
