// Kepler's orbit of eccentricity 0.5: error against time, solve and gradient.
#include <model_problems/kepler.hpp>

#include "saved_points.hpp"

int main(int argc, char** argv) {
  using namespace work_precision;
  const std::string folder = start(argc, argv);
  SavedPoints<costate::model_problems::KeplerHalf>("Kepler, e = 0.5").run(folder);
}
