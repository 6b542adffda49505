#pragma once

#include <costate/core/memory_pool.hpp>
#include <costate/core/status.hpp>

namespace costate::detail {

/// The accepted steps of a solve: where each ended and its size. A solve can be replayed along them.
struct Mesh {
  struct Step {
    double t_end, h;
  };
  Buffer<Step> steps;
  double t0 = 0, t1 = 0;            // the span of the solve
  Status status = Status::success;  // how it ended

  void assign(const Mesh& other) {
    steps.assign(other.steps.data(), other.steps.size());
    t0 = other.t0, t1 = other.t1, status = other.status;
  }
};

}  // namespace costate::detail
