#include "decay.hpp"

double decayed_native() {
  return decayed();
}
