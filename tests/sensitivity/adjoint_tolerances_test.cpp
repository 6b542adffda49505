#include <costate/sensitivity/adjoint_tolerances.hpp>

#include <gtest/gtest.h>

namespace costate::detail {

TEST(AdjointTolerances, AreThoseOfTheSolveInTheUnitsOfLambda) {
  // abstol of the solve is in units of u, and λ is of size 1
  const AdjointTolerances loose = resolve_tolerances({.name = "A"}, {.abstol = 1e-2, .reltol = 1e-9});
  EXPECT_EQ(loose.abstol, 1e-9);
  EXPECT_EQ(loose.reltol, 1e-9);
  EXPECT_EQ(loose.quadrature_abstol, 1e-9);
  EXPECT_EQ(loose.quadrature_reltol, 1e-9);
  EXPECT_EQ(resolve_tolerances({.name = "A"}, {.abstol = 1e-12, .reltol = 1e-9}).abstol, 1e-12);
  EXPECT_EQ(resolve_tolerances({.name = "A"}, {.abstol = 1e-5, .reltol = 0.0}).abstol, 1e-5);
  const AdjointTolerances of_lists =
      resolve_tolerances({.name = "A"}, {.abstol = {1e-3, 1e-7}, .reltol = {1e-5, 1e-6}});
  EXPECT_EQ(of_lists.abstol, 1e-7);
  EXPECT_EQ(of_lists.reltol, 1e-6);
}

TEST(AdjointTolerances, AreThoseOfTheAdjointWhereItHasItsOwn) {
  const AdjointTolerances own = resolve_tolerances({.name = "A", .abstol = 1e-4, .quadrature_reltol = 1e-5},
                                                   {.abstol = 1e-9, .reltol = 1e-8});
  EXPECT_EQ(own.abstol, 1e-4);
  EXPECT_EQ(own.reltol, 1e-8);
  EXPECT_EQ(own.quadrature_abstol, 1e-4);
  EXPECT_EQ(own.quadrature_reltol, 1e-5);
}

}  // namespace costate::detail
