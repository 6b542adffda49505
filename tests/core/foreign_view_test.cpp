#include <costate/ad/gradient.hpp>
#include <costate/core/foreign_view.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <array>
#include <gtest/gtest.h>
#include <span>
#include <vector>

namespace costate {
namespace {

TEST(ForeignViews, SpansArraysAndPointersAreStates) {
  const auto decay = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    for (std::size_t i = 0; i < u.size(); ++i) du[i] = p[0] * u[i];
  };
  const std::vector<double> numbers{1.0, 2.0};
  const std::array rate{-0.5};
  const auto from_vector = solve(ODEProblem(decay, numbers, {0.0, 1.0}, rate), Tsit5{});
  const auto from_span = solve(ODEProblem(decay, std::span(numbers), {0.0, 1.0}, rate), Tsit5{});
  const auto from_pointer =
      solve(ODEProblem(decay, VectorView(numbers.data(), 2), {0.0, 1.0}, rate), Tsit5{});
  const auto from_array = solve(ODEProblem(decay, std::array{1.0, 2.0}, {0.0, 1.0}, rate), Tsit5{});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(from_vector.back()[i], from_span.back()[i]);
    EXPECT_EQ(from_vector.back()[i], from_pointer.back()[i]);
    EXPECT_NEAR(from_vector.back()[i], from_array.back()[i], 1e-14);
  }
  const auto g = gradient(
      [&](const auto& q) {
        return sum(solve(ODEProblem(decay, {1.0}, {0.0, 1.0}, q), Tsit5{}));
      },
      std::span(numbers).first(1));
  EXPECT_GT(g[0], 0.0);
}

}  // namespace
}  // namespace costate
