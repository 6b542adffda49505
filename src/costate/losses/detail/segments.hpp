#pragma once

#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>
#include <costate/data/detail/observations.hpp>
#include <costate/data/missing.hpp>
#include <costate/losses/loss_options.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace costate::detail {

/// First and last of the pieces that `count` points are cut into: pieces of `size` points that share their
/// ends, the last one as long as it comes out. Throws std::invalid_argument for a size that is not 2 to
/// `count`.
std::vector<std::pair<std::size_t, std::size_t>> group_ranges(std::size_t count, std::size_t size);

/// A piece of a record that is solved by itself.
struct Segment {
  std::vector<double> t;
  std::vector<double> start;  ///< the state observed at its beginning
  Vector<double> target;      ///< states observed at t, one after the other
  Weights weights;            ///< of target; empty: all 1
};

/// What the pieces are cut by.
struct Cut {
  std::size_t group_size;
  const Weights& weights;
  Missing missing;
};

/// The pieces of a record of states of `components` numbers. Where `once`, an observation that two pieces
/// share counts in the later one only, and a start that was not observed is the nearest one that was; else a
/// start that is missing is refused.
std::vector<Segment> segments_of(const Observations& seen, std::size_t components, const Cut& cut, bool once);

}  // namespace costate::detail
