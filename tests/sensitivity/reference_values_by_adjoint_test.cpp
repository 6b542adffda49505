#include <costate/ad/gradient.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/backsolve_adjoint.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>
#include <costate/sensitivity/gauss_kronrod_adjoint.hpp>
#include <costate/sensitivity/interpolating_adjoint.hpp>
#include <costate/sensitivity/quadrature_adjoint.hpp>
#include <costate/solve/integral.hpp>
#include <costate/solve/solve.hpp>

#include <cmath>
#include <contracts/erased_function.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <type_traits>
#include <vector>

namespace costate {
namespace {

// The values were computed for this project in 80-bit floating point: RK4 with forward dual numbers at two
// fixed step sizes, which agree to 12 digits. The losses are those of SciMLSensitivity.jl's tests; gradients
// in the order (u0, p).

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};
const auto three_parameters = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + u[0] * u[1];
};
const auto lorenz = [](auto& du, const auto& u, const auto& p, const auto& /*t*/) {
  du[0] = p[0] * (u[1] - u[0]);
  du[1] = u[0] * (p[1] - u[2]) - u[1];
  du[2] = u[0] * u[1] - p[2] * u[2];
};

/// Weights of u₁(10), u₂(10), Σ u and Σ (u − a)² over 0 : spacing : 10, and of ∫ (u₁² + u₂²) dt and ∫ u₁ u₂
/// dt.
struct Cost {
  double first = 0, second = 0, sum = 0, squares = 0, a = 0, spacing = 0;
  double integral_of_squares = 0, integral_of_product = 0;
};
struct Row {
  Cost cost;
  double value;
  std::vector<double> gradient;
};

template <class Sensitivity>
void expect_row(const ErasedFunction& f, const Vector<double>& u0, const Vector<double>& p, const Row& row) {
  const Cost& cost = row.cost;
  const auto loss = [&](const auto& start, const auto& parameters) {
    const ODEProblem problem(f, start, {0.0, 10.0}, parameters);
    SolveOptions options{.abstol = 1e-13, .reltol = 1e-13, .dense = false, .save_everystep = false};
    if (cost.spacing > 0) options.saveat = cost.spacing;
    scalar_of<decltype(start)> total(0);
    if (cost.first != 0 || cost.second != 0 || cost.spacing > 0) {
      const auto solution = solve(problem, Vern7{}, options, Sensitivity{});
      total += cost.first * solution.back()[0] + cost.second * solution.back()[1];
      for (std::size_t i = 0; cost.spacing > 0 && i < solution.size(); ++i)
        for (std::size_t k = 0; k < solution.state_size(); ++k) {
          const auto u = solution[i][k];
          total += cost.sum * u + cost.squares * (u - cost.a) * (u - cost.a);
        }
    }
    if (cost.integral_of_squares != 0 || cost.integral_of_product != 0)
      total += integral(
          problem,
          [&](const auto& u, const auto& /*p*/, auto /*t*/) {
            return cost.integral_of_squares * (u[0] * u[0] + u[1] * u[1]) +
                   cost.integral_of_product * u[0] * u[1];
          },
          Vern7{}, options, Sensitivity{});
    return total;
  };
  const auto result = value_and_gradient(loss, u0, p);
  EXPECT_EQ(result.status(), Status::success);
  EXPECT_NEAR(std::get<0>(result), row.value, 1e-8 * std::abs(row.value));
  const auto& [value, du0, dp] = result;
  ASSERT_EQ(du0.size() + dp.size(), row.gradient.size());
  for (std::size_t i = 0; i < row.gradient.size(); ++i)
    EXPECT_NEAR(i < du0.size() ? du0[i] : dp[i - du0.size()], row.gradient[i],
                1e-8 * std::abs(row.gradient[i]))
        << i;
}

template <class Sensitivity>
class ReferenceValues : public testing::Test {};
using Sensitivities = testing::Types<DiscreteAdjoint, InterpolatingAdjoint, QuadratureAdjoint, GaussAdjoint,
                                     GaussKronrodAdjoint, BacksolveAdjoint>;
TYPED_TEST_SUITE(ReferenceValues, Sensitivities);

const Vector<double> ones{1.0, 1.0};

const Row squares_at_every_half{{.squares = 0.5, .a = 1, .spacing = 0.5},
                                102.042108621167,
                                {-87.9487749499228, -22.4884143605503, 25.500637231792, -77.2550774152539,
                                 93.5321275643256, -286.994086866423}};
const Row integral_of_squares{{.integral_of_squares = 0.5},
                              85.7705072010927,
                              {-52.0097704107939, -12.9726729625907, 3.62353837542989, -55.2370917032541,
                               51.5740834030593, -181.286366072316}};

/// The sum of two rows, whose costs must not meet in a field.
Row both(const Row& a, const Row& b) {
  Row result = a;
  result.cost.integral_of_squares = b.cost.integral_of_squares;
  result.value += b.value;
  for (std::size_t i = 0; i < a.gradient.size(); ++i) result.gradient[i] += b.gradient[i];
  return result;
}

}  // namespace

TYPED_TEST(ReferenceValues, DiscreteCosts) {
  for (const Row& row : {Row{{.first = 1},
                             1.02634476757509,
                             {1.96599605472817, 0.18856877707806, 2.16055752356262, 0.18856877707806,
                              0.563182794168196, 0.93965128715308}},
                         Row{{.second = 1},
                             0.909691078136042,
                             {-2.74397915592018, 0.211713489146683, -6.25677051722082, -0.697977588989359,
                              -1.70901768059793, -2.74397915592018}},
                         Row{{.squares = 1, .a = 1, .spacing = 0.1},
                             1017.83059846923,
                             {-961.173429479789, -240.418593926374, 52.942988973347, -786.153671436633,
                              880.251883387149, -2948.62767698707}},
                         Row{{.sum = 1, .spacing = 0.1},
                             450.764064039539,
                             {-39.1275412226682, -8.7877802189927, 8.30536266231656, -159.484292715139,
                              75.2035082137728, -339.195092766061}},
                         squares_at_every_half})
    expect_row<TypeParam>(erased_function(lotka_volterra), ones, Vector<double>{1.5, 1.0, 3.0, 1.0}, row);
}

TYPED_TEST(ReferenceValues, DiscreteCostsOfThreeParameters) {
  const Row about_one{
      {.squares = 0.5, .a = 1, .spacing = 0.5},
      102.042108621167,
      {-87.9487749499228, -22.4884143605503, 25.500637231792, -77.2550774152539, 93.5321275643256}};
  const Row about_two{
      {.squares = 0.5, .a = 2, .spacing = 0.5},
      73.3143508922967,
      {-80.2816659548106, -21.3162355508602, 25.4181013936345, -45.1760467230125, 78.9516611255392}};
  for (const Row& row : {about_one, about_two})
    expect_row<TypeParam>(erased_function(three_parameters), ones, Vector<double>{1.5, 1.0, 3.0}, row);
}

TYPED_TEST(ReferenceValues, RunningCosts) {
  const Row of_the_square_of_the_sum{{.integral_of_squares = 0.5, .integral_of_product = 1},
                                     130.602187115995,
                                     {-57.5003450096075, -14.3121449513715, 21.0514703329906,
                                      -101.408243606937, 63.1928818522935, -231.608620586032}};
  for (const Row& row : {of_the_square_of_the_sum, integral_of_squares})
    expect_row<TypeParam>(erased_function(lotka_volterra), ones, Vector<double>{1.5, 1.0, 3.0, 1.0}, row);
}

TYPED_TEST(ReferenceValues, DiscreteAndRunningCostsTogether) {
  expect_row<TypeParam>(erased_function(lotka_volterra), ones, Vector<double>{1.5, 1.0, 3.0, 1.0},
                        both(squares_at_every_half, integral_of_squares));
}

// Errors grow by exp(0.9 t) here: 1e-13 at the start is 1e-9 at t = 10.
TYPED_TEST(ReferenceValues, Lorenz) {
  expect_row<TypeParam>(
      erased_function(lorenz), Vector<double>{1.0, 0.0, 0.0}, Vector<double>{10.0, 28.0, 8.0 / 3.0},
      {{.squares = 0.5, .a = 2, .spacing = 0.1},
       42121.2467386673,
       {239.8877080917, 186.0494211183, -165.9987587446, -45.8406708223, 2704.016694925, -355.8076795344}});
}

}  // namespace costate
