#pragma once

#include <costate/core/instruction_namespace.hpp>

/// What the steps of a solve are held to beside the error of the state.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// Steps are held to nothing but the error of the state.
struct NoGuard {
  static constexpr bool active = false;
};

/// A guard somewhere else, or none: so that a solve and steps of it made again are compiled once.
template <class Guard>
struct GuardOrNone {
  static constexpr bool active = Guard::active;
  const Guard* guard = nullptr;

  bool wanted() const { return guard != nullptr && guard->wanted(); }
  template <class T>
  double error(const T* slot, double t, double h) const {
    return guard != nullptr ? guard->error(slot, t, h) : 0.0;
  }
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
