#pragma once

#include <costate/training/detail/residual_jacobian.hpp>
#include <costate/training/train.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// The constraints of an Ipopt that has none.
struct NoConstraints {};

struct IpoptOptions {
  std::vector<double> lower{};  ///< lower ≤ c(p), one number per constraint; none if empty; −∞ does not bind
  std::vector<double> upper{};  ///< c(p) ≤ upper likewise; an equality where both are the same
  double tolerance = 1e-8;      ///< of Ipopt's optimality conditions (its option `tol`), > 0
  /// Largest violation max(lower − c, c − upper, 0) of parameters that meet the constraints, > 0, in units of
  /// c.
  double constraint_tolerance = 1e-6;
  std::string settings{};  ///< further options of Ipopt by its manual's names, one "name value" a line
};

/// Minimizes loss(p) subject to lower ≤ c(p) ≤ upper and bounds of p, by the interior-point method of the
/// Ipopt library; target costate::ipopt.
///
///     train(loss, p, Ipopt(constraints, {.lower = {0}, .upper = {0}}), {.max_iterations = 200});
///     train(loss, p, Ipopt{}, {.lower = {…}, .upper = {…}});
///
/// constraints(p) returns a Vector and may solve equations. Its Jacobian and the gradient of the loss are
/// exact; the Hessian of the Lagrangian is Ipopt's LBFGS approximation. A. Wächter, L. T. Biegler, On the
/// implementation of an interior-point filter line-search algorithm for large-scale nonlinear programming,
/// Math. Program. 106 (2006).
template <class Constraints = NoConstraints>
struct Ipopt {
  Constraints constraints;
  IpoptOptions options;

  Ipopt() requires std::is_same_v<Constraints, NoConstraints>
  = default;
  explicit Ipopt(IpoptOptions o) requires std::is_same_v<Constraints, NoConstraints> : options(std::move(o)) {
  }
  explicit Ipopt(Constraints c, IpoptOptions o = {}) : constraints(std::move(c)), options(std::move(o)) {}
};
Ipopt(IpoptOptions)->Ipopt<NoConstraints>;

/// What Ipopt found. `minimizer` is Ipopt's solution where it converged, unless a point that it passed was
/// better; else the lowest of the evaluated points that meet the constraints; else the least violating one.
/// `gradient_norm` is that of the Lagrangian loss + Σ multipliersᵢ cᵢ at `last`.
template <class T>
struct ConstrainedResult : TrainResult<T> {
  bool feasible = false;  ///< the minimizer meets the constraints
  double violation = 0;   ///< there, max(lower − c, c − upper, 0)
  Vector<T> constraints;  ///< c(minimizer)
  Vector<T> multipliers;  ///< at `last`: −∂minimum/∂bound, ≤ 0 at a lower bound, ≥ 0 at an upper one
};

namespace detail {

template <class T>
struct ConstrainedObjective {
  function_ref<T(std::span<const T> x, std::span<T> gradient)> loss;
  function_ref<void(std::span<const T> x, Linearization<T>& out)> constraints{};  ///< none: no constraints
};

/// The run, by whatever T is. Evaluates within the bounds of `train` only.
template <class T>
ConstrainedResult<T> run_ipopt(const ConstrainedObjective<T>& objective, std::span<const T> start,
                               const IpoptOptions& ipopt, const TrainOptions& options,
                               function_ref<bool(const TrainPoint<T>&)> callback);

extern template ConstrainedResult<float> run_ipopt(const ConstrainedObjective<float>&, std::span<const float>,
                                                   const IpoptOptions&, const TrainOptions&,
                                                   function_ref<bool(const TrainPoint<float>&)>);
extern template ConstrainedResult<double> run_ipopt(const ConstrainedObjective<double>&,
                                                    std::span<const double>, const IpoptOptions&,
                                                    const TrainOptions&,
                                                    function_ref<bool(const TrainPoint<double>&)>);

}  // namespace detail

/// Minimizes a loss under constraints; returns a ConstrainedResult.
///
/// An iteration is one of Ipopt's: history, callback, Ctrl-C and max_iterations go by it, and the callback's
/// `gradient_norm` is Ipopt's dual infeasibility. Of TrainOptions `epochs`, `checkpoint` and `resume` are
/// refused; a validation that the callback sets is kept but does not judge. A loss or a constraint that is
/// infinite or NaN (a failed solve) is an evaluation that failed, at which Ipopt shortens its step. Misuse is
/// std::invalid_argument.
template <class Loss, class P, class Constraints, class Callback = NoCallback>
auto train(const Loss& loss, const P& start, const Ipopt<Constraints>& optimizer,
           const TrainOptions& options = {}, Callback callback = {}) {
  const auto& p0 = detail::as_vector_like(start);
  using T = common_scalar_t<scalar_of<detail::vector_like_t<P>>>;
  using Point = Vector<T, extent_of<detail::vector_like_t<P>>>;
  static_assert(PlainScalar<T>, "costate::train: parameters must be plain numbers");
  const auto evaluate = [&](std::span<const T> x, std::span<T> gradient) -> T {
    const auto at = value_and_gradient(loss, Point(x));
    std::copy(std::get<1>(at).begin(), std::get<1>(at).end(), gradient.begin());
    return at.value();
  };
  const auto numbers = [&](const auto& p) {
    auto c = optimizer.constraints(p);
    static_assert(VectorLike<decltype(c)>, "costate: constraints are a Vector, one number each");
    if (c.size() == 0) detail::reject("Ipopt.constraints", "at least 1 number", "0");
    return c;
  };
  const auto constrain = [&](std::span<const T> x, Linearization<T>& out) {
    if constexpr (!std::is_same_v<Constraints, NoConstraints>) detail::linearize(numbers, Point(x), out);
  };
  const auto tell = [&](const detail::TrainPoint<T>& at) -> bool {
    if constexpr (std::is_same_v<Callback, NoCallback>)
      return false;
    else
      return detail::call_back(callback, Point(at.parameters), static_cast<double>(at.loss), at.progress);
  };
  detail::ConstrainedObjective<T> objective{evaluate};
  if constexpr (!std::is_same_v<Constraints, NoConstraints>) objective.constraints = constrain;
  const Vector<T> flat(p0);
  return detail::run_ipopt<T>(objective, std::span<const T>(flat.data(), flat.size()), optimizer.options,
                              options, tell);
}

}  // namespace costate
