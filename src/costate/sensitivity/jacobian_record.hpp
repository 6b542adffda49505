#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/sensitivity/derivative_guard.hpp>
#include <costate/sensitivity/solve_inputs.hpp>
#include <costate/solve/differentiated_solution.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

/// The inputs of a solve in one row: u0, then p, then the two ends of the span, as far as they are variables.
template <class Inputs>
struct InputRow {
  std::size_t states, parameters;
  std::size_t first_p() const { return Inputs::by_u0 ? states : 0; }
  std::size_t first_t() const { return first_p() + (Inputs::by_p ? parameters : 0); }
  std::size_t size() const { return first_t() + (Inputs::by_time ? 2 : 0); }
};

/// The problem with its inputs replaced by change(number of the input, value).
template <class Inputs, class PlainProblem, class Change>
auto changed_problem(const PlainProblem& problem, const InputRow<Inputs>& row, Change change) {
  const auto changed = [&](const auto& x, std::size_t first) {
    using S = decltype(change(std::size_t{}, x[0]));
    auto result = zeros<S, extent_of<decltype(x)>>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) result[i] = change(first + i, x[i]);
    return result;
  };
  const auto with_u0 = [&] {
    if constexpr (Inputs::by_u0)
      return problem.with_u0(changed(problem.u0(), 0));
    else
      return problem;
  }();
  const auto with_p = [&] {
    if constexpr (Inputs::by_p)
      return with_u0.with_p(changed(problem.p(), row.first_p()));
    else
      return with_u0;
  }();
  if constexpr (Inputs::by_time)
    return with_p.with_tspan(TimeSpan{change(row.first_t(), problem.tspan().start),
                                      change(row.first_t() + 1, problem.tspan().end)});
  else
    return with_p;
}

/// A solve on the tape whose derivatives are at hand as neighbouring solves along its mesh: Columns gives,
/// for the input number i, the derivative of all saved numbers, and of the state at a time.
template <class Problem, class Method, class T, class Columns>
class JacobianRecord final : public SolveOnTape<T, extent_of<typename SolveInputs<Problem, T>::U>> {
  using Inputs = SolveInputs<Problem, T>;
  static constexpr std::size_t N = extent_of<typename Inputs::U>;

 public:
  template <class Sensitivity>
  Solution<Var<T>, N> run(Tape<T>& tape, const Problem& problem, const Method& method,
                          const SolveOptions& options, const Sensitivity& sensitivity) {
    const auto plain_problem = Inputs::plain_problem(problem);
    inputs_.locate(tape, problem);
    this->owner = &tape;
    row_ = {plain_problem.u0().size(), plain_problem.p().size()};
    reads_.clear();
    const MeshContext::Use use = MeshContext::next();
    Mesh mesh;
    using Types = SolveTypes<typename Inputs::PlainProblem, Method, T>;
    const auto guard = derivative_guard<Types, Inputs::by_p, T>(plain_problem, method, options,
                                                                sensitivity.control_derivative);
    this->solution =
        solve_values(plain_problem, method, options, {use.follow ? nullptr : &mesh, use.follow}, guard);
    if (use.keep) use.keep->assign(mesh);
    typename StoredSolution<T, N>::Access{this->solution}.statistics().vjp_route = Columns::route;
    if (!this->solution.successful())
      tape.report_failure(this->solution.status());
    else
      columns_.template build<Inputs>(plain_problem, method, options, use.follow ? *use.follow : mesh, row_,
                                      sensitivity);
    auto* payload = tape.template allocate<JacobianRecord*>();
    *payload = this;
    const std::int32_t first = tape.push_block(this->solution.values().size(), &pull, payload);
    return {*this, first, tape.id()};
  }
  void add_read(double t, const T* cotangent) override {
    if (!this->has_failed(cotangent, this->solution.state_size()))
      reads_.push_back({t, Vector<T>(VectorView<const T>(cotangent, this->solution.state_size()))});
  }

 private:
  struct Read {
    double t;
    Vector<T> cotangent;
  };
  static void pull(T* adjoints, void* data, std::int32_t first) {
    (*static_cast<JacobianRecord**>(data))->pull_back(adjoints, adjoints + first);
  }
  void pull_back(T* adjoints, const T* cotangents) {
    if (this->has_failed(cotangents, this->solution.values().size())) return;
    Vector<T> gradient(row_.size());
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = columns_.saved(i, cotangents, this->solution.values().size());
      for (const Read& read : reads_) gradient[i] = gradient[i] + columns_.read(i, read.t, read.cotangent);
    }
    if constexpr (Inputs::by_u0) inputs_.u0.add(adjoints, gradient.data());
    if constexpr (Inputs::by_p) inputs_.p.add(adjoints, gradient.data() + row_.first_p());
    if constexpr (Inputs::by_time) {
      if (inputs_.t0 >= 0) adjoints[inputs_.t0] = adjoints[inputs_.t0] + gradient[row_.first_t()];
      if (inputs_.t1 >= 0) adjoints[inputs_.t1] = adjoints[inputs_.t1] + gradient[row_.first_t() + 1];
    }
    reads_.clear();
  }

  Inputs inputs_;
  InputRow<Inputs> row_{};
  Columns columns_;
  std::vector<Read> reads_;
};

}  // namespace detail::inline COSTATE_INSTRUCTIONS
}  // namespace costate
