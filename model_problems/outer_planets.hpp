#pragma once

#include <costate/core/math.hpp>

#include <cstddef>
#include <model_problems/model_problem.hpp>

namespace costate::model_problems {

/// The five outer planets about the sun and its inner planets: problem C5 of DETEST.
///
///     yⱼ'' = k ( −(m₀ + mⱼ) yⱼ / rⱼ³ + Σ_{i ≠ j} mᵢ ( (yᵢ − yⱼ) / dᵢⱼ³ − yᵢ / rᵢ³ ) )
///     rⱼ = |yⱼ|,   dᵢⱼ = |yᵢ − yⱼ|,   p = (m₁, …, m₅),   m₀ = 1.00000597682,   k = 2.95912208286
///
/// u = (y, y'), three numbers a planet: astronomical units, days · 100, masses of the sun. T. E. Hull, W. H.
/// Enright, B. M. Fellen & A. E. Sedgwick, SIAM J. Numer. Anal. 9 (1972) 603–637. The constants agree in two
/// public copies of the test set: the Fortran of W. H. Enright & J. D. Pryce (ACM TOMS 13 (1987) 1) as
/// translated in MIPAV, and SciMLBenchmarks.jl.
struct OuterPlanets {
  static constexpr auto f = [](auto& du, const auto& u, const auto& p, const auto&) {
    constexpr double k = 2.95912208286, m0 = 1.00000597682;
    for (std::size_t i = 0; i < 15; ++i) du[i] = u[15 + i];
    for (std::size_t j = 0; j < 5; ++j) {
      const auto square = u[3 * j] * u[3 * j] + u[3 * j + 1] * u[3 * j + 1] + u[3 * j + 2] * u[3 * j + 2];
      const auto weight = k / (square * sqrt(square));
      for (std::size_t c = 0; c < 3; ++c) du[15 + 3 * j + c] = -(m0 + p[j]) * u[3 * j + c] * weight;
      // the pull on the sun, which is the origin, by the planets before j and on those by j
      for (std::size_t i = 0; i < j; ++i) {
        const auto far = u[3 * i] * u[3 * i] + u[3 * i + 1] * u[3 * i + 1] + u[3 * i + 2] * u[3 * i + 2];
        const auto far_weight = k / (far * sqrt(far));
        const auto dx = u[3 * i] - u[3 * j], dy = u[3 * i + 1] - u[3 * j + 1],
                   dz = u[3 * i + 2] - u[3 * j + 2];
        const auto between = dx * dx + dy * dy + dz * dz;
        const auto pull = k / (between * sqrt(between));
        for (std::size_t c = 0; c < 3; ++c) {
          const auto d = u[3 * i + c] - u[3 * j + c];
          du[15 + 3 * j + c] = du[15 + 3 * j + c] + p[i] * (d * pull - u[3 * i + c] * far_weight);
          du[15 + 3 * i + c] = du[15 + 3 * i + c] - p[j] * (d * pull + u[3 * j + c] * weight);
        }
      }
    }
  };
  static constexpr Vector<double, 30> u0{
      3.42947415189,    3.35386959711,   1.35494901715,   6.64145542550,   5.97156957878,   2.18231499728,
      11.2630437207,    14.6952576794,   6.27960525067,   -30.1552268759,  1.65699966404,   1.43785752721,
      -21.1238353380,   28.4465098142,   15.3882659679,   -0.557160570446, 0.505696783289,  0.230578543901,
      -0.415570776342,  0.365682722812,  0.169143213293,  -0.325325669158, 0.189706021964,  0.0877265322780,
      -0.0240476254170, -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025, -0.0148647893090};
  static constexpr TimeSpan<double> tspan{0.0, 20.0};
  static constexpr Vector<double, 5> p{0.000954786104043, 0.000285583733151, 0.0000437273164546,
                                       0.0000517759138449, 0.00000277777777778};
  /// Computed for this project by extrapolation (Gragg-Bulirsch-Stoer) in 48 digits, with two step sizes that
  /// agree to 40; all printed digits are right. The values of Enright & Pryce agree to 1e-12.
  static constexpr Vector<double, 30> end{
      -4.792730224323634904,   -2.420550725449022062,  -0.9212509306015118679, -4.217310404035213394,
      7.356202947498969972,    3.223785985421211772,   4.035559443262270562,   17.19865528670554963,
      7.478910794233702761,    -29.98759326324844224,  -4.107310937550929565,  -0.9277008321754408299,
      -24.42125302518482774,   23.81459045746554446,   14.92096306951358809,   0.3499208963063997294,
      -0.5748487687912802745,  -0.2551694020879144377, -0.5237040978903325456, -0.2493000463579661729,
      -0.08045341642044465707, -0.3875289237334109532, 0.05648603288767892083, 0.03023606472143343000,
      0.04133856546712446174,  -0.2862393029841379307, -0.1183032405136207018, -0.1511986457359205608,
      -0.2460068894318765630,  -0.03189687411323877086};
};

}  // namespace costate::model_problems
