#pragma once

#include <costate/core/linspace.hpp>
#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern9.hpp>

#include <cstddef>
#include <model_problems/model_problem.hpp>
#include <string>

#include "costate_entries.hpp"
#include "peer_entries.hpp"
#include "reference.hpp"

namespace work_precision {

/// A model problem with 101 saved points: its solve, and the gradient of the sum of what was saved.
template <class M>
class SavedPoints {
 public:
  explicit SavedPoints(std::string name)
      : times_(costate::linspace(M::tspan.start, M::tspan.end, 101)),
        reference_(reference_of<M, true>(times_)),
        solve_{name, Quantity::solve, reference_.saved},
        gradient_{name, Quantity::gradient, reference_.gradient} {
    using namespace costate;
    const auto problem = model_problems::problem<M>();
    add_solves(solve_, problem, times_, Tsit5{}, DP5{}, Vern7{}, DP8{}, Vern9{}, Taylor{});
    add_peers<M>(solve_, times_);
    add_gradients(gradient_, problem, times_, Tsit5{}, Vern7{}, Vern9{}, Taylor{});
  }

  Study& solve() { return solve_; }
  Study& gradient() { return gradient_; }
  const std::vector<double>& times() const { return times_; }

  void run(const std::string& folder) const {
    write_reference(solve_, times_, reference_.saved, reference_.gradient, folder);
    work_precision::run(solve_, folder);
    work_precision::run(gradient_, folder);
  }

 private:
  std::vector<double> times_;
  Reference reference_;
  Study solve_, gradient_;
};

}  // namespace work_precision
