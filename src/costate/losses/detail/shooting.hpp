#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/solve_options.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/data/missing.hpp>
#include <costate/losses/detail/segments.hpp>
#include <costate/losses/loss_options.hpp>
#include <costate/losses/reductions.hpp>
#include <costate/losses/robust_errors.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace costate {

/// How the jumps between the pieces of multiple shooting count.
enum class Continuity {
  squared,   ///< Σ jump²: smooth, for any optimizer
  absolute,  ///< Σ |jump|
};

/// Options of `multiple_shooting`: the loss is Σ w r² + continuity_weight · Σ jump² (or |jump|).
struct MultipleShootingOptions {
  std::size_t group_size = 3;      ///< points of a piece, both ends included: 2 to the number of observations
  double continuity_weight = 100;  ///< >= 0
  Continuity continuity = Continuity::squared;
  SolveOptions solve{};  ///< of each piece; saveat, save_everystep and dense are chosen here
  Weights weights{};     ///< w of the differences from the observations; none: all 1
  Missing missing = Missing::propagate;
};

namespace detail {

/// What both forms of multiple shooting share: the pieces, their solves and their loss.
template <class Problem, class Method, class Sensitivity>
class Shooting {
  using U = std::remove_cvref_t<decltype(std::declval<const Problem&>().u0())>;
  static_assert(VectorLike<U>, "costate::multiple_shooting: the state is a vector");
  static_assert(PlainScalar<scalar_of<U>>, "costate::multiple_shooting: u0 is of plain numbers");

 public:
  static constexpr std::size_t extent = extent_of<U>;
  using Real = scalar_of<U>;

  Shooting(const Problem& problem, Observations seen, const Method& method, MultipleShootingOptions options,
           const Sensitivity& sensitivity, bool once)
      : problem_(problem),
        method_(method),
        options_(std::move(options)),
        sensitivity_(sensitivity),
        seen_(std::move(seen)),
        segments_(segments_of(seen_, problem.u0().size(),
                              {options_.group_size, options_.weights, options_.missing}, once)) {
    if (!(options_.continuity_weight >= 0 && std::isfinite(options_.continuity_weight)))
      reject("multiple_shooting: continuity_weight", "a number >= 0", options_.continuity_weight);
    if (options_.solve.saveat.is_set() || options_.solve.save_everystep)
      reject("multiple_shooting: solve.saveat", "none: the observations say when", "one");
  }

  std::size_t pieces() const { return segments_.size(); }
  std::size_t components() const { return problem_.u0().size(); }
  const Segment& segment(std::size_t i) const { return segments_[i]; }

  /// The same record and options, cut in the other form.
  Shooting recut(bool once) const { return {problem_, seen_, method_, options_, sensitivity_, once}; }

  template <class P, class Start>
  auto solve_piece(std::size_t i, const P& p, const Start& start, bool dense) const {
    SolveOptions options = options_.solve;
    const auto& t = segments_[i].t;
    options.saveat = SaveAt(t);
    options.dense = dense;
    return solve(problem_.with_p(p).with_u0(start).with_tspan({t.front(), t.back()}), method_, options,
                 sensitivity_);
  }
  /// start(i) is the state that piece i begins at.
  template <class P, class StartOf>
  auto loss(const P& p, const StartOf& start) const {
    using S = common_scalar_t<Real, scalar_of<P>>;
    S misses(0), jumps(0);
    for (std::size_t i = 0; i < pieces(); ++i) {
      const auto piece = solve_piece(i, p, start(i), false);
      const auto& segment = segments_[i];
      misses = misses + squared_error(piece, segment.target, {segment.weights, options_.missing});
      if (!piece.successful() || i + 1 == pieces()) continue;
      const auto next = start(i + 1);
      jumps = jumps + (options_.continuity == Continuity::squared ? squared_error(piece.back(), next)
                                                                  : absolute_error(piece.back(), next));
    }
    return S(misses + static_cast<Real>(options_.continuity_weight) * jumps);
  }
  template <class P, class StartOf>
  auto solutions(const P& p, const StartOf& start) const {
    std::vector<std::remove_cvref_t<decltype(solve_piece(0, p, start(0), true))>> result;
    for (std::size_t i = 0; i < pieces(); ++i) result.push_back(solve_piece(i, p, start(i), true));
    return result;
  }

 private:
  Problem problem_;
  Method method_;
  MultipleShootingOptions options_;
  Sensitivity sensitivity_;
  Observations seen_;
  std::vector<Segment> segments_;
};

}  // namespace detail
}  // namespace costate
