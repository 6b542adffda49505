#pragma once

#include <costate/core/math.hpp>

#include <cstddef>
#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// Seven stars in a plane that pass each other closely.
///
///     xᵢ'' = Σ_{j ≠ i} mⱼ (xⱼ − xᵢ) / rᵢⱼ³,   yᵢ'' likewise,   p = m = (1, …, 7)
///
/// u = (x, y, x', y'), seven each. E. Hairer, S. P. Nørsett & G. Wanner, Solving Ordinary Differential
/// Equations I (1993), §II.10, p. 245.
struct Pleiades {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    for (std::size_t i = 0; i < 14; ++i) {
      du[i] = u[14 + i];
      du[14 + i] = 0.0;
    }
    for (std::size_t i = 0; i < 7; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto dx = u[j] - u[i], dy = u[7 + j] - u[7 + i];
        const auto square = dx * dx + dy * dy;
        const auto weight = 1.0 / (square * sqrt(square));
        du[14 + i] = du[14 + i] + p[j] * dx * weight;
        du[21 + i] = du[21 + i] + p[j] * dy * weight;
        du[14 + j] = du[14 + j] - p[i] * dx * weight;
        du[21 + j] = du[21 + j] - p[i] * dy * weight;
      }
    }
  };
  static constexpr Vector<double, 28> u0{3.0,  3.0, -1.0, -3.0, 2.0,   -2.0, 2.0, 3.0, -3.0, 2.0,
                                         0.0,  0.0, -4.0, 4.0,  0.0,   0.0,  0.0, 0.0, 0.0,  1.75,
                                         -1.5, 0.0, 0.0,  0.0,  -1.25, 1.0,  0.0, 0.0};
  static constexpr TimeSpan<double> tspan{0.0, 3.0};
  static constexpr Vector<double, 7> p{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 33 digits; the positions and
  /// velocities of the Test Set for IVP Solvers (F. Mazzia & C. Magherini, 2008, problem plei) are the same
  /// in all of their 16 digits.
  static constexpr Vector<double, 28> end{
      0.370613914397051290,  3.23728409205723309,   -3.22255903241832335,  0.659709145577530836,
      0.342558170715657979,  1.56217210140063102,   -0.700309292221249539, -3.94343758551739206,
      -3.27138097397254993,  5.22508184345654419,   -2.59061243497746951,  1.19821369339227464,
      -0.242968234493582341, 1.09144924042897975,   3.41700380631431475,   1.35458450162550122,
      -2.59006559781077542,  2.02505373471424111,   -1.15581510016044909,  -0.807298817022302173,
      0.595239635420871877,  -3.74124496123400847,  0.377345968575062904,  0.938685886955107889,
      0.366792222720056987,  -0.347404635380849437, 2.34491544818093692,   -1.94702043426329190};
};

}  // namespace costate::model_problems
