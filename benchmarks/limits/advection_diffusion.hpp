#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <span>

namespace limits {

/// f_i = a u_(i−1) + b u_i + c u_(i+1) on a periodic line of n points: u' = −u_x + (1/4n) u_xx by central
/// differences.
struct AdvectionDiffusion {
  double a, b, c;

  explicit AdvectionDiffusion(std::size_t n) {
    const double dx = 1.0 / double(n), diffusion = 0.25 * dx;
    a = 1 / (2 * dx) + diffusion / (dx * dx);
    b = -2 * diffusion / (dx * dx);
    c = -1 / (2 * dx) + diffusion / (dx * dx);
  }
  /// The state that all solves begin with: two modes on a constant.
  static double start(std::size_t i, std::size_t n) {
    const double x = 2 * std::numbers::pi * double(i) / double(n);
    return 1 + 0.5 * std::sin(x) + 0.1 * std::sin(40 * x);
  }
  /// What becomes of it by the equation on the grid.
  double exact(std::size_t i, std::size_t n, double t) const {
    const auto mode = [&](double m) {
      const double x = 2 * std::numbers::pi * m / double(n);
      const double growth = (a + c) * std::cos(x) + b, frequency = (c - a) * std::sin(x);
      return std::exp(growth * t) * std::sin(x * double(i) + frequency * t);
    };
    return 1 + 0.5 * mode(1) + 0.1 * mode(40);
  }
};

/// A Tsit5 step of a state too large for registers, at what memory gives: steps of at most 0.4/n, held to a
/// tolerance.
///
///     black_box   a pass a stage for the combination, one for f, one for the error: 54 vectors a step
///     fused       f in the passes of the stages, the error in the last: 34
///     tiled       all stages of a tile in cache, its neighbours' values computed again: 2
///
/// n is a multiple of 8, at least 64. Needs AVX-512.
class AdvectionDiffusionSteps {
 public:
  AdvectionDiffusionSteps(std::size_t n, double tolerance);
  ~AdvectionDiffusionSteps();
  AdvectionDiffusionSteps(const AdvectionDiffusionSteps&) = delete;
  AdvectionDiffusionSteps& operator=(const AdvectionDiffusionSteps&) = delete;

  void black_box();
  void fused();
  void tiled();
  std::span<const double> state() const;
  double t() const;
  std::size_t rejected() const;
  /// a = b + s c over as many bytes as the black-box step holds.
  void triad();
  std::size_t triad_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace limits
