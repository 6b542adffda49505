#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/sensitivity_tags.hpp>
#include <costate/core/vector.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/losses/detail/shooting.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace costate {

/// The loss that `with_free_states` returns: of the parameters p, and of the states at the beginnings of the
/// pieces, in one flat vector [p, state of piece 0, state of piece 1, …].
template <class Problem, class Method, class Sensitivity>
class FreeMultipleShooting {
 public:
  explicit FreeMultipleShooting(detail::Shooting<Problem, Method, Sensitivity> shooting)
      : shooting_(std::move(shooting)) {}

  std::size_t pieces() const { return shooting_.pieces(); }
  /// How many numbers of the flat vector are states.
  std::size_t state_numbers() const { return shooting_.pieces() * shooting_.components(); }

  template <class X>
  [[gnu::always_inline]] auto operator()(const X& x) const {
    const auto p = parameters(x);
    return shooting_.loss(p, start_of(x));
  }
  /// The pieces, which may be read at any of their times.
  template <class X>
  auto solutions(const X& x) const {
    const auto p = parameters(x);
    return shooting_.solutions(p, start_of(x));
  }

  /// p and the observed states as one vector, to start a training from.
  template <class P>
  auto pack(const P& p) const {
    using S = common_scalar_t<scalar_of<P>>;
    Vector<S> result(p.size() + state_numbers());
    std::size_t place = 0;
    for (std::size_t i = 0; i < p.size(); ++i) result[place++] = p[i];
    for (std::size_t i = 0; i < pieces(); ++i)
      for (const double number : shooting_.segment(i).start) result[place++] = static_cast<S>(number);
    return result;
  }
  /// p alone.
  template <class X>
  auto parameters(const X& x) const {
    Vector<scalar_of<X>> p(parameter_count(x));
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = x[i];
    return p;
  }
  /// The states at the beginnings of the pieces, the first of which is the initial state: [components ×
  /// pieces].
  template <class X>
  auto states(const X& x) const {
    const std::size_t from = parameter_count(x);
    Matrix<scalar_of<X>> result(shooting_.components(), pieces());
    for (std::size_t k = 0; k < result.size(); ++k) result.data()[k] = x[from + k];
    return result;
  }

 private:
  template <class X>
  std::size_t parameter_count(const X& x) const {
    const std::size_t states = state_numbers();
    if (x.size() < states)
      detail::reject("multiple_shooting: p and states", "at least " + std::to_string(states) + " numbers",
                     std::to_string(x.size()));
    return x.size() - states;
  }
  template <class X>
  auto start_of(const X& x) const {
    return [&x, this](std::size_t i) {
      using S = common_scalar_t<scalar_of<X>>;
      const std::size_t n = shooting_.components(), from = x.size() - state_numbers() + i * n;
      auto u = detail::zeros<S, detail::Shooting<Problem, Method, Sensitivity>::extent>(n);
      for (std::size_t j = 0; j < n; ++j) u[j] = x[from + j];
      return u;
    };
  }

  detail::Shooting<Problem, Method, Sensitivity> shooting_;
};

/// The loss of p that `multiple_shooting` returns.
template <class Problem, class Method, class Sensitivity>
class MultipleShooting {
 public:
  explicit MultipleShooting(detail::Shooting<Problem, Method, Sensitivity> shooting)
      : shooting_(std::move(shooting)) {}

  std::size_t pieces() const { return shooting_.pieces(); }

  template <class P>
  [[gnu::always_inline]] auto operator()(const P& p) const {
    return shooting_.loss(p, start_of());
  }
  /// The pieces, which may be read at any of their times.
  template <class P>
  auto solutions(const P& p) const {
    return shooting_.solutions(p, start_of());
  }
  /// The same with the states at the beginnings of the pieces as unknowns.
  auto with_free_states() const {
    return FreeMultipleShooting<Problem, Method, Sensitivity>(shooting_.recut(true));
  }

 private:
  auto start_of() const {
    return [this](std::size_t i) {
      using S = detail::Shooting<Problem, Method, Sensitivity>;
      const auto& observed = shooting_.segment(i).start;
      auto u = detail::zeros<typename S::Real, S::extent>(observed.size());
      for (std::size_t j = 0; j < observed.size(); ++j) u[j] = static_cast<typename S::Real>(observed[j]);
      return u;
    };
  }

  detail::Shooting<Problem, Method, Sensitivity> shooting_;
};

/// A loss of p for records on which a solve of the whole span would end in a bad minimum: the record is cut
/// into pieces that share their end points, each is solved by itself, and jumps between them cost.
///
///     const auto loss = multiple_shooting(problem, observed, Tsit5{}, {.group_size = 3});
///     loss(p) = Σ over pieces (Σ w (u − observed)² + continuity_weight · |end − beginning of the next|²)
///
/// `observed` is a solution, or a time series (`t`, and `values` of [components × times]). Each piece starts
/// at the observed state, so the jumps measure the model against the data; for noisy or missing data use
///
///     const auto free = loss.with_free_states();
///     const auto found = train(free, free.pack(p), …);
///     free.parameters(found.minimizer), free.states(found.minimizer)
///
/// where the states at the beginnings are unknowns too (the first is the initial state), each observation
/// counts once, and a solution without jumps is one of the whole equation. The problem's u0 and span are not
/// used beyond the size of the state. +∞ where a piece fails. Throws std::invalid_argument for observations
/// that do not fit the state or ascend in time, and for a group size that is not 2 to their number.
///
/// H. G. Bock, in Modelling of Chemical Reaction Systems (Springer, 1981) 102; E. M. Turan & J. Jäschke,
/// arXiv:2109.06786 for neural ODEs.
template <class Problem, class Data, class Method, class Sensitivity = DiscreteAdjoint>
requires(AnySolution<Data> ||
         detail::TimesAndValues<Data>) auto multiple_shooting(const Problem& problem, const Data& observed,
                                                              const Method& method,
                                                              const MultipleShootingOptions& options = {},
                                                              const Sensitivity& sensitivity = {}) {
  return MultipleShooting<Problem, Method, Sensitivity>(detail::Shooting<Problem, Method, Sensitivity>(
      problem, detail::observations("multiple_shooting: observed", observed), method, options, sensitivity,
      false));
}

}  // namespace costate
