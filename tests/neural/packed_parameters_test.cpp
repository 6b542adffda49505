#include <costate/ad/gradient.hpp>
#include <costate/ad/jacobian.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/neural/neural_ode.hpp>
#include <costate/nn/chain.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>

#include <cmath>
#include <gtest/gtest.h>

namespace costate {
namespace {

const Chain net{Dense{3, 17, activation::tanh}, Dense{17, 9, activation::swish}, Dense{9, 3}};
const SolveOptions options{.abstol = 1e-9, .reltol = 1e-9, .saveat = {0.3, 1.0}};
const NeuralODE node(net, {0.0, 1.0}, Tsit5{}, options);
const auto p = net.initial_parameters<double>(5);
const Vector x0{0.9, -0.4, 0.3};

const auto loss_of_solution = [](const auto& solution) {
  auto total = 0.0 * solution[0][0];
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t j = 0; j < 3; ++j)
      total = total + std::sin(1.0 + double(3 * i + j)) * solution[i][j] * solution[i][j];
  return total;
};
const auto loss = [](const auto& q) { return loss_of_solution(node(x0, q)); };
/// The same by a right-hand side that calls the layers at the flat parameters.
const auto flat_loss = [](const auto& q) {
  const auto f = [](const auto& u, const auto& parameters, auto /*t*/) { return net(u, parameters); };
  return loss_of_solution(solve(ODEProblem(f, x0, {0.0, 1.0}, q), Tsit5{}, options));
};

template <class A, class B>
double difference(const A& a, const B& b) {
  double largest = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i) largest = std::fmax(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(PackedParameters, GiveTheGradientOfTheFlatOnes) {
  const auto packed = value_and_gradient(loss, p), flat = value_and_gradient(flat_loss, p);
  EXPECT_NEAR(std::get<0>(packed), std::get<0>(flat), 1e-13);
  EXPECT_LT(difference(std::get<1>(packed), std::get<1>(flat)), 1e-11);
  EXPECT_EQ(std::get<0>(packed), loss(p)) << "a value does not depend on whether it is differentiated";
}

TEST(PackedParameters, MayBeMadeOfVariablesAndNumbers) {
  // half of them are functions of the argument, out of order on the tape, the others constants
  const auto mixed = [](const auto& q, const auto& of) {
    using S = scalar_of<std::remove_cvref_t<decltype(q)>>;
    Vector<S> parameters(p.size());
    for (std::size_t i = 0; i < p.size(); ++i)
      parameters[p.size() - 1 - i] = i % 2 == 0 ? q[i / 2] * p[i] : S(p[i]);
    return of(parameters);
  };
  const Vector<double> ones(std::vector<double>((p.size() + 1) / 2, 1.0));
  const auto packed = gradient([&](const auto& q) { return mixed(q, loss); }, ones);
  const auto flat = gradient([&](const auto& q) { return mixed(q, flat_loss); }, ones);
  EXPECT_LT(difference(packed, flat), 1e-11);
}

TEST(PackedParameters, ServeTheGradientByTheStartAlone) {
  const auto by_start = [](const auto& of_net) {
    return gradient([&](const auto& x) { return loss_of_solution(of_net(x)); }, x0);
  };
  const auto packed = by_start([](const auto& x) { return node(x, p); });
  const auto flat = by_start([](const auto& x) {
    const auto f = [](const auto& u, const auto& q, auto /*t*/) { return net(u, q); };
    return solve(ODEProblem(f, x, {0.0, 1.0}, p), Tsit5{}, options);
  });
  EXPECT_LT(difference(packed, flat), 1e-11);
}

TEST(PackedParameters, SurviveTwoSolvesInOneLossAndAnother) {
  const auto twice = [](const auto& q) { return loss(q) + loss_of_solution(node(node(x0, q)[1], q)); };
  const auto flat_twice = [](const auto& q) {
    const auto f = [](const auto& u, const auto& parameters, auto /*t*/) { return net(u, parameters); };
    const auto first = solve(ODEProblem(f, x0, {0.0, 1.0}, q), Tsit5{}, options);
    return loss_of_solution(first) +
           loss_of_solution(solve(ODEProblem(f, first[1], {0.0, 1.0}, q), Tsit5{}, options));
  };
  EXPECT_LT(difference(gradient(twice, p), gradient(flat_twice, p)), 1e-11);
  const Vector<double> elsewhere(std::vector<double>(p.size(), 0.1));
  const auto again = gradient(twice, p);
  gradient(twice, elsewhere);
  EXPECT_EQ(difference(gradient(twice, p), again), 0);
}

TEST(PackedParameters, LeaveSecondDerivativesToTheLayers) {
  const Chain small{Dense{2, 3, activation::tanh}, Dense{3, 2}};
  const NeuralODE of_small(small, {0.0, 1.0}, Tsit5{}, options);
  const auto q = small.initial_parameters<double>(2);
  const auto squares = [&](const auto& r) {
    const auto end = of_small(Vector{0.5, -1.0}, r)[1];
    return end[0] * end[0] + 2.0 * end[1] * end[0];
  };
  const auto h = hessian(squares, q);
  const double step = 1e-5;
  for (std::size_t j = 0; j < q.size(); j += 3) {
    auto above = q, below = q;
    above[j] += step, below[j] -= step;
    const auto up = gradient(squares, above), down = gradient(squares, below);
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(h(i, j), (up[i] - down[i]) / (2 * step), 1e-7);
  }
}

}  // namespace
}  // namespace costate
