#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/vector_view.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <vector>

namespace costate {

// Lists are kept in the memory of the thread's pool, so that a solve whose options are written where it is
// called allocates nothing.

/// One number, or one per component of the state; unset: the default of the problem kind.
class Tolerance {
 public:
  Tolerance() = default;
  Tolerance(double value) : value_(value) {}
  Tolerance(const std::vector<double>& values) : is_list_(true) {
    values_.assign(values.data(), values.size());
  }
  Tolerance(std::initializer_list<double> values) : is_list_(true) {
    values_.assign(values.begin(), values.size());
  }

  double value_or(double otherwise) const { return value_.value_or(otherwise); }
  const detail::Buffer<double>& values() const { return values_; }
  bool is_set() const { return value_.has_value() || is_list_; }
  bool is_list() const { return is_list_; }
  /// The smallest of a list (an empty one is refused with the other options of a solve), else the number.
  double smallest_or(double otherwise) const {
    if (values_.empty()) return value_or(otherwise);
    double smallest = values_[0];
    for (const double value : values_) smallest = value < smallest ? value : smallest;
    return smallest;
  }

 private:
  std::optional<double> value_;
  detail::Buffer<double> values_;
  bool is_list_ = false;
};

/// When to save: a spacing saves both ends and every multiple of it from the start; a list saves exactly the
/// list.
class SaveAt {
 public:
  SaveAt() = default;
  SaveAt(double spacing) : spacing_(spacing) {}
  SaveAt(const std::vector<double>& times) : is_list_(true) { times_.assign(times.data(), times.size()); }
  SaveAt(std::initializer_list<double> times) : is_list_(true) { times_.assign(times.begin(), times.size()); }
  template <VectorLike V>
  SaveAt(const V& times) : times_(times.size()), is_list_(true) {
    for (std::size_t i = 0; i < times.size(); ++i) times_[i] = static_cast<double>(times[i]);
  }

  bool is_set() const { return is_list_ || spacing_.has_value(); }
  bool is_list() const { return is_list_; }
  const std::optional<double>& spacing() const { return spacing_; }
  const detail::Buffer<double>& times() const { return times_; }

 private:
  std::optional<double> spacing_;
  detail::Buffer<double> times_;
  bool is_list_ = false;
};

/// Options of `solve`. Steps are accepted while sqrt(mean((errᵢ / (abstol + max(|uᵢ|, |u₊ᵢ|) reltol))²)) ≤ 1.
struct SolveOptions {
  Tolerance abstol{};  ///< > 0 or ≥ 0 where reltol > 0; default 1e-6 (ODE)
  Tolerance reltol{};  ///< ≥ 0; default 1e-3 (ODE)
  std::optional<double>
      dt{};              ///< first step, or the step where adaptive = false; > 0 in either direction of time
  bool adaptive = true;  ///< false: every step is dt (shortened to hit tstops and the end)
  std::optional<double> dtmin{};      ///< smallest step; default: the resolution of t
  std::optional<double> dtmax{};      ///< largest step; default |t1 − t0|
  std::size_t max_steps = 1'000'000;  ///< tried steps, rejected ones included
  SaveAt saveat{};                    ///< never changes the steps; default: every step is saved
  std::vector<double> tstops{};       ///< times that a step ends on exactly, and where f may jump: it is not
                                      ///< evaluated there but an ulp to either side
  bool dense = true;  ///< keep the interpolant, so that solution(t) works between saved points
  std::optional<bool> save_everystep{};  ///< default: true where saveat is not given
  bool save_noise = false;               ///< stochastic equations only
};

namespace detail {

/// What a tolerance is that nobody gave, for ordinary differential equations.
inline constexpr double default_abstol = 1e-6, default_reltol = 1e-3;

/// Throws std::invalid_argument for options that no solve could honour, before any work.
void validate(const SolveOptions& options, std::size_t state_size, double t0, double t1,
              bool has_error_estimate);

/// The times to save, in the direction of integration.
void resolve_save_times(const SolveOptions& options, double t0, double t1, Buffer<double>& times);
/// The stops between t0 and t1 in the direction of integration, and t1 last.
void resolve_stops(const SolveOptions& options, double t0, double t1, Buffer<double>& stops);

}  // namespace detail
}  // namespace costate
