#pragma once

#include <costate/core/matrix.hpp>
#include <costate/data/time_series.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace costate {

/// An affine map of each component, of the values or of their logarithms, that can be undone.
///
///     y = (g(x) − shift) / scale,   x = g⁻¹(shift + scale y),   g(x) = x or ln x        [components]
///
/// A model is trained on `scaling.apply(series)`; what it gives is put beside the data, in a picture or a
/// table, through `scaling.undo`. Missing values stay missing.
struct Scaling {
  std::vector<double> shift;
  std::vector<double> scale;  ///< ≠ 0
  bool logarithm = false;

  /// Throws std::invalid_argument where the number of components differs, where a scale is 0 or not finite,
  /// or where the logarithm of a value x ≤ 0 is asked for, naming component and time.
  TimeSeries apply(const TimeSeries& series) const;
  TimeSeries undo(const TimeSeries& series) const;
  /// Of one number, or all numbers, of component j.
  double apply(double value, std::size_t j) const;
  double undo(double value, std::size_t j) const;
  std::vector<double> undo(std::span<const double> values, std::size_t j) const;
};

/// Each component to mean 0 and standard deviation 1, √(Σ (x − mean)² / n) over what was observed. Throws
/// std::invalid_argument for a component that has no two different values.
Scaling standardize(const TimeSeries& series);

/// Each component to [0, 1], from its lowest and highest value. Throws as above.
Scaling to_unit(const TimeSeries& series);

/// ln(x / unit), one unit per component: what grows and decays by factors becomes a straight line, and no
/// value that is undone can be negative. Throws where a unit is not positive.
Scaling logarithms(const std::vector<double>& units);

}  // namespace costate
