#pragma once

#include <costate/ad/var.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace costate {

/// Numbers in [-1, 1), the same ones for the same seed on every platform.
class RandomWeights {
 public:
  explicit RandomWeights(std::uint32_t seed = 7) : engine_(seed) {}
  double operator()() { return static_cast<double>(engine_()) / 2147483648.0 - 1.0; }

 private:
  std::mt19937 engine_;
};

/// u' on two states with three parameters: nonlinear, depends on time, neither stable nor stiff.
struct DrivenPredatorPrey {
  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    du[0] = p[0] * u[0] - p[1] * u[0] * u[1] + 0.3 * costate::sin(p[2] * t);
    du[1] = -u[1] + p[1] * u[0] * u[1] * costate::exp(-0.2 * t);
  }
};

/// Σ w_ik solution[i][k] + Σ w·solution(t_r) + w·back(): every way to read a solution, with cotangents that
/// are random and not zero.
template <class S>
auto random_reads(const S& solution, const std::vector<double>& times) {
  RandomWeights weight;
  typename S::value_type total(0);
  for (std::size_t i = 0; i < solution.size(); ++i)
    for (std::size_t k = 0; k < solution.state_size(); ++k) total += weight() * solution[i][k];
  for (const double t : times) {
    const auto state = solution(t);
    for (std::size_t k = 0; k < state.size(); ++k) total += weight() * state[k];
  }
  if (solution.size() > 0)
    for (std::size_t k = 0; k < solution.state_size(); ++k) total += weight() * solution.back()[k];
  return total;
}

/// max |a − b| / max |b|; NaN where one is
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(difference <= largest)) largest = difference;
    scale = std::fmax(scale, std::abs(static_cast<double>(b[i])));
  }
  return largest / scale;
}

}  // namespace costate
