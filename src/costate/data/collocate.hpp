#pragma once

#include <costate/core/matrix.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/data/kernel.hpp>
#include <costate/data/missing.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace costate {

/// States one after the other: `states[i]` is the one at time i; `values` is all of [components × times].
struct StateSeries {
  Matrix<double> values{};

  std::size_t size() const { return values.cols(); }
  VectorView<const double> operator[](std::size_t i) const { return values.column(i); }
  /// Component j at all times.
  Vector<double> component(std::size_t j) const;
};

/// States and their derivatives, estimated from observations.
struct Collocation {
  std::vector<double> t;
  StateSeries u, du;
};

/// Options of `collocate` with a kernel.
struct CollocationOptions {
  std::optional<double> bandwidth{};  ///< > 0, as a part of the time from the first observation to the last;
                                      ///< default n^(−1/5) n^(−3/35) (ln n)^(−1/16) of n observations
  std::vector<double> at{};           ///< times of the estimates; default: those of the observations
  Missing missing = Missing::propagate;  ///< skip: a NaN is left out, and its component estimated from the
                                         ///< others; else it is refused
};

/// The natural cubic spline through the observations, instead of a kernel: for data without noise.
struct CubicSpline {};

/// States and derivatives along observations, without solving anything: u by local lines and du by local
/// parabolas, fitted by least squares with the weights K((tᵢ − t) / h).
///
///     const auto smoothed = collocate(t, values, EpanechnikovKernel{});       values: [components × times]
///     smoothed.u[i][j], smoothed.du[i][j]                                     component j at smoothed.t[i]
///
/// Least squares has no negative weights: where Silverman's kernel is negative, beyond |x| = 3.33, it counts
/// as 0. Throws std::invalid_argument for times that do not ascend, and where a window holds too few
/// observations for a parabola (or ones that do not determine it): a wider bandwidth is wanted.
///
/// J. Roesch, C. Rackauckas & M. P. H. Stumpf, "Collocation based training of neural ordinary differential
/// equations", Stat. Appl. Genet. Mol. Biol. 20 (2021) 37; the bandwidth is theirs.
Collocation collocate(std::span<const double> t, const Matrix<double>& values, const Kernel& kernel,
                      const CollocationOptions& options = {});

/// The same by interpolation: u is the natural cubic spline through the observations, du its slope.
Collocation collocate(std::span<const double> t, const Matrix<double>& values, const CubicSpline& spline,
                      const CollocationOptions& options = {});

/// … along a solution, or a time series (`t`, and `values` of [components × times]).
template <class Data, class Rule = TriangularKernel>
requires(AnySolution<Data> || detail::TimesAndValues<Data>) Collocation
    collocate(const Data& data, const Rule& rule = {}, const CollocationOptions& options = {}) {
  const auto seen = detail::observations("collocate: data", data);
  return collocate(seen.t, seen.values, rule, options);
}

}  // namespace costate
