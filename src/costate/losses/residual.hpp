#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/losses/reductions.hpp>

#include <cstddef>
#include <cstdint>

namespace costate {

namespace detail::inline COSTATE_INSTRUCTIONS {

template <class T>
struct ResidualPayload {
  Operand<T> x, target;
};
template <class T>
void pull_residual(T* adjoints, void* data, std::int32_t first) {
  const auto& payload = *static_cast<const ResidualPayload<T>*>(data);
  payload.x.add(adjoints, adjoints + first);
  const Operand<T>& target = payload.target;
  if (target.constant()) return;
  for (std::size_t i = 0; i < target.size; ++i) {
    const std::int32_t place = target.places ? target.places[i] : target.first + static_cast<std::int32_t>(i);
    if (place >= 0) adjoints[place] = adjoints[place] - adjoints[first + static_cast<std::int32_t>(i)];
  }
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

inline namespace COSTATE_INSTRUCTIONS {

/// The differences, one per number: what least squares (LevenbergMarquardt, GaussNewton) make small.
///
///     rᵢ = xᵢ − targetᵢ        r: [numbers of x]
///
/// x: a vector, a matrix (column by column) or a solution (saved state by saved state); target: a number or
/// as many numbers as x has, in any of these forms. Of a failed solve: all +∞, with zero derivatives. In a
/// gradient it is one node.
template <detail::Numbers X, class Target>
auto residual(const X& x, const Target& target) {
  const auto& v = detail::numbers(x);
  decltype(auto) wanted = [&]() -> decltype(auto) {
    if constexpr (Scalar<Target>)
      return (target);
    else
      return detail::numbers(target);
  }();
  const auto at = [&](std::size_t i) {
    if constexpr (Scalar<Target>)
      return wanted;
    else
      return wanted[i];
  };
  if constexpr (!Scalar<Target>) {
    if (wanted.size() != v.size()) detail::reject_size("residual: target", v.size(), wanted.size());
  }
  using S = common_scalar_t<detail::number_of<X>, decltype(at(0))>;
  Vector<S> result(v.size());
  bool complete = detail::is_complete(x);
  if constexpr (AnySolution<Target>) complete = complete && detail::is_complete(target);
  if (!complete) {
    for (S& r : result) r = detail::failed_loss<S>();
  } else if constexpr (detail::is_var<S>) {
    using T = typename S::value_type;
    static_assert(!detail::is_var<Target>, "costate::residual: a single target must be a plain number");
    Tape<T>& tape = detail::current_tape<T>();
    auto* payload = tape.template allocate<detail::ResidualPayload<T>>();
    payload->x = detail::operand<T>(tape, v);
    payload->target = {};
    if constexpr (!Scalar<Target>) payload->target = detail::operand<T>(tape, wanted);
    const std::int32_t first = tape.push_block(v.size(), &detail::pull_residual<T>, payload);
    for (std::size_t i = 0; i < result.size(); ++i) {
      T goal;
      if constexpr (Scalar<Target>)
        goal = static_cast<T>(target);
      else
        goal = payload->target.values[i];
      result[i] = S(payload->x.values[i] - goal, first + static_cast<std::int32_t>(i), tape.id());
    }
  } else {
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = S(v[i] - at(i));
  }
  return result;
}

}  // namespace COSTATE_INSTRUCTIONS

}  // namespace costate
