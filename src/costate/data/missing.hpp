#pragma once

namespace costate {

/// What a NaN among data means.
enum class Missing {
  propagate,  ///< nothing special: what is computed of it becomes NaN (or is refused)
  skip,       ///< nobody looked there: the number is left out, and a mean is over the others
};

}  // namespace costate
