#include <costate/ipopt/ipopt.hpp>
#include <costate/training/train_residuals.hpp>
#include <costate/training/train_second_order.hpp>

#include <cmath>
#include <csignal>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace costate {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Numbers and optima of problems: W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes
// (1981).
template <class Loss, class Constraints, class P>
void expect_optimum(const Loss& loss, const Constraints& constraints, const IpoptOptions& options,
                    const P& start, const P& wanted, double minimum, double digits = 1e-6) {
  const auto result = train(loss, start, Ipopt(constraints, options));
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  EXPECT_TRUE(result.feasible) << report(result);
  EXPECT_LT(result.violation, 1e-7);
  EXPECT_NEAR(result.minimum, minimum, 1e-7 * (1 + std::fabs(minimum))) << report(result);
  EXPECT_LT(result.gradient_norm, 1e-5);
  EXPECT_EQ(result.history.size(), result.iterations + 1);
  for (std::size_t i = 0; i < start.size(); ++i) EXPECT_NEAR(result.minimizer[i], wanted[i], digits) << i;
}

TEST(Ipopt, FindsTheOptimaOfHockAndSchittkowskiUnderEqualities) {
  expect_optimum([](const auto& x) { return (1.0 - x[0]) * (1.0 - x[0]); },  // 6
                 [](const auto& x) { return Vector{10.0 * (x[1] - x[0] * x[0])}; },
                 {.lower = {0}, .upper = {0}}, Vector{-1.2, 1.0}, Vector{1.0, 1.0}, 0);
  expect_optimum([](const auto& x) { return log(1.0 + x[0] * x[0]) - x[1]; },  // 7
                 [](const auto& x) {
                   const auto a = 1.0 + x[0] * x[0];
                   return Vector{a * a + x[1] * x[1]};
                 },
                 {.lower = {4}, .upper = {4}}, Vector{2.0, 2.0}, Vector{0.0, std::sqrt(3)}, -std::sqrt(3));
  const auto fourth = [](const auto& a) { return a * a * a * a; };
  expect_optimum([&](const auto& x) { return (x[0] - x[1]) * (x[0] - x[1]) + fourth(x[1] - x[2]); },  // 26
                 [&](const auto& x) { return Vector{(1.0 + x[1] * x[1]) * x[0] + fourth(x[2])}; },
                 {.lower = {3}, .upper = {3}}, Vector{-2.6, 2.0, 2.0}, Vector{1.0, 1.0, 1.0}, 0, 0.03);
  expect_optimum([](const auto& x) { return -x[0]; },  // 39
                 [](const auto& x) {
                   return Vector{x[1] - x[0] * x[0] * x[0] - x[2] * x[2], x[0] * x[0] - x[1] - x[3] * x[3]};
                 },
                 {.lower = {0, 0}, .upper = {0, 0}}, Vector{2.0, 2.0, 2.0, 2.0}, Vector{1.0, 1.0, 0.0, 0.0},
                 -1, 1e-4);
  expect_optimum(
      [](const auto& x) { return -x[0] * x[1] * x[2] * x[3]; },  // 40
      [](const auto& x) {
        return Vector{x[0] * x[0] * x[0] + x[1] * x[1] - 1.0, x[0] * x[0] * x[3] - x[2], x[3] * x[3] - x[1]};
      },
      {.lower = {0, 0, 0}, .upper = {0, 0, 0}}, Vector{0.8, 0.8, 0.8, 0.8},
      Vector{std::pow(2, -1.0 / 3), std::pow(2, -0.5), std::pow(2, -11.0 / 12), std::pow(2, -0.25)}, -0.25);
}

TEST(Ipopt, SolvesHockAndSchittkowski71WithinItsBounds) {
  // [hs71]
  const auto loss = [](const auto& x) { return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]; };
  const auto constraints = [](const auto& x) {
    return Vector{x[0] * x[1] * x[2] * x[3], x[0] * x[0] + x[1] * x[1] + x[2] * x[2] + x[3] * x[3]};
  };
  const Ipopt ipopt(constraints, {.lower = {25, 40}, .upper = {INFINITY, 40}});  // >= 25 and == 40
  const auto result =
      train(loss, Vector{1.0, 5.0, 5.0, 1.0}, ipopt, {.lower = {1, 1, 1, 1}, .upper = {5, 5, 5, 5}});
  // [/hs71]
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  EXPECT_TRUE(result.feasible);
  EXPECT_NEAR(result.minimum, 17.0140173, 1e-6);
  const Vector wanted{1.0, 4.7429994, 3.8211503, 1.3794082};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(result.minimizer[i], wanted[i], 1e-6);
  EXPECT_GE(result.minimizer[0], 1);
  EXPECT_NEAR(result.constraints[0], 25, 1e-6);
  EXPECT_NEAR(result.constraints[1], 40, 1e-6);
  EXPECT_NE(result.message.find("Ipopt found a solution; largest constraint violation"), std::string::npos)
      << result.message;
}

// 43, of Rosen and Suzuki
const auto rosen_suzuki = [](const auto& x) {
  return x[0] * x[0] + x[1] * x[1] + 2.0 * x[2] * x[2] + x[3] * x[3] - 5.0 * x[0] - 5.0 * x[1] - 21.0 * x[2] +
         7.0 * x[3];
};
const auto rosen_suzuki_constraints = [](const auto& x) {
  const auto a = x[0] * x[0], b = x[1] * x[1], c = x[2] * x[2], d = x[3] * x[3];
  return Vector{8.0 - a - b - c - d - x[0] + x[1] - x[2] + x[3],
                10.0 - a - 2.0 * b - c - 2.0 * d + x[0] + x[3],
                5.0 - 2.0 * a - b - c - 2.0 * x[0] + x[1] + x[3]};
};

TEST(Ipopt, GivesTheMultipliersOfInequalities) {
  const Vector start{0.0, 0.0, 0.0, 0.0};
  const auto result = train(rosen_suzuki, start, Ipopt(rosen_suzuki_constraints, {.lower = {0, 0, 0}}));
  EXPECT_NEAR(result.minimum, -44, 1e-5) << report(result);
  // they solve ∇loss + Σ λᵢ ∇cᵢ = 0 at (0, 1, 2, −1), where c₂ = 1 does not bind
  EXPECT_NEAR(result.multipliers[0], -1, 1e-5);
  EXPECT_NEAR(result.multipliers[1], 0, 1e-5);
  EXPECT_NEAR(result.multipliers[2], -2, 1e-5);
  const auto negated = [](const auto& x) {
    auto c = rosen_suzuki_constraints(x);
    for (auto& v : c) v = -v;
    return c;
  };
  const auto other = train(rosen_suzuki, start, Ipopt(negated, {.upper = {0, 0, 0}}));
  EXPECT_NEAR(other.multipliers[2], 2, 1e-5);
}

TEST(Ipopt, KeepsTheLowestPointThatMeetsTheConstraints) {
  const Vector start{0.0, 0.0, 0.0, 0.0};
  for (std::size_t n = 1; n <= 4; ++n) {
    const auto result = train(rosen_suzuki, start, Ipopt(rosen_suzuki_constraints, {.lower = {0, 0, 0}}),
                              {.max_iterations = n});
    EXPECT_EQ(result.stop_reason, StopReason::max_iterations) << report(result);
    EXPECT_EQ(result.iterations, n);
    EXPECT_TRUE(result.feasible);
    EXPECT_LE(result.minimum, 0);
    for (const double c : rosen_suzuki_constraints(result.minimizer)) EXPECT_GE(c, -1e-6);
    EXPECT_EQ(rosen_suzuki(result.minimizer), result.minimum);
  }
}

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0], b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

TEST(Ipopt, TakesBoundsAloneAndSettings) {
  double furthest = 0;
  const auto watched = [&](const auto& x) {
    furthest = std::fmax(furthest, plain(x[0]));
    return rosenbrock(x);
  };
  const auto free = train(watched, Vector{-1.2, 1.0}, Ipopt{});
  EXPECT_LT(free.minimum, 1e-12) << report(free);
  EXPECT_TRUE(free.feasible);
  EXPECT_EQ(free.message, "Ipopt found a solution");
  furthest = 0;
  const auto boxed = train(watched, Vector{-1.2, 1.0}, Ipopt({.settings = "mu_strategy adaptive\n"}),
                           {.lower = {-2, -2}, .upper = {0.5, 2}});
  EXPECT_NEAR(boxed.minimizer[0], 0.5, 1e-6) << report(boxed);
  EXPECT_NEAR(boxed.minimizer[1], 0.25, 1e-6);
  EXPECT_LE(furthest, 0.5);
  EXPECT_LT(boxed.gradient_norm, 1e-6);
}

TEST(Ipopt, TakesOneConstraintOnManyParameters) {
  // Σ i xᵢ² on the plane Σ xᵢ = 1: xᵢ = m / i with 1 / m = Σ 1 / i, where the loss is m
  const auto loss = [](const auto& x) {
    auto total = 0.0 * x[0];
    for (std::size_t i = 0; i < x.size(); ++i) total = total + (1.0 + static_cast<double>(i)) * x[i] * x[i];
    return total;
  };
  const auto plane = [](const auto& x) {
    auto total = x[0];
    for (std::size_t i = 1; i < x.size(); ++i) total = total + x[i];
    return Vector<scalar_of<std::remove_cvref_t<decltype(x)>>, 1>{total};
  };
  Vector<double> start(30);
  double m = 0;
  for (std::size_t i = 0; i < 30; ++i) m += 1 / (1.0 + static_cast<double>(i));
  m = 1 / m;
  const auto result = train(loss, start, Ipopt(plane, {.lower = {1}, .upper = {1}}));
  EXPECT_EQ(result.stop_reason, StopReason::converged) << report(result);
  EXPECT_NEAR(result.minimum, m, 1e-9);
  EXPECT_NEAR(result.multipliers[0], -2 * m, 1e-6);
  for (std::size_t i = 0; i < 30; ++i)
    EXPECT_NEAR(result.minimizer[i], m / (1.0 + static_cast<double>(i)), 1e-6);
}

TEST(Ipopt, TakesFloats) {
  const auto loss = [](const auto& x) { return x[0] * x[0] + x[1] * x[1]; };
  const auto line = [](const auto& x) { return Vector{x[0] + 2.0f * x[1]}; };
  const auto result =
      train(loss, Vector<float, 2>{3.0f, 1.0f}, Ipopt(line, {.lower = {5}, .upper = {5}, .tolerance = 1e-4}));
  EXPECT_NEAR(result.minimizer[0], 1, 1e-4) << report(result);
  EXPECT_NEAR(result.minimizer[1], 2, 1e-4);
}

TEST(Ipopt, SaysThatConstraintsCannotBeMet) {
  const auto loss = [](const auto& x) { return x[0]; };
  const auto impossible = [](const auto& x) { return Vector{x[0] * x[0] + 1.0}; };
  const auto result = train(loss, Vector{2.0}, Ipopt(impossible, {.upper = {0}}));
  EXPECT_EQ(result.stop_reason, StopReason::stalled) << report(result);
  EXPECT_FALSE(result.feasible);
  EXPECT_NEAR(result.violation, 1, 1e-3);
  EXPECT_NE(result.message.find("infeasib"), std::string::npos) << result.message;
  EXPECT_NE(result.message.find("no point that meets the constraints was found"), std::string::npos);
}

TEST(Ipopt, TurnsRoundAtAWall) {
  const auto loss = [](const auto& x) {
    return plain(x[0]) <= 0 ? x[0] * std::numeric_limits<double>::quiet_NaN() : 10.0 * (x[0] - log(x[0]));
  };
  std::size_t outside = 0;
  const auto watched = [&](const auto& x) {
    if (plain(x[0]) <= 0) ++outside;
    return loss(x);
  };
  const auto result = train(watched, Vector{6.0}, Ipopt{});
  EXPECT_GT(outside, 0u) << "the test wants a step beyond the wall";
  EXPECT_NEAR(result.minimizer[0], 1, 1e-6) << report(result);
  // the loss falls until the wall
  const auto cut = [](const auto& x) {
    const auto value = (x[0] - 3.0) * (x[0] - 3.0);
    return plain(x[0]) > 2 ? value + infinity : value;
  };
  const auto at_wall = train(cut, Vector{0.0}, Ipopt{}, {.max_iterations = 100});
  EXPECT_LE(at_wall.minimizer[0], 2);
  EXPECT_LE(at_wall.minimum, 9);
  EXPECT_NE(at_wall.stop_reason, StopReason::converged) << report(at_wall);
}

TEST(Ipopt, SaysThatTheStartIsNotFinite) {
  const auto loss = [](const auto& x) { return log(x[0]); };
  EXPECT_EQ(train(loss, Vector{-1.0}, Ipopt{}).stop_reason, StopReason::not_finite_at_start);
  const auto c = [](const auto& x) { return Vector{log(x[0])}; };
  const auto result = train(rosenbrock, Vector{-1.2, 1.0}, Ipopt(c, {.lower = {0}}));
  EXPECT_EQ(result.stop_reason, StopReason::not_finite_at_start) << report(result);
  EXPECT_FALSE(result.feasible);
}

TEST(Ipopt, EndsByTheCallbackTheTimeLimitAndCtrlC) {
  std::size_t calls = 0;
  const auto third = [&](const auto& x, double loss, TrainProgress& at) {
    EXPECT_EQ(at.iteration, calls++);
    EXPECT_EQ(rosenbrock(x), loss);
    EXPECT_EQ(at.history.back(), loss);
    return at.iteration == 3;
  };
  const auto halted = train(rosenbrock, Vector{-1.2, 1.0}, Ipopt{}, {}, third);
  EXPECT_EQ(halted.stop_reason, StopReason::halted);
  EXPECT_EQ(halted.iterations, 3u);
  const auto late = train(rosenbrock, Vector{-1.2, 1.0}, Ipopt{}, {}, time_limit(1e-9));
  EXPECT_EQ(late.stop_reason, StopReason::halted);
  EXPECT_EQ(late.evaluations, 1u);
  std::size_t evaluations = 0;
  const auto interrupted = [&](const auto& x) {
    if (++evaluations == 5) std::raise(SIGINT);
    return rosenbrock(x);
  };
  const auto result = train(interrupted, Vector{-1.2, 1.0}, Ipopt{});
  EXPECT_EQ(result.stop_reason, StopReason::interrupted) << report(result);
  EXPECT_EQ(evaluations, 5u);
  EXPECT_LE(result.minimum, result.initial_loss);
}

TEST(Ipopt, PassesExceptionsOn) {
  int calls = 0;
  const auto throwing = [&](const auto& x) {
    if (++calls == 4) throw std::domain_error("from the loss");
    return rosenbrock(x);
  };
  EXPECT_THROW(train(throwing, Vector{-1.2, 1.0}, Ipopt{}), std::domain_error);
  EXPECT_THROW(train(rosenbrock, Vector{-1.2, 1.0}, Ipopt{}, {},
                     [](const auto&, double, TrainProgress& at) -> bool {
                       return at.iteration == 2 ? throw std::domain_error("from the callback") : false;
                     }),
               std::domain_error);
}

template <class Constraints>
std::string refusal(const Constraints& c, const IpoptOptions& ipopt, const TrainOptions& options = {}) {
  try {
    train(rosenbrock, Vector{-1.2, 1.0}, Ipopt(c, ipopt), options);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(Ipopt, RefusesWhatDoesNotFit) {
  const auto c = [](const auto& x) { return Vector{x[0], x[1]}; };
  const auto three = [](const auto& x) { return Vector{x[0], x[1], x[0] + x[1]}; };
  EXPECT_EQ(refusal(c, {.lower = {0}}), "IpoptOptions.lower: want 2 numbers, got 1");
  EXPECT_EQ(refusal(c, {.upper = {0, 1, 2}}), "IpoptOptions.upper: want 2 numbers, got 3");
  EXPECT_EQ(refusal(c, {.lower = {0, 1}, .upper = {1, 0}}),
            "IpoptOptions.upper[1]: want a number >= lower = 1, got 0");
  EXPECT_EQ(refusal(c, {.lower = {0, NAN}}), "IpoptOptions.lower[1]: want a number or -inf, got nan");
  EXPECT_EQ(refusal(c, {.upper = {-infinity, 0}}), "IpoptOptions.upper[0]: want a number or inf, got -inf");
  EXPECT_EQ(refusal(c, {}),
            "IpoptOptions.lower: want bounds of the constraints, here or in IpoptOptions.upper, got none");
  EXPECT_EQ(refusal(c, {.lower = {0, 0}, .tolerance = 0}),
            "IpoptOptions.tolerance: want a finite number > 0, got 0");
  EXPECT_EQ(refusal(three, {.lower = {0, 0, 0}, .upper = {0, 0, 0}}),
            "Ipopt.constraints: want at most as many equalities as parameters that their bounds leave free: "
            "2, got 3");
  std::size_t calls = 0;
  const auto growing = [&](const auto& x) {
    return Vector<scalar_of<std::remove_cvref_t<decltype(x)>>>(++calls == 1 ? 1 : 2);
  };
  EXPECT_EQ(refusal(growing, {.lower = {-1}}),
            "Ipopt.constraints: the numbers of a later call: want 1 numbers, got 2");
  EXPECT_EQ(refusal(NoConstraints{}, {.lower = {0}}),
            "IpoptOptions.lower: want it unset without constraints, got bounds");
  EXPECT_EQ(refusal(c, {.lower = {0, 0}, .settings = "no_such_option 3\n"}).substr(0, 21),
            "IpoptOptions.settings");
  EXPECT_NE(refusal(c, {.lower = {0, 0}}, {.lower = {0}}).find("TrainOptions.lower"), std::string::npos);
  EXPECT_NE(refusal(c, {.lower = {0, 0}}, {.checkpoint = "run"}).find("TrainOptions.checkpoint"),
            std::string::npos);
}

}  // namespace
}  // namespace costate
