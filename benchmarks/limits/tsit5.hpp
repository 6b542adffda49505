#pragma once

namespace limits::tsit5 {

/// The embedded pair 5(4) of Ch. Tsitouras, Comput. Math. Appl. 62 (2011) 770–775, as named constants, so
/// that a hand-written step folds them into its instructions.
inline constexpr double a21 = 0.161;
inline constexpr double a31 = -0.008480655492356989, a32 = 0.335480655492357;
inline constexpr double a41 = 2.8971530571054935, a42 = -6.359448489975075, a43 = 4.3622954328695815;
inline constexpr double a51 = 5.325864828439257, a52 = -11.748883564062828, a53 = 7.4955393428898365,
                        a54 = -0.09249506636175525;
inline constexpr double a61 = 5.86145544294642, a62 = -12.92096931784711, a63 = 8.159367898576159,
                        a64 = -0.071584973281401, a65 = -0.028269050394068383;
inline constexpr double b1 = 0.09646076681806523, b2 = 0.01, b3 = 0.4798896504144996, b4 = 1.379008574103742,
                        b5 = -3.290069515436081, b6 = 2.324710524099774;

/// Weights of the error estimate h Σ eᵢ kᵢ.
inline constexpr double e1 = -0.00178001105222577714, e2 = -0.0008164344596567469, e3 = 0.007880878010261995,
                        e4 = -0.1447110071732629, e5 = 0.5823571654525552, e6 = -0.45808210592918697,
                        e7 = 0.015151515151515152;

/// Dense output u(t + θh) = u + h Σ wᵢ(θ) kᵢ, wᵢ(θ) = θ (rᵢ₁ + θ (rᵢ₂ + θ (rᵢ₃ + θ rᵢ₄))).
inline constexpr double dense_coefficients[7][4] = {
    {1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216},
    {0.0, 0.13169999999999998, -0.2234, 0.1017},
    {0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253},
    {0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902},
    {0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928},
    {0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661},
    {0.0, 1.5, -4.0, 2.5}};

[[gnu::always_inline]] inline void dense_weights(double theta, double* w) {
  for (int i = 0; i < 7; ++i) {
    const auto& r = dense_coefficients[i];
    w[i] = theta * (r[0] + theta * (r[1] + theta * (r[2] + theta * r[3])));
  }
}

}  // namespace limits::tsit5
