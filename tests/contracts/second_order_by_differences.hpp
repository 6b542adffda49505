#pragma once

#include <costate/optimizers/hessian_objective.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace costate {

/// An optimizer that needs second derivatives as one that needs the gradient only: for contracts whose losses
/// have no more. Differences are one-sided beside a wall.
template <class Optimizer>
struct ByDifferences {
  Optimizer optimizer{};

  static constexpr const char* name = Optimizer::name;
  static constexpr bool exact_curvature = true;
  template <class T>
  using State = typename Optimizer::template State<T>;

  template <class T>
  State<T> init(std::size_t size) const {
    return optimizer.template init<T>(size);
  }
  template <class T>
  StepResult iterate(State<T>& state, const Objective<T>& objective, Iterate<T>& current) const {
    const auto product = [&](std::span<const T> x, std::span<const T> v, std::span<T> out) {
      double largest = 0, length = 0;
      for (const T c : x) largest = std::fmax(largest, std::fabs(double(c)));
      for (const T c : v) length = std::fmax(length, std::fabs(double(c)));
      const double h =
          std::cbrt(double(std::numeric_limits<T>::epsilon())) * std::fmax(1.0, largest) / length;
      std::vector<T> at(x.size()), g[2] = {std::vector<T>(x.size()), std::vector<T>(x.size())};
      double width = 0;
      for (const int side : {0, 1}) {
        const double step = side == 0 ? h : -h;
        for (std::size_t i = 0; i < x.size(); ++i) at[i] = static_cast<T>(double(x[i]) + step * double(v[i]));
        current.last_evaluated = false;
        const T loss = objective.value_and_gradient(at, g[side]);
        if (detail::is_inside<T>(loss, g[side]))
          width += h;
        else
          g[side] = current.gradient;
      }
      for (std::size_t i = 0; i < x.size(); ++i)
        out[i] = static_cast<T>((double(g[0][i]) - double(g[1][i])) / width);
    };
    if constexpr (HessianOptimizer<Optimizer, T>) {
      const auto hessian = [&](std::span<const T> x, std::span<T> h) {
        for (std::size_t j = 0; j < x.size(); ++j) {
          std::vector<T> e(x.size());
          e[j] = 1;
          product(x, e, h.subspan(j * x.size(), x.size()));
        }
      };
      return optimizer.iterate(state, HessianObjective<T>{objective, hessian}, current);
    } else {
      return optimizer.iterate(state, HessianProductObjective<T>{objective, product}, current);
    }
  }
};

}  // namespace costate
