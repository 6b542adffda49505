#pragma once

#include <costate/ad/leaf_matrix.hpp>
#include <costate/core/errors.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/problems/ode_function.hpp>
#include <costate/problems/ode_problem.hpp>

#include <cstddef>
#include <type_traits>

/// States that are matrices. To methods, records and sensitivities a matrix is a vector of its numbers,
/// column by column: only the user's functions and the solution see its shape.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

struct Shape {
  std::size_t rows, cols;
  template <class V>
  auto operator()(const V& numbers) const {
    return shaped(numbers, rows, cols);
  }
};

/// f of matrices as the f(du, u, p, t) of vectors.
template <class F>
struct FlatFunction {
  F f;
  Shape shape;

  template <class DU, class U, class P, class Time>
  void operator()(DU& du, const U& u, const P& p, const Time& t) const {
    auto slope = shape(du);
    const auto state = shape(u);
    if constexpr (std::is_invocable_v<const F&, decltype(slope)&, decltype(state)&, const P&, const Time&>) {
      f(slope, state, p, t);
    } else {
      static_assert(
          std::is_invocable_v<const F&, decltype(state)&, const P&, const Time&>,
          "costate: this right-hand side of a Matrix of states can be called neither as f(du, u, p, t) nor "
          "as f(u, p, t) with matrix views of the scalar that is needed here: make it generic (auto "
          "parameters), or give its derivative by ODEFunction(f).with_vjp(…)");
      const auto returned = f(state, p, t);
      const auto& value = as_vector_like(returned);
      static_assert(MatrixLike<decltype(value)>,
                    "costate: f(u, p, t) must return a costate::Matrix where the state is one");
      if (value.rows() != shape.rows || value.cols() != shape.cols)
        reject_shape("f(u, p, t): returned matrix", shape.rows, shape.cols, value.rows(), value.cols());
      const auto numbers = flat(value);
      for (std::size_t k = 0; k < du.size(); ++k) du[k] = numbers[k];
    }
  }
};

template <class Vjp>
struct FlatVjp {
  Vjp vjp;
  Shape shape;

  template <class UBar, class PBar, class Lambda, class U, class P, class Time>
  void operator()(UBar& ubar, PBar& pbar, const Lambda& lambda, const U& u, const P& p, const Time& t) const {
    auto to = shape(ubar);
    vjp(to, pbar, shape(lambda), shape(u), p, t);
  }
};

template <class J>
struct FlatJacobian {
  J jacobian;
  Shape shape;

  template <class Result, class U, class P, class Time>
  void operator()(Result& result, const U& u, const P& p, const Time& t) const {
    jacobian(result, shape(u), p, t);
  }
};

template <class F>
auto flat_function(const F& f, const Shape& shape) {
  return FlatFunction<F>{f, shape};
}
template <class F, class V, class J>
auto flat_function(const ODEFunction<F, V, J>& f, const Shape& shape) {
  ODEFunction plain(FlatFunction<F>{f.function(), shape});
  if constexpr (!std::is_same_v<V, Absent> && !std::is_same_v<J, Absent>)
    return plain.with_vjp(FlatVjp<V>{f.vjp(), shape}).with_jacobian(FlatJacobian<J>{f.jacobian(), shape});
  else if constexpr (!std::is_same_v<V, Absent>)
    return plain.with_vjp(FlatVjp<V>{f.vjp(), shape});
  else if constexpr (!std::is_same_v<J, Absent>)
    return plain.with_jacobian(FlatJacobian<J>{f.jacobian(), shape});
  else
    return plain;
}

/// The shape of a problem's state; one without numbers is refused.
template <MatrixLike M>
Shape shape_of(const M& u0) {
  if (u0.size() == 0)
    reject("ODEProblem: u0", "a matrix of at least one row and one column",
           std::to_string(u0.rows()) + " x " + std::to_string(u0.cols()));
  return {u0.rows(), u0.cols()};
}

/// The numbers of u0 as the vector that the engines step.
template <MatrixLike M>
auto flat_state(const M& u0) {
  return Vector<scalar_of<M>>(flat(u0));
}

/// The same problem with its state as a vector.
template <class Problem>
auto flat_problem(const Problem& problem) {
  const Shape shape = shape_of(problem.u0());
  return ODEProblem(flat_function(problem.f(), shape), flat_state(problem.u0()), problem.tspan(),
                    problem.p());
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
