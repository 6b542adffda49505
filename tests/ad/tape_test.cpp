#include <costate/ad/gradient.hpp>
#include <costate/ad/tape.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/problems/ode_problem.hpp>
#include <costate/sensitivity/discrete_adjoint.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/random_reads.hpp>
#include <contracts/refusal.hpp>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace costate {
namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

const Vector p{1.1, 0.8, 1.7};

/// A solve on the tape route (a size known at run time), so that tapes of right-hand sides take part too.
const auto solve_loss = [](const auto& q) {
  const ODEProblem problem(DrivenPredatorPrey{}, std::vector{0.9, 1.2}, {0.0, 2.0}, q);
  return random_reads(solve(problem, Tsit5{}, {.reltol = 1e-6, .saveat = 0.3}), {0.1, 1.7});
};

}  // namespace

TEST(Tape, SweepsPartialsBackwards) {
  Tape<double> tape;
  const std::int32_t x = tape.push_leaves(2), y = x + 1;
  const std::int32_t product = tape.push(5.0, x, 3.0, y);  // 3 · 5
  const std::int32_t sum = tape.push(1.0, product, 2.0, x);
  tape.adjoints()[sum] = 1;
  tape.sweep();
  EXPECT_EQ(tape.adjoints()[x], 7);
  EXPECT_EQ(tape.adjoints()[y], 3);
}

TEST(Tape, PullsBlocksBackEvenThoseWithoutOutputs) {
  struct Payload {
    std::int32_t input;
    int* calls;
  };
  Tape<double> tape;
  int calls = 0;
  const std::int32_t x = tape.push_leaves(1);
  for (const std::size_t outputs : {0u, 3u}) {
    auto* payload = tape.allocate<Payload>();
    *payload = {x, &calls};
    const std::int32_t first = tape.push_block(
        outputs,
        [](double* adjoints, void* data, std::int32_t block) {
          const Payload& to = *static_cast<const Payload*>(data);
          adjoints[to.input] += 10 * adjoints[block];
          ++*to.calls;
        },
        payload);
    if (outputs > 0) tape.adjoints()[first] = 2;
  }
  tape.sweep();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(tape.adjoints()[x], 20);
}

// regression: adjoints of nodes that were rewound and recorded again were not zero
TEST(Tape, ZeroesTheAdjointsOfNodesThatAreRecordedAgain) {
  Tape<double> tape;
  const std::int32_t x = tape.push_leaves(1);
  const auto start = tape.marker();
  for (int turn = 0; turn < 3; ++turn) {
    tape.rewind(start);
    tape.forget_adjoints(start.nodes);
    const std::int32_t middle = tape.push(2.0, x, 0.0, -1), y = tape.push(3.0, middle, 0.0, -1);
    tape.adjoints()[y] += 1;
    tape.sweep(start.nodes);
  }
  EXPECT_EQ(tape.adjoints()[x], 18) << "leaves below the marker add up, nothing else does";
}

TEST(Tape, SecondGradientEqualsTheFirstToTheBit) {
  const auto first = gradient(solve_loss, p);
  gradient([](const auto& x) { return x[0] * x[1] * x[2]; }, Vector{3.0, 4.0, 5.0});
  const auto second = gradient(solve_loss, p);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(first[i], second[i]);
}

TEST(Tape, DoesNotGrowOverManyGradients) {
  const auto bytes_after = [](int count) {
    std::size_t bytes = 0;
    for (int i = 0; i < count; ++i) {
      gradient(
          [&](const auto& q) {
            const auto total = solve_loss(q) + solve_loss(q);
            bytes = Tape<double>::current()->bytes();
            return total;
          },
          p);
    }
    return bytes;
  };
  const std::size_t early = bytes_after(3);
  EXPECT_GT(early, 0u);
  EXPECT_EQ(bytes_after(1000), early);
}

TEST(Tape, RefusesAVarThatOutlivedItsGradient) {
  Var<double> escaped;
  gradient([&](const auto& x) { return escaped = x[0] * 2; }, Vector{1.0});
  EXPECT_TRUE(contains(refusal_of([&] { escaped + escaped; }), "outlived its gradient"));
  EXPECT_TRUE(
      contains(refusal_of([&] { gradient([&](const auto& x) { return x[0] * escaped; }, Vector{1.0}); }),
               "outlived its gradient"));
  EXPECT_TRUE(contains(refusal_of([&] { gradient([&](const auto&) { return escaped; }, Vector{1.0}); }),
                       "outlived its gradient"));
}

// without the check the two tapes' places would be mixed up and the number wrong
TEST(Tape, RefusesAnInnerGradientThatClosesOverAVariableOfTheOuterOne) {
  const auto outer = [](const auto& x) {
    const auto inner = [&](const auto& y) { return x[0] * y[0] * y[0]; };
    return x[0] *
           gradient(inner,
                    Vector{2.0})[0];  // a plain point: the inner gradient is on another tape of doubles
  };
  EXPECT_TRUE(contains(refusal_of([&] { gradient(outer, Vector{3.0}); }),
                       "an inner gradient closes over a variable of an outer one"));
}

TEST(Tape, AllowsTheSameInnerGradientAtALiftedPoint) {
  const auto outer = [](const auto& x) {
    using S = scalar_of<decltype(x)>;
    const auto inner = [&](const auto& y) { return x[0] * y[0] * y[0]; };
    return x[0] * gradient(inner, Vector{S(2.0)})[0];  // 4 x²
  };
  EXPECT_EQ(gradient(outer, Vector{3.0})[0], 24);
}

TEST(Tape, SurvivesAnExceptionInTheLoss) {
  const auto before = gradient(solve_loss, p);
  const auto throws = [&](const auto& x) {
    const auto total =
        solve_loss(x) * gradient([](const auto& y) { return y[0] * y[1]; }, Vector{2.0, 3.0})[0];
    if (plain(total) != 0) throw std::domain_error("from the loss");
    return total;
  };
  const auto throws_inside_f = [](const auto& x) {
    const auto f = [](auto& du, const auto& u, const auto& q, const auto& t) {
      DrivenPredatorPrey{}(du, u, q, t);
      if (t > 0.5) throw std::domain_error("from the right-hand side");
    };
    return solve(ODEProblem(f, std::vector{0.9, 1.2}, {0.0, 2.0}, x), Tsit5{}).back()[0];
  };
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_THROW(gradient(throws, p), std::domain_error);
    EXPECT_THROW(gradient(throws_inside_f, p), std::domain_error);
    EXPECT_EQ(Tape<double>::current(), nullptr);
  }
  const auto after = gradient(solve_loss, p);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(after[i], before[i]);
}

// f(u) throws only while it is being differentiated: the tape of the right-hand side is then in use
TEST(Tape, SurvivesAnExceptionInThePullback) {
  const auto before = gradient(solve_loss, p);
  const auto f = [](auto& du, const auto& u, const auto& q, const auto& t) {
    DrivenPredatorPrey{}(du, u, q, t);
    if constexpr (!PlainScalar<scalar_of<decltype(u)>>) {
      if (t < 1.0) throw std::domain_error("from the pullback");
    }
  };
  const auto loss = [&](const auto& x) {
    return solve(ODEProblem(f, std::vector{0.9, 1.2}, {0.0, 2.0}, x), Tsit5{}).back()[0];
  };
  EXPECT_THROW(gradient(loss, p), std::domain_error);
  EXPECT_EQ(Tape<double>::current(), nullptr);
  const auto after = gradient(solve_loss, p);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(after[i], before[i]);
}

TEST(Tape, IsOnePerThread) {
  const auto points = [](int i) { return Vector{1.1 + 0.01 * i, 0.8, 1.7}; };
  constexpr int count = 200;
  std::vector<Vector<double, 3>> alone, together[2];
  for (int i = 0; i < count; ++i) alone.push_back(gradient(solve_loss, points(i)));
  const auto work = [&](std::vector<Vector<double, 3>>& results) {
    for (int i = 0; i < count; ++i) results.push_back(gradient(solve_loss, points(i)));
  };
  std::thread other([&] { work(together[1]); });
  work(together[0]);
  other.join();
  for (const auto& results : together)
    for (int i = 0; i < count; ++i)
      for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(results[i][k], alone[i][k]) << "point " << i;
}

TEST(Tape, IsNotPoisonedByWhatTheLossDoesNotUse) {
  const auto loss = [](const auto& x) {
    const auto unused = costate::sqrt(x[0]);  // infinite slope at 0
    return plain(unused) > 1 ? unused : x[0] * 3;
  };
  EXPECT_EQ(gradient(loss, Vector{0.0})[0], 3);
}

}  // namespace costate
