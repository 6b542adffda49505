#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/core/vector.hpp>
#include <costate/methods/method_family.hpp>
#include <costate/solve/integrator.hpp>
#include <costate/solve/saver.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// A family that can take the memory of a state instead of copying it, once told to keep no stage inputs.
template <class Family>
concept TakesNextState = requires(Family& family, Vector<typename Family::StateScalar>& slot) {
  family.take_next_state(slot);
};

/// A state, as a whole where the family knows its size.
template <class Family, class T>
[[gnu::always_inline]] inline void copy_state(T* to, const T* from, std::size_t n) {
  if constexpr (requires { Family::extent; }) {
    if constexpr (Family::extent != dynamic)
      return void(std::memmove(static_cast<void*>(to), from, Family::extent * sizeof(T)));
  }
  std::memmove(static_cast<void*>(to), from, n * sizeof(T));
}

/// Keeps no entries (and the mesh, where it is wanted): one slot, used again by every step.
template <class T>
class NoRecord {
 public:
  NoRecord(std::size_t n, std::size_t slot_vectors) : n_(n), slot_(Unfilled{}, n * slot_vectors) {}
  /// Of a family of its own: nobody else looks at the stage inputs of a step, unless told.
  template <class Family>
  NoRecord(Family& family, bool keeps_stages, Mesh* mesh) : n_(family.size()), mesh_(mesh) {
    std::size_t vectors = slot_vectors_of(family);
    if constexpr (TakesNextState<Family>) {
      if (!keeps_stages) {
        family.keep_no_stages();
        vectors = 1;
      }
    }
    slot_ = Vector<T>(Unfilled{}, n_ * vectors);
  }
  T* first_slot() { return slot_.data(); }
  const T* last_state() const { return slot_.data(); }
  template <class Integrator>
  [[gnu::always_inline]] inline T* keep(Integrator& it, T* slot, bool) {
    if (mesh_ != nullptr) mesh_->steps.push_back({it.t_next(), it.h()});
    if constexpr (TakesNextState<typename Integrator::FamilyType>) {
      if (!it.family().keeps_stages()) {
        it.family().take_next_state(slot_);
        return slot_.data();
      }
    }
    copy_state<typename Integrator::FamilyType>(slot, it.family().next_state(), n_);
    return slot;
  }

 private:
  std::size_t n_;
  Vector<T> slot_;
  Mesh* mesh_ = nullptr;
};

/// The entries of a solve for the way back: the mesh, and either the slots of all steps or, with a bound on
/// memory, states at a bounded number of steps (checkpoints) from which the slots of a segment are made
/// again.
template <class T>
class StepRecord {
 public:
  struct Entry {
    double t, h;  // as the right-hand side saw them
    bool fresh;   // the step evaluated its first slope itself
  };

  /// keeps_mesh: false keeps nothing of a step but that there was one.
  void start(std::size_t n, std::size_t slot_vectors, std::optional<std::size_t> checkpoints,
             bool keeps_mesh = true) {
    n_ = n;
    keeps_mesh_ = keeps_mesh;
    steps_ = 0;
    stride_ = n * slot_vectors;
    limit_ = checkpoints;
    interval_ = 1;
    entries_.clear();
    mesh_.steps.clear();
    slots_.clear();
    checkpoint_steps_.clear();
    checkpoint_states_.clear();
    keeping_ = !limit_;
    segment_start_ = 0;
    last_ = 0;
    replaying_ = false;
  }
  /// From now on the slots of all steps are kept, beginning with step number `from`: a segment made again.
  void start_segment(std::size_t from) {
    keeping_ = true;
    segment_start_ = from;
    replaying_ = true;
    slots_.clear();
  }
  void end_segments() { replaying_ = false; }

  T* first_slot() {
    slots_.resize(2 * stride_);
    return slots_.data();
  }
  template <class Integrator>
  [[gnu::always_inline]] inline T* keep(Integrator& it, T* slot, bool fresh) {
    if (!replaying_) {
      ++steps_;
      if (keeps_mesh_) {
        if (limit_) checkpoint(it, slot);
        entries_.push_back({static_cast<double>(plain(it.time())), it.h(), fresh});
        mesh_.steps.push_back({it.t_next(), it.h()});
      }
    }
    const T* next_state = it.family().next_state();
    T* next = slot;
    last_ = 0;
    if (keeping_) {
      next = slot + stride_;
      copy_state<typename Integrator::FamilyType>(next, next_state, n_);
      // room for the step after: one slot beyond the one it starts from
      const std::size_t used = static_cast<std::size_t>(next - slots_.data()) + stride_;
      if (used + stride_ > slots_.size()) {
        slots_.resize(used + stride_);
        next = slots_.data() + used - stride_;
      }
      last_ = static_cast<std::size_t>(next - slots_.data());
    } else {
      copy_state<typename Integrator::FamilyType>(next, next_state, n_);
    }
    return next;
  }

  /// The state after the last kept step (the initial one where there was none).
  const T* last_state() const { return slots_.data() + last_; }
  std::size_t size() const { return steps_; }
  const Entry& entry(std::size_t i) const { return entries_[i]; }
  const Mesh& mesh() const { return mesh_; }
  const T* slot(std::size_t i) const { return slots_.data() + (i - segment_start_) * stride_; }
  bool has_checkpoints() const { return limit_.has_value(); }
  std::size_t checkpoint_count() const { return checkpoint_steps_.size(); }
  std::size_t checkpoint_step(std::size_t c) const { return static_cast<std::size_t>(checkpoint_steps_[c]); }
  /// State and first slope at checkpoint c.
  const T* checkpoint_state(std::size_t c) const { return checkpoint_states_.data() + c * 2 * n_; }
  std::size_t bytes() const {
    return entries_.size() * (sizeof(Entry) + sizeof(Mesh::Step)) +
           (slots_.size() + checkpoint_states_.size()) * sizeof(T);
  }

 private:
  // Checkpoints stand every `interval` steps; when there are more than the limit every other one is dropped.
  template <class Integrator>
  void checkpoint(const Integrator& it, const T* slot) {
    const std::size_t step = entries_.size();
    if (step % interval_ != 0) return;
    if (checkpoint_steps_.size() == std::max<std::size_t>(*limit_, 1)) {
      interval_ *= 2;
      std::size_t kept = 0;
      for (std::size_t c = 0; c < checkpoint_steps_.size(); ++c) {
        if (static_cast<std::size_t>(checkpoint_steps_[c]) % interval_ != 0) continue;
        checkpoint_steps_[kept] = checkpoint_steps_[c];
        std::memmove(static_cast<void*>(checkpoint_states_.data() + kept * 2 * n_),
                     checkpoint_states_.data() + c * 2 * n_, 2 * n_ * sizeof(T));
        ++kept;
      }
      checkpoint_steps_.resize(kept);
      checkpoint_states_.resize(kept * 2 * n_);
      if (step % interval_ != 0) return;
      if (checkpoint_steps_.size() == std::max<std::size_t>(*limit_, 1)) return;
    }
    checkpoint_steps_.push_back(static_cast<std::int32_t>(step));
    T* state = checkpoint_states_.append(2 * n_);
    std::memcpy(static_cast<void*>(state), slot, n_ * sizeof(T));
    std::memcpy(static_cast<void*>(state + n_), it.family().slope(), n_ * sizeof(T));
  }

  std::size_t n_ = 0, stride_ = 0, interval_ = 1, segment_start_ = 0, last_ = 0, steps_ = 0;
  std::optional<std::size_t> limit_;
  bool keeping_ = true, replaying_ = false, keeps_mesh_ = true;
  Buffer<Entry> entries_;
  Mesh mesh_;
  Buffer<T> slots_;
  Buffer<std::int32_t> checkpoint_steps_;
  Buffer<T> checkpoint_states_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
