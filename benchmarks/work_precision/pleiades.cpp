// Seven stars: error against time, solve and gradient.
#include <model_problems/pleiades.hpp>

#include "saved_points.hpp"

int main(int argc, char** argv) {
  using namespace work_precision;
  const std::string folder = start(argc, argv);
  SavedPoints<costate::model_problems::Pleiades>("Pleiades").run(folder);
}
