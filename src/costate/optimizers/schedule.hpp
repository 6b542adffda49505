#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace costate {

/// How a rate goes from `from` to `to` within a segment, s = step / steps in [0, 1):
enum class ScheduleShape : std::uint8_t {
  linear,       ///< from + (to − from) s
  exponential,  ///< from (to / from)ˢ
  cosine,       ///< to + (from − to) (1 + cos πs) / 2
};

struct ScheduleSegment {
  ScheduleShape shape = ScheduleShape::linear;
  std::uint64_t steps = 1;
  double from = 0, to = 0;

  bool operator==(const ScheduleSegment&) const = default;
};

/// A rate as a function of the number of updates made before: segments one after the other, then a number
/// that stays. It stands wherever a rate stands, and a plain number is one that never changes.
///
///     AdamW{.learning_rate = warm_up(cosine_schedule(1e-2, 2000), 100), .weight_decay = 1e-4}
///     Adam{.learning_rate = constant_schedule(1e-2, 500).then(1e-3)}
///
/// It is data and a pure function, schedule(0) being the rate of the first update, so a run that is resumed
/// sees the rates of one that was never stopped.
class Schedule {
 public:
  Schedule(double rate) : last_(rate) {}
  /// `segments` in their order, then `last`. Throws std::invalid_argument for a segment without steps, a
  /// number that is not finite, and an exponential one whose ends are not both > 0.
  Schedule(std::vector<ScheduleSegment> segments, double last);

  double operator()(std::uint64_t step) const { return segments_.empty() ? last_ : at(step); }

  /// This until its segments end, then `next` from its beginning.
  Schedule then(const Schedule& next) const;

  std::span<const ScheduleSegment> segments() const { return segments_; }
  double last() const { return last_; }  ///< the rate after all segments
  std::uint64_t steps() const;           ///< of all segments together

  bool operator==(const Schedule&) const = default;

 private:
  double at(std::uint64_t step) const;

  std::vector<ScheduleSegment> segments_;
  double last_;
};

/// Two rates and the number of updates from the first to the second.
struct RateChange {
  double from = 0, to = 0;
  std::uint64_t steps = 1;  ///< >= 1
};

/// `rate` for `steps` updates: a piece of a schedule, to be followed by `.then(…)`. Without one it stays.
Schedule constant_schedule(double rate, std::uint64_t steps);

/// from + (to − from) k / steps, then `to`.
Schedule linear_schedule(const RateChange& change);

/// from (to / from)^(k / steps), then `to`. Both rates > 0.
Schedule exponential_schedule(const RateChange& change);

/// to + (from − to) (1 + cos(πk / steps)) / 2, then `to`. I. Loshchilov & F. Hutter, arXiv:1608.03983, eq. 5.
Schedule cosine_schedule(const RateChange& change);

/// From `peak` to 0 along a cosine.
Schedule cosine_schedule(double peak, std::uint64_t steps);

/// Where a one-cycle schedule begins and ends, as parts of its peak.
struct OneCycle {
  double rising = 0.3;           ///< part of the steps that goes up, in (0, 1)
  double start_divisor = 25;     ///< the first rate is peak / start_divisor, > 0
  double final_divisor = 2.5e5;  ///< the last rate is peak / final_divisor, > 0
};

/// Up to `peak` and down again, far below the beginning, each along half a cosine. L. Smith & N. Topin,
/// arXiv:1708.07120, §3; shape and divisors as in PyTorch and optax.
Schedule one_cycle_schedule(double peak, std::uint64_t steps, const OneCycle& cycle = {});

/// A line up to the first rate of `schedule`, r (k + 1) / (steps + 1) for k < steps, then the schedule from
/// its beginning. The first update is thus not lost to a rate of 0. P. Goyal et al., arXiv:1706.02677, §2.2.
Schedule warm_up(const Schedule& schedule, std::uint64_t steps);

/// A rate that is held for some updates.
struct HeldRate {
  double rate = 0;
  std::uint64_t steps = 1;  ///< >= 1
};

/// The rates of a table, each held for its steps, then `last`.
Schedule piecewise_constant_schedule(std::initializer_list<HeldRate> table, double last);

}  // namespace costate
