#include <costate/methods/vern9.hpp>
#include <costate/solve/solve.hpp>

#include <contracts/any_model.hpp>
#include <contracts/erased_problem.hpp>
#include <gtest/gtest.h>
#include <type_traits>

namespace costate {
namespace {

using namespace model_problems;

// A reference that is mistyped in any but its last digits, or an equation that is not the one of its
// reference, does not get past this.
TEST(ModelProblems, EndWhereTheirReferencesSay) {
  const auto check = []<class M>(const M&) {
    static_assert(ModelProblem<M> && M::u0.size() <= 100 && M::end.size() == M::u0.size());
    const auto solution =
        solve(erased<M>(), Vern9{}, {.abstol = 1e-14, .reltol = 1e-14, .save_everystep = false});
    ASSERT_TRUE(solution.successful());
    // the rounding of u0 alone grows to that by the end
    const double allowed = std::is_same_v<M, Arenstorf> ? 1e-8 : std::is_same_v<M, Pleiades> ? 2e-11 : 2e-12;
    EXPECT_LT(distance(solution.back(), M::end), allowed)
        << M::u0.size() << " states from " << M::u0[0] << " to " << M::end[0];
  };
  std::apply([&](const auto&... model) { (check(model), ...); }, AllModelProblems{});
}

TEST(ModelProblems, AreTheSameChosenAtRunTime) {
  const auto models = all_models();
  ASSERT_EQ(models.size(), std::tuple_size_v<AllModelProblems>);
  for (const ModelData& model : models) {
    const auto solution = solve(ODEProblem(model.f, model.u0, model.tspan, model.p), Vern9{},
                                {.abstol = 1e-12, .reltol = 1e-12, .save_everystep = false});
    EXPECT_LT(distance(solution.back(), model.end), 1e-6) << model.f.index;
  }
}

TEST(Kepler, KeepsItsInvariantsAndItsClosedForm) {
  EXPECT_NEAR(Kepler::energy(Kepler::u0), -0.5, 1e-15);
  EXPECT_NEAR(Kepler::angular_momentum(Kepler::u0), 0.8, 1e-15);
  EXPECT_LT(distance(Kepler::exact(20.0), Kepler::at_20), 1e-14);
  EXPECT_LT(distance(Kepler::exact(Kepler::tspan.end), Kepler::end), 1e-14);
  const ErasedProblem problem(erased<Kepler>().with_tspan(TimeSpan{0.0, 20.0}));
  const auto solution = solve(problem, Vern9{}, {.abstol = 1e-13, .reltol = 1e-13});
  for (std::size_t i = 0; i < solution.size(); ++i) {
    EXPECT_NEAR(Kepler::energy(solution[i]), -0.5, 1e-11);
    EXPECT_NEAR(Kepler::angular_momentum(solution[i]), 0.8, 1e-12);
    EXPECT_LT(distance(solution[i], Kepler::exact(solution.t()[i])), 1e-9);
  }
}

}  // namespace
}  // namespace costate
