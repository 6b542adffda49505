#include <costate/core/errors.hpp>
#include <costate/optimizers/schedule.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace costate {
namespace {

double rate_within(const ScheduleSegment& segment, std::uint64_t step) {
  const double s = static_cast<double>(step) / static_cast<double>(segment.steps);
  switch (segment.shape) {
    case ScheduleShape::linear:
      return segment.from + (segment.to - segment.from) * s;
    case ScheduleShape::exponential:
      return segment.from * std::pow(segment.to / segment.from, s);
    case ScheduleShape::cosine:
      return segment.to + (segment.from - segment.to) * (1 + std::cos(std::numbers::pi * s)) / 2;
  }
  return segment.to;
}

Schedule one_segment(ScheduleShape shape, const RateChange& change) {
  return {{{shape, change.steps, change.from, change.to}}, change.to};
}

}  // namespace

Schedule::Schedule(std::vector<ScheduleSegment> segments, double last)
    : segments_(std::move(segments)), last_(last) {
  for (const ScheduleSegment& segment : segments_) {
    if (segment.steps == 0) detail::reject("Schedule.steps", "a number >= 1", "0");
    for (const double rate : {segment.from, segment.to}) {
      if (!std::isfinite(rate)) detail::reject("Schedule", "finite rates", rate);
      if (segment.shape == ScheduleShape::exponential && !(rate > 0))
        detail::reject("Schedule", "rates > 0 at both ends of an exponential", rate);
    }
  }
  if (!std::isfinite(last)) detail::reject("Schedule", "finite rates", last);
}

Schedule Schedule::then(const Schedule& next) const {
  std::vector<ScheduleSegment> all = segments_;
  all.insert(all.end(), next.segments_.begin(), next.segments_.end());
  return {std::move(all), next.last_};
}

std::uint64_t Schedule::steps() const {
  std::uint64_t total = 0;
  for (const ScheduleSegment& segment : segments_) total += segment.steps;
  return total;
}

double Schedule::at(std::uint64_t step) const {
  for (const ScheduleSegment& segment : segments_) {
    if (step < segment.steps) return rate_within(segment, step);
    step -= segment.steps;
  }
  return last_;
}

Schedule constant_schedule(double rate, std::uint64_t steps) {
  return linear_schedule({.from = rate, .to = rate, .steps = steps});
}

Schedule linear_schedule(const RateChange& change) {
  return one_segment(ScheduleShape::linear, change);
}

Schedule exponential_schedule(const RateChange& change) {
  return one_segment(ScheduleShape::exponential, change);
}

Schedule cosine_schedule(const RateChange& change) {
  return one_segment(ScheduleShape::cosine, change);
}

Schedule cosine_schedule(double peak, std::uint64_t steps) {
  return cosine_schedule({.from = peak, .to = 0, .steps = steps});
}

Schedule one_cycle_schedule(double peak, std::uint64_t steps, const OneCycle& cycle) {
  if (steps < 2) detail::reject("one_cycle_schedule.steps", "a number >= 2", static_cast<double>(steps));
  if (!(cycle.rising > 0 && cycle.rising < 1))
    detail::reject("OneCycle.rising", "a number in (0, 1)", cycle.rising);
  if (!(cycle.start_divisor > 0))
    detail::reject("OneCycle.start_divisor", "a number > 0", cycle.start_divisor);
  if (!(cycle.final_divisor > 0))
    detail::reject("OneCycle.final_divisor", "a number > 0", cycle.final_divisor);
  const auto part = static_cast<std::uint64_t>(cycle.rising * static_cast<double>(steps));
  const std::uint64_t up = std::clamp<std::uint64_t>(part, 1, steps - 1);
  return cosine_schedule({.from = peak / cycle.start_divisor, .to = peak, .steps = up})
      .then(cosine_schedule({.from = peak, .to = peak / cycle.final_divisor, .steps = steps - up}));
}

Schedule warm_up(const Schedule& schedule, std::uint64_t steps) {
  const double rate = schedule(0);
  return linear_schedule({.from = rate / (static_cast<double>(steps) + 1), .to = rate, .steps = steps})
      .then(schedule);
}

Schedule piecewise_constant_schedule(std::initializer_list<HeldRate> table, double last) {
  std::vector<ScheduleSegment> segments;
  for (const HeldRate& held : table) {
    segments.push_back({ScheduleShape::linear, held.steps, held.rate, held.rate});
  }
  return {std::move(segments), last};
}

}  // namespace costate
