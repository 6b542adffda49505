// wanted: -ffast-math and -Ofast take out the tests for NaN by which a failed solve is known
#undef __FINITE_MATH_ONLY__
#define __FINITE_MATH_ONLY__ 1  // what -ffast-math does
#include <costate/core/math.hpp>

int main() {}
