#include <costate/data/collocate.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/random/philox.hpp>
#include <costate/solve/solve.hpp>

#include <algorithm>
#include <cmath>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

namespace costate {
namespace {

const Kernel kernels[] = {EpanechnikovKernel{}, UniformKernel{}, TriangularKernel{}, QuarticKernel{},
                          TriweightKernel{},    TricubeKernel{}, GaussianKernel{},   CosineKernel{},
                          LogisticKernel{},     SigmoidKernel{}, SilvermanKernel{}};

std::vector<double> spaced(double from, double to, std::size_t count) {
  std::vector<double> t(count);
  for (std::size_t i = 0; i < count; ++i) t[i] = from + (to - from) * double(i) / double(count - 1);
  return t;
}
template <class F>
Matrix<double> values_at(const std::vector<double>& t, const F& f) {
  Matrix<double> values(1, t.size());
  for (std::size_t i = 0; i < t.size(); ++i) values(0, i) = f(t[i]);
  return values;
}

}  // namespace

TEST(Kernel, HasItsPublishedValueAtZero) {
  const double at_zero[] = {0.75,
                            0.5,
                            1.0,
                            15.0 / 16,
                            35.0 / 32,
                            70.0 / 81,
                            1 / std::sqrt(2 * M_PI),
                            M_PI / 4,
                            0.25,
                            1 / M_PI,
                            0.5 * std::sin(M_PI / 4)};
  for (std::size_t i = 0; i < std::size(kernels); ++i)
    EXPECT_NEAR(kernels[i](0), at_zero[i], 1e-15) << kernels[i].name();
}

TEST(Kernel, IsEvenAndItsIntegralIsOne) {
  for (const Kernel& kernel : kernels) {
    double total = 0;
    const double h = 1e-3;
    for (double x = -60 + h / 2; x < 60; x += h) total += h * kernel(x);
    EXPECT_NEAR(total, 1, 1e-6) << kernel.name();
    EXPECT_EQ(kernel(-0.3), kernel(0.3));
    EXPECT_EQ(kernel.is_compact(), kernel(1.5) == 0) << kernel.name();
    EXPECT_EQ(kernel.is_compact(), kernel(1e300) == 0 && kernel(std::nextafter(1.0, 2.0)) == 0);
  }
}

TEST(Collocate, FollowsDecayAsTheAncestorAsserts) {
  // u' = −0.001 u, 1000 points on [0, 50], bandwidth 0.003
  const ODEProblem problem([](auto& du, const auto& u, const auto&, auto) { du[0] = -0.001 * u[0]; }, {1.0},
                           {0.0, 50.0});
  const auto solution =
      solve(problem, Tsit5{}, {.abstol = 1e-12, .reltol = 1e-12, .saveat = spaced(0, 50, 1000)});
  for (const Kernel& kernel : kernels) {
    const auto estimate = collocate(solution, kernel, {.bandwidth = 0.003});
    double squares = 0, slope = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
      squares += std::pow(estimate.u[i][0] - solution[i][0], 2);
      slope = std::max(slope, std::abs(estimate.du[i][0] + 0.001 * solution[i][0]));
    }
    EXPECT_LT(squares, 1e-8) << kernel.name();
    EXPECT_LT(slope, 1e-9) << kernel.name();
  }
  const std::string refusal =
      refusal_of([&] { collocate(solution, EpanechnikovKernel{}, {.bandwidth = 1e-3}); });
  EXPECT_EQ(
      refusal,
      "collocate: bandwidth: want a wider one: a parabola through the observations of component 0 about t "
      "= 0, got 0.001");
}

TEST(Collocate, IsExactForWhatItsPolynomialsHold) {
  // local lines hold a line, the slopes of local parabolas those of a parabola
  const std::vector<double> t{0.0, 0.1, 0.35, 0.5, 0.9, 1.0, 1.4, 1.8, 1.9, 2.0};
  const auto line = values_at(t, [](double x) { return 3 - 2 * x; });
  const auto parabola = values_at(t, [](double x) { return 1 + x - 0.7 * x * x; });
  for (const Kernel& kernel : kernels) {
    const auto a = collocate(t, line, kernel, {.bandwidth = 0.6, .at = {0.0, 0.77, 2.0}});
    const auto b = collocate(t, parabola, kernel, {.bandwidth = 0.6, .at = {0.0, 0.77, 2.0}});
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(a.u[i][0], 3 - 2 * a.t[i], 1e-11) << kernel.name();
      EXPECT_NEAR(a.du[i][0], -2, 1e-9) << kernel.name();
      EXPECT_NEAR(b.du[i][0], 1 - 1.4 * b.t[i], 1e-9) << kernel.name();
    }
  }
}

TEST(Collocate, FindsTheSlopeOfASineUnderNoise) {
  const auto t = spaced(0, 2 * M_PI, 300);
  Matrix<double> values(2, t.size());
  for (std::size_t i = 0; i < t.size(); ++i) {
    values(0, i) = std::sin(t[i]);
    values(1, i) = std::cos(t[i]) + 0.2 * (uniform(1, 0, i) - 0.5);
  }
  for (const Kernel& kernel : kernels) {
    const auto estimate = collocate(t, values, kernel, {.bandwidth = kernel.is_compact() ? 0.1 : 0.02});
    for (std::size_t i = 30; i < 270; ++i) {
      EXPECT_NEAR(estimate.u[i][0], std::sin(t[i]), 0.08) << kernel.name();
      EXPECT_NEAR(estimate.du[i][0], std::cos(t[i]), 0.06) << kernel.name();
      EXPECT_NEAR(estimate.du[i][1], -std::sin(t[i]), 0.3) << kernel.name();
    }
  }
}

TEST(Collocate, ChoosesItsBandwidthByItsRule) {
  const auto t = spaced(-1, 3, 50);
  const auto values = values_at(t, [](double x) { return std::exp(-x); });
  const double h = std::pow(50.0, -1.0 / 5) * std::pow(50.0, -3.0 / 35) * std::pow(std::log(50.0), -1.0 / 16);
  const auto a = collocate(t, values, TriangularKernel{}),
             b = collocate(t, values, TriangularKernel{}, {.bandwidth = h});
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(a.u[i][0], b.u[i][0]);
    EXPECT_EQ(a.du[i][0], b.du[i][0]);
  }
}

TEST(Collocate, BySplineMeetsTheObservations) {
  const auto t = spaced(0, 3, 31);
  const auto values = values_at(t, [](double x) { return std::sin(2 * x); });
  const auto at_knots = collocate(t, values, CubicSpline{});
  for (std::size_t i = 0; i < t.size(); ++i) EXPECT_NEAR(at_knots.u[i][0], values(0, i), 1e-15);
  const auto between = collocate(t, values, CubicSpline{}, {.at = spaced(1, 2, 23)});
  for (std::size_t i = 0; i < 23; ++i) {
    EXPECT_NEAR(between.u[i][0], std::sin(2 * between.t[i]), 1e-5);
    EXPECT_NEAR(between.du[i][0], 2 * std::cos(2 * between.t[i]), 1e-3);
  }
  // scipy 1.17.1: CubicSpline([0, 1, 2.5, 3], [1, -1, 2, 0.5], bc_type='natural') at 0.25, 1.7, 2.5, and its
  // slope
  const std::vector<double> knots{0, 1, 2.5, 3};
  Matrix<double> y(1, 4);
  y(0, 0) = 1, y(0, 1) = -1, y(0, 2) = 2, y(0, 3) = 0.5;
  const auto natural = collocate(knots, y, CubicSpline{}, {.at = {0.25, 1.7, 2.5}});
  const double u[] = {0.18970070422535212, 0.6976150234741783, 2.0},
               du[] = {-3.0757042253521125, 3.19943661971831, -1.2535211267605633};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(natural.u[i][0], u[i], 1e-14);
    EXPECT_NEAR(natural.du[i][0], du[i], 1e-14);
  }
}

TEST(Collocate, EstimatesWhatIsMissingWhereItIsAsked) {
  const auto t = spaced(0, 1, 101);
  auto values = values_at(t, [](double x) { return 2 * x; });
  values(0, 40) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal_of([&] { collocate(t, values, TriangularKernel{}); }),
            "collocate: values: want finite numbers (or NaN and .missing = Missing::skip), got nan");
  for (const auto& estimate : {collocate(t, values, TriangularKernel{}, {.missing = Missing::skip}),
                               collocate(t, values, CubicSpline{}, {.missing = Missing::skip})}) {
    EXPECT_NEAR(estimate.u[40][0], 0.8, 1e-12);
    EXPECT_NEAR(estimate.du[40][0], 2, 1e-11);
  }
}

TEST(Collocate, RefusesWhatItCannotUse) {
  const std::vector<double> t{0, 1, 2, 3};
  const Matrix<double> values(2, 4);
  EXPECT_EQ(refusal_of([&] {
              collocate(std::vector<double>{0, 1}, values, TriangularKernel{});
            }),
            "collocate: times: want 4 numbers, got 2");
  EXPECT_NE(refusal_of([&] {
              collocate(std::vector<double>{0, 1, 1, 2}, values, TriangularKernel{});
            }).find("collocate: times: want ascending ones, got 1 after 1"),
            std::string::npos);
  EXPECT_THROW(collocate(t, values, TriangularKernel{}, {.bandwidth = -0.1}), std::invalid_argument);
  EXPECT_THROW(collocate(t, values, TriangularKernel{}, {.at = {3.5}}), std::invalid_argument);
  EXPECT_THROW(collocate(t, values, CubicSpline{}, {.bandwidth = 0.1}), std::invalid_argument);
  const ODEProblem problem([](auto& du, const auto& u, const auto&, auto) { du[0] = u[0] * u[0]; }, {1.0},
                           {0.0, 2.0});
  EXPECT_NE(refusal_of([&] {
              collocate(solve(problem, Tsit5{}, {.saveat = 0.1}));
            }).find("collocate: data: want a solve that succeeded"),
            std::string::npos);
}

}  // namespace costate
