#include <costate/core/errors.hpp>
#include <costate/optimizers/detail/first_order.hpp>

namespace costate::detail {
namespace {

/// The rates that a schedule goes between: all others lie in the middle of two.
template <class Holds>
void check_each(std::string_view field, const Schedule& schedule, const char* wanted, Holds holds) {
  const auto check = [&](double rate) {
    if (!holds(rate) || !std::isfinite(rate)) reject(field, wanted, rate);
  };
  for (const ScheduleSegment& segment : schedule.segments()) {
    check(segment.from);
    check(segment.to);
  }
  check(schedule.last());
}

}  // namespace

void check_rate(std::string_view field, const Schedule& rate) {
  if (rate.segments().empty() && !(rate.last() > 0)) reject(field, "a finite number > 0", rate.last());
  check_factor(field, rate);
  const auto is_zero = [](const ScheduleSegment& s) { return s.from == 0 && s.to == 0; };
  if (rate.last() == 0 && std::all_of(rate.segments().begin(), rate.segments().end(), is_zero))
    reject(field, "a rate that is not always 0", 0.0);
}

void check_factor(std::string_view field, const Schedule& factor) {
  check_each(field, factor, "a finite number >= 0", [](double v) { return v >= 0; });
}

void check_momentum(std::string_view field, const Schedule& decay) {
  check_each(field, decay, "a number in [0, 1)", [](double v) { return v >= 0 && v < 1; });
}

void check_decay(std::string_view field, double decay) {
  if (!(decay >= 0 && decay < 1)) reject(field, "a number in [0, 1)", decay);
}

void check_epsilon(std::string_view field, double epsilon) {
  if (!(epsilon > 0) || !std::isfinite(epsilon)) reject(field, "a finite number > 0", epsilon);
}

}  // namespace costate::detail
