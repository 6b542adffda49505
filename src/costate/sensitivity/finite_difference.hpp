#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/jacobian_record.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// Two neighbours for every input, along the mesh of the solve between them.
template <class T, std::size_t N>
class DifferenceColumns {
 public:
  static constexpr std::string_view route = "finite differences";

  template <class Inputs, class PlainProblem, class Method>
  void build(const PlainProblem& problem, const Method& method, const SolveOptions& options, const Mesh& mesh,
             const InputRow<Inputs>& row, const FiniteDifference& sensitivity) {
    using Real = base_t<T>;
    const Real relative = sensitivity.step > 0 ? static_cast<Real>(sensitivity.step)
                                               : std::cbrt(std::numeric_limits<Real>::epsilon());
    pairs_.clear();
    for (std::size_t i = 0; i < row.size(); ++i) {
      Real step(0);
      const auto beside = [&](Real sign) {
        const auto moved = changed_problem<Inputs>(problem, row, [&](std::size_t k, const auto& x) {
          if (k == i) step = relative * std::max(Real(1), static_cast<Real>(abs(plain(x))));
          return k == i ? x + sign * step : x;
        });
        return solve_values(moved, method, options, {nullptr, &mesh});
      };
      auto up = beside(Real(1));
      auto down = beside(Real(-1));
      pairs_.push_back({std::move(up), std::move(down), Real(1) / (2 * step)});
    }
  }
  T saved(std::size_t i, const T* cotangents, std::size_t size) const {
    const auto up = pairs_[i].up.values(), down = pairs_[i].down.values();
    T total(0);
    for (std::size_t k = 0; k < size; ++k) total = total + cotangents[k] * (up[k] - down[k]);
    return total * pairs_[i].scale;
  }
  T read(std::size_t i, double t, const Vector<T>& cotangent) const {
    // t may lie outside a span whose end was moved
    const auto at = [&](const StoredSolution<T, N>& s) {
      return typename StoredSolution<T, N>::Access{const_cast<StoredSolution<T, N>&>(s)}.interpolated(t);
    };
    const auto up = at(pairs_[i].up), down = at(pairs_[i].down);
    T total(0);
    for (std::size_t m = 0; m < cotangent.size(); ++m) total = total + cotangent[m] * (up[m] - down[m]);
    return total * pairs_[i].scale;
  }

 private:
  struct Pair {
    StoredSolution<T, N> up, down;
    base_t<T> scale;
  };
  std::vector<Pair> pairs_;
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// A solve with variables in it, differentiated by FiniteDifference.
template <class Problem, class Method>
auto solve_differentiated(const Problem& problem, const Method& method, const SolveOptions& options,
                          const FiniteDifference& sensitivity) {
  using T = typename Problem::StateScalar::value_type;
  if (!(sensitivity.step >= 0 && std::isfinite(sensitivity.step)))
    detail::reject("FiniteDifference.step", "a finite relative step >= 0 (0: chosen)", sensitivity.step);
  using Columns = detail::DifferenceColumns<T, extent_of<typename detail::SolveInputs<Problem, T>::U>>;
  Tape<T>& tape = detail::current_tape<T>();
  return tape.template keep<detail::JacobianRecord<Problem, Method, T, Columns>>().run(tape, problem, method,
                                                                                       options, sensitivity);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
