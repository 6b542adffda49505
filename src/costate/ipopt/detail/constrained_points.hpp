#pragma once

#include <costate/ipopt/ipopt.hpp>
#include <costate/training/interrupt.hpp>

#include <cstddef>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

namespace costate::detail {

/// The sides of the constraints, one number per constraint each.
class ConstraintSides {
 public:
  /// Throws std::invalid_argument for fields that fit no constraints, or none at all.
  ConstraintSides(const IpoptOptions& options, bool constrained);
  /// Throws std::invalid_argument where they do not fit `count` constraints on `free` parameters.
  void fit(std::size_t count, std::size_t free);

  std::size_t count() const { return count_; }
  double lower(std::size_t i) const;
  double upper(std::size_t i) const;
  template <class T>
  double violation(std::span<const T> c) const;

 private:
  const IpoptOptions& options_;
  std::size_t count_ = 0;
};

/// A point with what was evaluated there.
template <class T>
struct ConstrainedPoint {
  std::vector<T> x, gradient;
  T loss{};
  Linearization<T> constraints;
  bool has_loss = false, has_constraints = false;
  bool inside = true;  ///< nothing that was evaluated is infinite or NaN
  double violation = 0;
};

/// The loss and the constraints as Ipopt sees them: each evaluated once where it asks, the best point kept,
/// closed after an interrupt or an exception.
template <class T>
class ConstrainedPoints {
 public:
  using Point = ConstrainedPoint<T>;

  ConstrainedPoints(const ConstrainedObjective<T>& objective, const Bounds<T>& bounds, ConstraintSides& sides,
                    double constraint_tolerance, const InterruptGuard& interrupt, std::span<const T> start);

  /// False where the point is outside, or nothing is evaluated any more.
  template <class X>
  bool evaluate(std::span<const X> x, bool loss, bool constraints);
  const Point& point() const { return point_; }

  bool feasible(const Point& at) const { return at.violation <= constraint_tolerance_; }
  bool any() const { return !best_.x.empty(); }
  /// Of the points that meet the constraints the one with the lowest loss; else the least violating one.
  const Point& best() const { return best_; }

  std::size_t evaluations = 0;  ///< of the loss
  std::exception_ptr thrown{};

 private:
  void evaluate_loss();
  void evaluate_constraints();
  void judge();

  const ConstrainedObjective<T>& objective_;
  Bounds<T> bounds_;
  ConstraintSides& sides_;
  double constraint_tolerance_;
  const InterruptGuard& interrupt_;
  Point point_, best_;
  std::vector<T> next_;
};

extern template class ConstrainedPoints<float>;
extern template class ConstrainedPoints<double>;

}  // namespace costate::detail
