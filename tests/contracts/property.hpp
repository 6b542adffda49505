#pragma once

#include <costate/core/vector.hpp>

#include <cstddef>
#include <cstdlib>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace costate {

/// The same hundred examples in every run. RC_PARAMS from outside, as "seed=7 max_success=10000", goes
/// before.
inline const int fixed_examples = setenv("RC_PARAMS", "seed=19720401 max_success=100", 0);

/// A number of [low, high) on a grid of a thousand, so that a failing example shrinks to round ones.
inline rc::Gen<double> number(double low, double high) {
  return rc::gen::map(rc::gen::inRange(0, 1000), [=](int i) { return low + (high - low) * i / 1000; });
}
inline rc::Gen<std::vector<double>> numbers(std::size_t count, double low, double high) {
  return rc::gen::container<std::vector<double>>(count, number(low, high));
}

}  // namespace costate
