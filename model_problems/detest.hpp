#pragma once

#include <costate/core/math.hpp>

#include <model_problems/model_problem.hpp>
#include <model_problems/outer_planets.hpp>
#include <tuple>

/// The non-stiff problems of DETEST, all on [0, 20]. T. E. Hull, W. H. Enright, B. M. Fellen & A. E.
/// Sedgwick, SIAM J. Numer. Anal. 9 (1972) 603–637; definitions as in W. H. Enright & J. D. Pryce, ACM TOMS
/// 13 (1987) 1–27.
///
/// End values: from closed forms, evaluated in 40 digits, or computed for this project by extrapolation
/// (Gragg–Bulirsch–Stoer) in 33 digits; each problem says which. All printed digits are right, up to the
/// rounding of the last.
namespace costate::model_problems::detest {

inline constexpr TimeSpan<double> span{0.0, 20.0};

/// y' = −y
struct A1 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) { du[0] = -u[0]; };
  static constexpr Vector<double, 1> u0{1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form exp(−t).
  static constexpr Vector<double, 1> end{2.06115362243855783e-09};
};

/// y' = −y³/2
struct A2 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = -u[0] * u[0] * u[0] / 2.0;
  };
  static constexpr Vector<double, 1> u0{1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form (1 + t)^(−1/2).
  static constexpr Vector<double, 1> end{0.218217890235992381};
};

/// y' = y cos t
struct A3 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    du[0] = u[0] * cos(t);
  };
  static constexpr Vector<double, 1> u0{1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form exp(sin t).
  static constexpr Vector<double, 1> end{2.49165027185041452};
};

/// y' = y/4 (1 − y/20)
struct A4 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = u[0] / 4.0 * (1.0 - u[0] / 20.0);
  };
  static constexpr Vector<double, 1> u0{1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form 20 / (1 + 19 exp(−t/4)).
  static constexpr Vector<double, 1> end{17.7301664813148398};
};

/// y' = (y − t) / (y + t)
struct A5 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    du[0] = (u[0] - t) / (u[0] + t);
  };
  static constexpr Vector<double, 1> u0{4.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 1> end{-0.788782668896401424};
};

/// Lotka and Volterra: y₁' = 2 (y₁ − y₁y₂), y₂' = −(y₂ − y₁y₂)
struct B1 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = 2.0 * (u[0] - u[0] * u[1]);
    du[1] = -(u[1] - u[0] * u[1]);
  };
  static constexpr Vector<double, 2> u0{1.0, 3.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 2> end{0.676187600857660661, 0.186081609964002980};
};

/// A linear reaction: y₁' = −y₁ + y₂, y₂' = y₁ − 2y₂ + y₃, y₃' = y₂ − y₃
struct B2 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = -u[0] + u[1];
    du[1] = u[0] - 2.0 * u[1] + u[2];
    du[2] = u[1] - u[2];
  };
  static constexpr Vector<double, 3> u0{2.0, 0.0, 1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 3> end{1.00000000103057681, 1.0, 0.999999998969423189};
};

/// A nonlinear reaction: y₁' = −y₁, y₂' = y₁ − y₂², y₃' = y₂²
struct B3 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = -u[0];
    du[1] = u[0] - u[1] * u[1];
    du[2] = u[1] * u[1];
  };
  static constexpr Vector<double, 3> u0{1.0, 0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 3> end{2.06115362243855783e-09, 0.0525722802204851253,
                                         0.947427717718361252};
};

/// On a torus: y₁' = −y₂ − y₁y₃/r, y₂' = y₁ − y₂y₃/r, y₃' = y₁/r, r² = y₁² + y₂²
struct B4 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    const auto r = sqrt(u[0] * u[0] + u[1] * u[1]);
    du[0] = -u[1] - u[0] * u[2] / r;
    du[1] = u[0] - u[1] * u[2] / r;
    du[2] = u[0] / r;
  };
  static constexpr Vector<double, 3> u0{3.0, 0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form ((2 + cos t) cos t, (2 + cos t) sin t, sin t).
  static constexpr Vector<double, 3> end{0.982695092800653050, 2.19844708169492970, 0.912945250727627654};
};

/// Euler's rigid body: y₁' = y₂y₃, y₂' = −y₁y₃, y₃' = −0.51 y₁y₂
struct B5 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = u[1] * u[2];
    du[1] = -u[0] * u[2];
    du[2] = -0.51 * u[0] * u[1];
  };
  static constexpr Vector<double, 3> u0{0.0, 1.0, 1.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Jacobi's functions sn, cn, dn of t with parameter 0.51.
  static constexpr Vector<double, 3> end{-0.939657079872920396, -0.342117775400074907, 0.741412659619995301};
};

/// A radioactive chain: y₁' = −y₁, yᵢ' = yᵢ₋₁ − yᵢ, y₁₀' = y₉
struct C1 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = -u[0];
    for (std::size_t i = 1; i < 9; ++i) du[i] = u[i - 1] - u[i];
    du[9] = u[8];
  };
  static constexpr Vector<double, 10> u0{1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form tⁱ exp(−t) / i!, i = 0 … 8, and the rest of 1.
  static constexpr Vector<double, 10> end{
      2.06115362243855783e-09, 4.12230724487711566e-08, 4.12230724487711566e-07, 2.74820482991807710e-06,
      1.37410241495903855e-05, 5.49640965983615421e-05, 1.83213655327871807e-04, 5.23467586651062306e-04,
      1.30866896662765576e-03, 9.97912740950864981e-01};
};

/// Another: y₁' = −y₁, yᵢ' = (i − 1) yᵢ₋₁ − i yᵢ, y₁₀' = 9y₉
struct C2 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = -u[0];
    for (std::size_t i = 1; i < 9; ++i)
      du[i] = static_cast<double>(i) * u[i - 1] - static_cast<double>(i + 1) * u[i];
    du[9] = 9.0 * u[8];
  };
  static constexpr Vector<double, 10> u0{1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form exp(−t) (1 − exp(−t))ⁱ, i = 0 … 8, and (1 − exp(−t))⁹ (Yule's process).
  static constexpr Vector<double, 10> end{
      2.06115362243855783e-09, 2.06115361819020357e-09, 2.06115361394184933e-09, 2.06115360969349509e-09,
      2.06115360544514086e-09, 2.06115360119678664e-09, 2.06115359694843243e-09, 2.06115359270007822e-09,
      2.06115358845172403e-09, 0.999999981449617551};
};

/// Heat on a line: y' = tridiag(1, −2, 1) y
struct C3 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    for (std::size_t i = 0; i < 10; ++i) {
      du[i] = -2.0 * u[i];
      if (i > 0) du[i] = du[i] + u[i - 1];
      if (i < 9) du[i] = du[i] + u[i + 1];
    }
  };
  static constexpr Vector<double, 10> u0{1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 10> end{
      2.94811921102269941e-03, 5.63538015484529592e-03, 7.82907251592703829e-03, 9.34825790859559708e-03,
      1.00794361030198048e-02, 9.98267417142948901e-03, 9.08869333276533190e-03, 7.48911519518508500e-03,
      5.32296413095267560e-03, 2.76243437902951443e-03};
};

/// Heat on a longer line: C3 with 51 states
struct C4 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    for (std::size_t i = 0; i < 51; ++i) {
      du[i] = -2.0 * u[i];
      if (i > 0) du[i] = du[i] + u[i - 1];
      if (i < 50) du[i] = du[i] + u[i + 1];
    }
  };
  static constexpr auto u0 = [] {
    Vector<double, 51> start;
    start[0] = 1.0;
    return start;
  }();
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form (1/26) Σ sin(kπ/52) sin(ikπ/52) exp(−4t sin²(kπ/104)), k = 1 … 51, in 50 digits.
  static constexpr Vector<double, 51> end{
      3.12411145372210304e-03, 6.01541684215132272e-03, 8.47002183484361070e-03, 1.03368293173339233e-02,
      1.15324957287392037e-02, 1.20454952573791239e-02, 1.19295706801521918e-02, 1.12888320711112884e-02,
      1.02580450139098811e-02, 8.98201758193416997e-03, 7.59750090249272787e-03, 6.21992055682536724e-03,
      4.93591634100946241e-03, 3.80143254425630476e-03, 2.84421367758792037e-03, 2.06912339422258343e-03,
      1.46468728284378050e-03, 1.00954526394100390e-03, 6.77935433022624502e-04, 4.43781526911824279e-04,
      2.83326454293906325e-04, 1.76500579879709750e-04, 1.07334259269755001e-04, 6.37449760177955438e-05,
      3.69864530970544843e-05, 2.09746683264410095e-05, 1.16295671041234802e-05, 6.30671040577898405e-06,
      3.34628643086421118e-06, 1.73776007418116614e-06, 8.83536690425763051e-07, 4.39952041112023002e-07,
      2.14618189715167873e-07, 1.02598121165739051e-07, 4.80786406881649945e-08, 2.20917515250266462e-08,
      9.95625126333203440e-09, 4.40219365386307523e-09, 1.91014938225988906e-09, 8.13589292167481001e-10,
      3.40247711856746073e-10, 1.39748561749008424e-10, 5.63857530233723914e-11, 2.23545970734151908e-11,
      8.71049803190350604e-12, 3.33655427238790932e-12, 1.25667956597876262e-12, 4.65435904275712766e-13,
      1.69355913997493876e-13, 5.99659378838671217e-14, 1.89133069102798969e-14};
};

/// The five outer planets: OuterPlanets
using C5 = OuterPlanets;

/// Kepler's orbit of eccentricity e: (x, y)'' = −(x, y) / r³ from the pericenter; u = (x, y, x', y').
inline constexpr auto kepler = [](auto& du, const auto& u, const auto&, const auto&) {
  const auto square = u[0] * u[0] + u[1] * u[1];
  const auto cube = square * sqrt(square);
  du[0] = u[2];
  du[1] = u[3];
  du[2] = -u[0] / cube;
  du[3] = -u[1] / cube;
};

/// Kepler's orbit with e = 0.1; y'(0) = sqrt((1 + e) / (1 − e)).
struct D1 {
  static constexpr auto f = kepler;
  static constexpr Vector<double, 4> u0{0.9, 0.0, 0.0, 1.105541596785133283};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// (cos E − e, s sin E, −sin E / d, s cos E / d), E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static constexpr Vector<double, 4> end{0.219883535200839661, 0.942707684634181309, -0.978765984105817651,
                                         0.328797799096203608};
};

/// Kepler's orbit with e = 0.3; y'(0) = sqrt((1 + e) / (1 − e)).
struct D2 {
  static constexpr auto f = kepler;
  static constexpr Vector<double, 4> u0{0.7, 0.0, 0.0, 1.362770287738493785};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// (cos E − e, s sin E, −sin E / d, s cos E / d), E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static constexpr Vector<double, 4> end{-0.177702735714041169, 0.946778471990589258, -1.03029416319296957,
                                         0.121107489005395216};
};

/// Kepler's orbit with e = 0.5; y'(0) = sqrt((1 + e) / (1 − e)).
struct D3 {
  static constexpr auto f = kepler;
  static constexpr Vector<double, 4> u0{0.5, 0.0, 0.0, 1.732050807568877294};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// (cos E − e, s sin E, −sin E / d, s cos E / d), E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static constexpr Vector<double, 4> end{-0.578043295303536123, 0.863384000919419290, -0.959508373038072736,
                                         -0.0650491512671209017};
};

/// Kepler's orbit with e = 0.7; y'(0) = sqrt((1 + e) / (1 − e)).
struct D4 {
  static constexpr auto f = kepler;
  static constexpr Vector<double, 4> u0{0.3, 0.0, 0.0, 2.380476142847616666};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// (cos E − e, s sin E, −sin E / d, s cos E / d), E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static constexpr Vector<double, 4> end{-0.953899029341639440, 0.690740902421943152, -0.821267427087743309,
                                         -0.153957425912582471};
};

/// Kepler's orbit with e = 0.9; y'(0) = sqrt((1 + e) / (1 − e)).
struct D5 {
  static constexpr auto f = kepler;
  static constexpr Vector<double, 4> u0{0.1, 0.0, 0.0, 4.358898943540673552};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// (cos E − e, s sin E, −sin E / d, s cos E / d), E − e sin E = t, s² = 1 − e², d = 1 − e cos E.
  static constexpr Vector<double, 4> end{-1.29526625098757437, 0.400393896379232153, -0.677539092470756589,
                                         -0.127083815427868619};
};

/// Bessel's equation of order 1/2, shifted: y'' = −y' / (t + 1) − (1 − 1/4 / (t + 1)²) y
struct E1 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    const auto s = t + 1.0;
    du[0] = u[1];
    du[1] = -(u[1] / s + (1.0 - 0.25 / (s * s)) * u[0]);
  };
  static constexpr Vector<double, 2> u0{0.6713967071418030, 0.09540051444747446};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 2> end{0.145672360072824653, -0.0988350019557457811};
};

/// Van der Pol's: y'' = (1 − y²) y' − y
struct E2 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = u[1];
    du[1] = (1.0 - u[0] * u[0]) * u[1] - u[0];
  };
  static constexpr Vector<double, 2> u0{2.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 2> end{2.00814976217494859, -0.0425088752732021470};
};

/// Duffing's: y'' = y³/6 − y + 2 sin(2.78535 t)
struct E3 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    du[0] = u[1];
    du[1] = u[0] * u[0] * u[0] / 6.0 - u[0] + 2.0 * sin(2.78535 * t);
  };
  static constexpr Vector<double, 2> u0{0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 2> end{-0.100417885864724071, 0.241140013209595558};
};

/// A falling body: y'' = 0.032 − 0.4 y'²
struct E4 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto&) {
    du[0] = u[1];
    du[1] = 0.032 - 0.4 * u[1] * u[1];
  };
  static constexpr Vector<double, 2> u0{30.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// Closed form 30 + log(cosh(ct)) / 0.4, sqrt(0.08) tanh(ct), c² = 0.0128.
  static constexpr Vector<double, 2> end{33.9509144464655640, 0.276782265967286779};
};

/// A pursuit: y'' = sqrt(1 + y'²) / (25 − t)
struct E5 {
  static constexpr auto f = [](auto& du, const auto& u, const auto&, const auto& t) {
    du[0] = u[1];
    du[1] = sqrt(1.0 + u[1] * u[1]) / (25.0 - t);
  };
  static constexpr Vector<double, 2> u0{0.0, 0.0};
  static constexpr auto tspan = span;
  static constexpr Vector<double, 0> p{};
  /// By extrapolation.
  static constexpr Vector<double, 2> end{14.1179739054262547, 2.4};
};

using All = std::tuple<A1, A2, A3, A4, A5, B1, B2, B3, B4, B5, C1, C2, C3, C4, C5, D1, D2, D3, D4, D5, E1, E2,
                       E3, E4, E5>;

}  // namespace costate::model_problems::detest
