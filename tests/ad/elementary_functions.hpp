#pragma once

#include <costate/ad/var.hpp>

#include <cmath>
#include <numbers>
#include <vector>

namespace costate {

/// visit(name, f, f', f'', points) for every elementary function; the derivatives are closed forms in plain
/// numbers.
template <class Visit>
void for_each_elementary_function(Visit visit) {
  using std::numbers::ln10, std::numbers::ln2, std::numbers::inv_sqrtpi;
  using Points = std::vector<double>;
  const Points all{-1.7, -0.4, 0.3, 2.2}, inside{-0.8, -0.1, 0.6}, positive{0.05, 0.7, 3.0},
      nonzero{-2.0, -0.3, 0.7, 5.0};
  const auto sq = [](double x) { return x * x; };
  visit(
      "sin", [](const auto& x) { return costate::sin(x); }, [](double x) { return std::cos(x); },
      [](double x) { return -std::sin(x); }, all);
  visit(
      "cos", [](const auto& x) { return costate::cos(x); }, [](double x) { return -std::sin(x); },
      [](double x) { return -std::cos(x); }, all);
  visit(
      "tan", [](const auto& x) { return costate::tan(x); }, [=](double x) { return 1 / sq(std::cos(x)); },
      [=](double x) { return 2 * std::tan(x) / sq(std::cos(x)); }, inside);
  visit(
      "asin", [](const auto& x) { return costate::asin(x); },
      [](double x) { return 1 / std::sqrt(1 - x * x); },
      [](double x) { return x / std::pow(1 - x * x, 1.5); }, inside);
  visit(
      "acos", [](const auto& x) { return costate::acos(x); },
      [](double x) { return -1 / std::sqrt(1 - x * x); },
      [](double x) { return -x / std::pow(1 - x * x, 1.5); }, inside);
  visit(
      "atan", [](const auto& x) { return costate::atan(x); }, [](double x) { return 1 / (1 + x * x); },
      [=](double x) { return -2 * x / sq(1 + x * x); }, all);
  visit(
      "sinh", [](const auto& x) { return costate::sinh(x); }, [](double x) { return std::cosh(x); },
      [](double x) { return std::sinh(x); }, all);
  visit(
      "cosh", [](const auto& x) { return costate::cosh(x); }, [](double x) { return std::sinh(x); },
      [](double x) { return std::cosh(x); }, all);
  visit(
      "tanh", [](const auto& x) { return costate::tanh(x); }, [=](double x) { return 1 / sq(std::cosh(x)); },
      [=](double x) { return -2 * std::tanh(x) / sq(std::cosh(x)); }, all);
  visit(
      "exp", [](const auto& x) { return costate::exp(x); }, [](double x) { return std::exp(x); },
      [](double x) { return std::exp(x); }, all);
  visit(
      "expm1", [](const auto& x) { return costate::expm1(x); }, [](double x) { return std::exp(x); },
      [](double x) { return std::exp(x); }, all);
  visit(
      "log", [](const auto& x) { return costate::log(x); }, [](double x) { return 1 / x; },
      [](double x) { return -1 / (x * x); }, positive);
  visit(
      "log1p", [](const auto& x) { return costate::log1p(x); }, [](double x) { return 1 / (1 + x); },
      [=](double x) { return -1 / sq(1 + x); }, inside);
  visit(
      "log2", [](const auto& x) { return costate::log2(x); }, [](double x) { return 1 / (x * ln2); },
      [](double x) { return -1 / (x * x * ln2); }, positive);
  visit(
      "log10", [](const auto& x) { return costate::log10(x); }, [](double x) { return 1 / (x * ln10); },
      [](double x) { return -1 / (x * x * ln10); }, positive);
  visit(
      "sqrt", [](const auto& x) { return costate::sqrt(x); }, [](double x) { return 0.5 / std::sqrt(x); },
      [](double x) { return -0.25 * std::pow(x, -1.5); }, positive);
  visit(
      "cbrt", [](const auto& x) { return costate::cbrt(x); },
      [=](double x) { return 1 / (3 * sq(std::cbrt(x))); },
      [=](double x) { return -2 / (9 * x * sq(std::cbrt(x))); }, nonzero);
  visit(
      "erf", [](const auto& x) { return costate::erf(x); },
      [](double x) { return 2 * inv_sqrtpi * std::exp(-x * x); },
      [](double x) { return -4 * x * inv_sqrtpi * std::exp(-x * x); }, all);
  visit(
      "abs", [](const auto& x) { return costate::abs(x); }, [](double x) { return x < 0 ? -1.0 : 1.0; },
      [](double) { return 0.0; }, nonzero);
  visit(
      "1 / x", [](const auto& x) { return 1.0 / x; }, [](double x) { return -1 / (x * x); },
      [](double x) { return 2 / (x * x * x); }, nonzero);
  visit(
      "x / (x² + 1)", [](const auto& x) { return x / (x * x + 1); },
      [=](double x) { return (1 - x * x) / sq(1 + x * x); },
      [=](double x) { return 2 * x * (x * x - 3) / (sq(1 + x * x) * (1 + x * x)); }, all);
  visit(
      "2 - x x x / 3", [](const auto& x) { return 2 - x * x * x / 3; }, [](double x) { return -x * x; },
      [](double x) { return -2 * x; }, all);
  visit(
      "pow(x, 2.5)", [](const auto& x) { return costate::pow(x, 2.5); },
      [](double x) { return 2.5 * std::pow(x, 1.5); }, [](double x) { return 3.75 * std::sqrt(x); },
      positive);
  visit(
      "pow(x, 3)", [](const auto& x) { return costate::pow(x, 3); }, [](double x) { return 3 * x * x; },
      [](double x) { return 6 * x; }, nonzero);
  visit(
      "pow(x, -2)", [](const auto& x) { return costate::pow(x, -2); },
      [](double x) { return -2 / (x * x * x); }, [=](double x) { return 6 / sq(x * x); }, nonzero);
  visit(
      "pow(1.5, x)", [](const auto& x) { return costate::pow(1.5, x); },
      [](double x) { return std::log(1.5) * std::pow(1.5, x); },
      [=](double x) { return sq(std::log(1.5)) * std::pow(1.5, x); }, all);
  visit(
      "pow(x, x)", [](const auto& x) { return costate::pow(x, x); },
      [](double x) { return std::pow(x, x) * (1 + std::log(x)); },
      [=](double x) { return std::pow(x, x) * (sq(1 + std::log(x)) + 1 / x); }, positive);
  visit(
      "atan2(x, 2)", [](const auto& x) { return costate::atan2(x, 0 * x + 2); },
      [](double x) { return 2 / (4 + x * x); }, [=](double x) { return -4 * x / sq(4 + x * x); }, all);
  visit(
      "hypot(x, 1)", [](const auto& x) { return costate::hypot(x, 0 * x + 1); },
      [](double x) { return x / std::hypot(x, 1); }, [](double x) { return std::pow(1 + x * x, -1.5); }, all);
}

}  // namespace costate
