// Arenstorf's orbit, its end after one period: error against time.
#include <costate/methods/dp5.hpp>
#include <costate/methods/dp8.hpp>
#include <costate/methods/taylor.hpp>
#include <costate/methods/tsit5.hpp>
#include <costate/methods/tsit_pap8.hpp>
#include <costate/methods/vern7.hpp>
#include <costate/methods/vern9.hpp>

#include <model_problems/arenstorf.hpp>

#include "costate_entries.hpp"
#include "peer_entries.hpp"
#include "reference.hpp"

int main(int argc, char** argv) {
  using namespace costate;
  using namespace work_precision;
  using Model = model_problems::Arenstorf;
  const std::string folder = start(argc, argv);
  const std::vector<double> times{Model::tspan.start, Model::tspan.end};
  Study study{"Arenstorf", Quantity::solve, reference_of<Model, false>(times).saved};
  add_solves(study, model_problems::problem<Model>(), times, Tsit5{}, DP5{}, Vern7{}, DP8{}, TsitPap8{},
             Vern9{}, Taylor{});
  add_peers<Model>(study, times);
  run(study, folder);
}
