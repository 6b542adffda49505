#pragma once

#include <costate/ad/var.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// What a block node remembers of one argument: the values, and where on the tape they stand. Numbers that
/// stand one after the other need no list of places.
template <class T>
struct Operand {
  const T* values = nullptr;
  const std::int32_t* places = nullptr;  // null: first, first + 1, …
  std::int32_t first = -1;               // −1 with places null: constants
  std::size_t size = 0;

  bool constant() const { return places == nullptr && first < 0; }
  /// adjoints of the argument += g[i]
  void add(T* adjoints, const T* g) const {
    if (constant()) return;
    if (places == nullptr) {
      T* to = adjoints + first;
      for (std::size_t i = 0; i < size; ++i) to[i] = to[i] + g[i];
    } else {
      for (std::size_t i = 0; i < size; ++i)
        if (places[i] >= 0) adjoints[places[i]] = adjoints[places[i]] + g[i];
    }
  }
  /// The adjoints of an argument that stands in a row, or null where they must be added one by one.
  T* row(T* adjoints) const { return places == nullptr && first >= 0 ? adjoints + first : nullptr; }
};

template <class T, std::size_t N>
Operand<T> operand(Tape<T>& tape, const LeafView<T, N>& x) {
  if (x.tape() != tape.id()) throw_two_tapes();
  return {x.values(), nullptr, x.first(), x.size()};
}
/// Vars side by side in memory: values and places are gathered onto the tape.
template <class T, VectorLike V>
Operand<T> operand(Tape<T>& tape, const V& x) {
  const std::size_t n = x.size();
  T* values = tape.template allocate<T>(n);
  if constexpr (std::is_same_v<scalar_of<V>, Var<T>>) {
    const std::int32_t first = n > 0 ? x[0].index() : -1;
    const std::uint32_t id = tape.id();
    // all numbers are looked at, so that the loop has no way out
    std::int32_t gaps = 0;
    int foreign = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Var<T>& v = x[i];
      values[i] = v.value();
      gaps |= v.index() ^ (first + static_cast<std::int32_t>(i));
      foreign |= static_cast<int>(v.index() >= 0) & static_cast<int>(v.tape() != id);
    }
    if (foreign != 0) throw_two_tapes();
    if (first >= 0 && gaps == 0) return {values, nullptr, first, n};
    std::int32_t* places = tape.template allocate<std::int32_t>(n);
    for (std::size_t i = 0; i < n; ++i) places[i] = x[i].index();
    return {values, places, -1, n};
  } else {
    for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(x[i]);
    return {values, nullptr, -1, n};
  }
}

/// Vars side by side on the tape, without a copy where they stand so already; others become one block.
template <class T, VectorLike V>
LeafView<T, extent_of<V>> in_a_row(Tape<T>& tape, const V& x) {
  const Operand<T> from = operand<T>(tape, x);
  std::int32_t first = from.first;
  if (first < 0) {
    auto* payload = new (tape.template allocate<Operand<T>>()) Operand<T>(from);
    const auto pull = [](T* adjoints, void* data, std::int32_t block) {
      static_cast<const Operand<T>*>(data)->add(adjoints, adjoints + block);
    };
    first = tape.push_block(from.size, pull, payload);
  }
  return {from.values, first, tape.id(), from.size};
}

/// The tape for a block of Vars of T: the current one.
template <class T>
Tape<T>& current_tape() {
  Tape<T>* tape = Tape<T>::current();
  if (tape == nullptr) throw_no_tape();
  return *tape;
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
