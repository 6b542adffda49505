#pragma once

#include <costate/ad/gradient.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "study.hpp"

namespace work_precision {

inline costate::SolveOptions options_at(double tolerance, const std::vector<double>& times) {
  return {.abstol = tolerance, .reltol = tolerance, .saveat = times, .dense = false};
}

/// Makes the compiler forget what it knows of the value.
template <class T>
void launder(T& value) {
  asm volatile("" : "+m"(value) : : "memory");
}

template <class Problem, class Method>
Entry solve_entry(const Problem& problem, const std::vector<double>& times, Method method,
                  std::string suffix = "") {
  return {"costate", std::string(Method::name) + suffix, [=](double tolerance) {
            const auto held = std::make_shared<Problem>(problem);
            const auto count = std::make_shared<std::size_t>();
            const auto options = options_at(tolerance, times);
            const auto solve_it = [=] {
              launder(*held);
              return costate::solve(*held, method, options);
            };
            return Run{[=] {
                         const auto solution = solve_it();
                         asm volatile("" : : "r"(solution.values().data()) : "memory");
                       },
                       [=] {
                         const auto solution = solve_it();
                         *count = solution.statistics().rhs_evaluations;
                         return std::vector<double>(solution.values().begin(), solution.values().end());
                       },
                       [=] { return *count; }};
          }};
}

/// Value and gradient of the sum of the saved values by u0 and p.
template <class Problem, class Method>
Entry gradient_entry(const Problem& problem, const std::vector<double>& times, Method method,
                     std::string suffix = "") {
  return {"costate", std::string(Method::name) + suffix, [=](double tolerance) {
            const auto held = std::make_shared<Problem>(problem);
            const auto count = std::make_shared<std::size_t>();
            const auto options = options_at(tolerance, times);
            const auto differentiate = [=] {
              launder(*held);
              const auto loss = [&](const auto& u0, const auto& p) {
                const auto solution = costate::solve(held->with_u0(u0).with_p(p), method, options);
                *count = solution.statistics().rhs_evaluations;
                return sum(solution);
              };
              return costate::value_and_gradient(loss, held->u0(), held->p());
            };
            return Run{[=] {
                         const auto result = differentiate();
                         asm volatile("" : : "m"(result) : "memory");
                       },
                       [=] {
                         const auto [value, du0, dp] = differentiate();
                         std::vector<double> gradient(du0.begin(), du0.end());
                         gradient.insert(gradient.end(), dp.begin(), dp.end());
                         return gradient;
                       },
                       [=] { return *count; }};
          }};
}

/// A line for each method given: `solve_entries(study, problem, times, Tsit5{}, Vern7{})`.
template <class Problem, class... Methods>
void add_solves(Study& study, const Problem& problem, const std::vector<double>& times, Methods... methods) {
  (study.entries.push_back(solve_entry(problem, times, methods)), ...);
}
template <class Problem, class... Methods>
void add_gradients(Study& study, const Problem& problem, const std::vector<double>& times,
                   Methods... methods) {
  (study.entries.push_back(gradient_entry(problem, times, methods)), ...);
}

}  // namespace work_precision
