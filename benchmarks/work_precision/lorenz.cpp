// Lorenz' equations while double precision can follow them: error against time, solve and gradient.
#include <model_problems/lorenz.hpp>

#include "saved_points.hpp"

int main(int argc, char** argv) {
  using namespace work_precision;
  const std::string folder = start(argc, argv);
  SavedPoints<costate::model_problems::Lorenz>("Lorenz").run(folder);
}
