#pragma once

#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace limits {

/// What the rows of the spiral are checked against: the classical Runge–Kutta method with 40 steps between
/// saved points in double precision, and the adjoint of those steps. Written plainly, with std::tanh, for
/// correctness only.
class SpiralReference {
 public:
  static constexpr int hidden_units = 50, points = 30, parameters = 252, substeps = 40;

  SpiralReference(std::span<const double> p, std::span<const double> data) : p_(p) {
    State u{2, 0};
    std::vector<std::array<State, 4>> stages;
    std::vector<State> residual2;
    const auto save = [&](int i) {
      const State r{u[0] - data[2 * i], u[1] - data[2 * i + 1]};
      value += r[0] * r[0] + r[1] * r[1];
      residual2.push_back({2 * r[0], 2 * r[1]});
    };
    save(0);
    for (int i = 1; i < points; ++i) {
      for (int j = 0; j < substeps; ++j) {
        std::array<State, 4> v;
        State k[4];
        for (int s = 0; s < 4; ++s) {
          v[s] = s == 0 ? u : axpy(u, s == 3 ? h : h / 2, k[s - 1]);
          k[s] = right_hand_side(v[s]);
        }
        stages.push_back(v);
        for (int s = 0; s < 4; ++s) u = axpy(u, weights[s], k[s]);
      }
      save(i);
    }
    State lambda{0, 0};
    for (int i = points - 1; i >= 0; --i) {
      lambda = axpy(lambda, 1, residual2[i]);
      if (i == 0) break;
      for (int j = 0; j < substeps; ++j) {
        const auto& v = stages[i * substeps - 1 - j];
        State sum = lambda, later{0, 0};  // later: cotangent of the next stage's state
        for (int s = 3; s >= 0; --s) {
          State k{weights[s] * lambda[0], weights[s] * lambda[1]};
          if (s < 3) k = axpy(k, s == 2 ? h : h / 2, later);
          later = pullback(v[s], k);
          sum = axpy(sum, 1, later);
        }
        lambda = sum;
      }
    }
  }

  double value = 0;
  std::array<double, parameters> gradient{};

 private:
  using State = std::array<double, 2>;
  static constexpr double h = 1.5 / (points - 1) / substeps;
  static constexpr double weights[4] = {h / 6, h / 3, h / 3, h / 6};

  static State axpy(State u, double a, State k) { return {u[0] + a * k[0], u[1] + a * k[1]}; }

  double hidden_value(int i, State u) const {
    return std::tanh(p_[i] * u[0] * u[0] * u[0] + p_[hidden_units + i] * u[1] * u[1] * u[1] +
                     p_[2 * hidden_units + i]);
  }
  State right_hand_side(State u) const {
    State du{p_[5 * hidden_units], p_[5 * hidden_units + 1]};
    for (int i = 0; i < hidden_units; ++i) {
      const double y = hidden_value(i, u);
      du = axpy(du, y, {p_[3 * hidden_units + 2 * i], p_[3 * hidden_units + 2 * i + 1]});
    }
    return du;
  }
  State pullback(State u, State k) {
    State out{0, 0};
    for (int i = 0; i < hidden_units; ++i) {
      const double y = hidden_value(i, u);
      double* const w2 = &gradient[3 * hidden_units + 2 * i];
      const double z =
          (k[0] * p_[3 * hidden_units + 2 * i] + k[1] * p_[3 * hidden_units + 2 * i + 1]) * (1 - y * y);
      gradient[i] += z * u[0] * u[0] * u[0];
      gradient[hidden_units + i] += z * u[1] * u[1] * u[1];
      gradient[2 * hidden_units + i] += z;
      w2[0] += k[0] * y;
      w2[1] += k[1] * y;
      out = axpy(out, 3 * z, {p_[i] * u[0] * u[0], p_[hidden_units + i] * u[1] * u[1]});
    }
    gradient[5 * hidden_units] += k[0];
    gradient[5 * hidden_units + 1] += k[1];
    return out;
  }

  std::span<const double> p_;
};

}  // namespace limits
