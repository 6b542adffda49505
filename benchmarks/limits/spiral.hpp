#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace limits {

/// u' = W₂ tanh(W₁ u³ + b₁) + b₂ with 50 hidden units, u(0) = (2, 0), t in [0, 1.5], 30 saved points.
inline constexpr std::size_t spiral_points = 30, spiral_data = 2 * spiral_points, spiral_parameters = 252;

struct SpiralEvaluation {
  double value = 0;
  int accepted = 0, rejected = 0, rhs_evaluations = 0;
};

/// Fits the network to points (x₀, y₀, x₁, y₁, …) by the sum of squared differences: Tsit5, the discrete
/// adjoint with stage states and hidden values stored, Adam. Parameters and gradients are exchanged in the
/// order W₁ column by column, b₁, W₂ column by column, b₂; inside they are padded to whole registers.
/// Instantiated for float and double; needs AVX-512.
template <class T>
class SpiralTraining {
 public:
  SpiralTraining(std::span<const T, spiral_data> points, double abstol, double reltol);
  ~SpiralTraining();
  SpiralTraining(const SpiralTraining&) = delete;
  SpiralTraining& operator=(const SpiralTraining&) = delete;

  void set_parameters(std::span<const T, spiral_parameters> p);
  void get_parameters(std::span<T, spiral_parameters> p) const;
  void get_gradient(std::span<T, spiral_parameters> g) const;

  /// At most 400 accepted steps; more end the program.
  SpiralEvaluation value_and_gradient();
  /// Adam from zero moments with β = (0.9, 0.999), ε = 1e-8; returns the evaluation before the last update.
  SpiralEvaluation adam(int iterations, double learning_rate);

  /// What one gradient keeps for its reverse sweep after the last evaluation.
  std::size_t tape_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class SpiralTraining<float>;
extern template class SpiralTraining<double>;

}  // namespace limits
