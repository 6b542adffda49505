#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/status.hpp>
#include <costate/solve/integrator.hpp>
#include <costate/solve/saver.hpp>
#include <costate/solve/step_record.hpp>

#include <cstddef>
#include <cstdint>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// A problem without events.
struct NoEvents {
  static constexpr bool active = false;
};

enum class AfterEvent { go_on, restart, terminate };

/// The loop over time: steps, saving, recording, events, until the end (or `last` steps more where a segment
/// is made again).
///
/// Events, where a problem has them, look at every accepted step: `events.after_step(integrator, slot)` says
/// whether one happens at its end, t_next(); then `events.apply(integrator, slot)` changes the state there
/// before the next step evaluates its first slope.
template <class Integrator, class Saver, class Record, class Events, class Guard = NoGuard>
[[gnu::noinline]] Status run_loop(Integrator& it, typename Integrator::T* slot, Saver& saver, Record& record,
                                  Events& events, std::size_t last, Guard&& guard = {}) {
  bool fresh = it.steps() == 0;
  for (std::size_t done = 0; !it.at_end() && done < last; ++done) {
    if (!it.step(slot, guard)) return it.status();
    AfterEvent after = AfterEvent::go_on;
    if constexpr (Events::active) after = events.after_step(it, slot);
    saver.step(it, slot, static_cast<std::int32_t>(it.steps() - 1));
    slot = record.keep(it, slot, fresh);
    if constexpr (Events::active) {
      if (after != AfterEvent::go_on) {
        events.apply(it, slot);
        fresh = it.accept_changed(slot);
        if (after == AfterEvent::terminate) return Status::terminated;
        continue;
      }
    }
    fresh = it.accept(slot);
  }
  return it.status();
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
