#pragma once

#include <string_view>

namespace costate {

enum class KernelShape {
  epanechnikov,
  uniform,
  triangular,
  quartic,
  triweight,
  tricube,
  gaussian,
  cosine,
  logistic,
  sigmoid,
  silverman,
};

/// How much an observation counts that is x bandwidths away: K(x).
struct Kernel {
  KernelShape shape;

  double operator()(double x) const;
  std::string_view name() const;
  /// K(x) = 0 where |x| > 1.
  bool is_compact() const;
};

template <KernelShape S>
struct KernelOf : Kernel {
  constexpr KernelOf() : Kernel{S} {}
};

// Of |x| ≤ 1, else 0:
using EpanechnikovKernel = KernelOf<KernelShape::epanechnikov>;  ///< 3/4 (1 − x²)
using UniformKernel = KernelOf<KernelShape::uniform>;            ///< 1/2
using TriangularKernel = KernelOf<KernelShape::triangular>;      ///< 1 − |x|
using QuarticKernel = KernelOf<KernelShape::quartic>;            ///< 15/16 (1 − x²)²
using TriweightKernel = KernelOf<KernelShape::triweight>;        ///< 35/32 (1 − x²)³
using TricubeKernel = KernelOf<KernelShape::tricube>;            ///< 70/81 (1 − |x|³)³
using CosineKernel = KernelOf<KernelShape::cosine>;              ///< π/4 cos(π x / 2)
// Of all x:
using GaussianKernel = KernelOf<KernelShape::gaussian>;    ///< exp(−x²/2) / √(2π)
using LogisticKernel = KernelOf<KernelShape::logistic>;    ///< 1 / (eˣ + 2 + e⁻ˣ)
using SigmoidKernel = KernelOf<KernelShape::sigmoid>;      ///< 2/π / (eˣ + e⁻ˣ)
using SilvermanKernel = KernelOf<KernelShape::silverman>;  ///< ½ exp(−|x|/√2) sin(|x|/√2 + π/4)

}  // namespace costate
