#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/sensitivity/jacobian_record.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// Tangents, eight directions a pass.
template <class T, std::size_t N>
class TangentColumns {
  static constexpr std::size_t chunk = 8;
  using D = Dual<T, chunk>;

 public:
  static constexpr std::string_view route = "forward";

  template <class Inputs, class PlainProblem, class Method>
  void build(const PlainProblem& problem, const Method& method, const SolveOptions& options, const Mesh& mesh,
             const InputRow<Inputs>& row, const ForwardSensitivity&) {
    passes_.clear();
    for (std::size_t first = 0; first < row.size(); first += chunk) {
      const auto seeded = changed_problem<Inputs>(problem, row, [&](std::size_t i, const auto& x) {
        return i >= first && i < first + chunk ? D::variable(T(x), i - first) : D(T(x));
      });
      passes_.push_back(solve_values(seeded, method, options, {nullptr, &mesh}));
    }
  }
  T saved(std::size_t i, const T* cotangents, std::size_t size) const {
    const auto values = passes_[i / chunk].values();
    T total(0);
    for (std::size_t k = 0; k < size; ++k) total = total + cotangents[k] * values[k].partial[i % chunk];
    return total;
  }
  T read(std::size_t i, double t, const Vector<T>& cotangent) const {
    const auto state = passes_[i / chunk](t);
    T total(0);
    for (std::size_t m = 0; m < cotangent.size(); ++m)
      total = total + cotangent[m] * state[m].partial[i % chunk];
    return total;
  }

 private:
  std::vector<Solution<D, N>> passes_;
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// A solve with variables in it, differentiated by ForwardSensitivity.
template <class Problem, class Method>
auto solve_differentiated(const Problem& problem, const Method& method, const SolveOptions& options,
                          const ForwardSensitivity& sensitivity) {
  using T = typename Problem::StateScalar::value_type;
  using Columns = detail::TangentColumns<T, extent_of<typename detail::SolveInputs<Problem, T>::U>>;
  Tape<T>& tape = detail::current_tape<T>();
  return tape.template keep<detail::JacobianRecord<Problem, Method, T, Columns>>().run(tape, problem, method,
                                                                                       options, sensitivity);
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
