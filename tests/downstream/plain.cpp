#include "decay.hpp"

double decayed_plain() {
  return decayed();
}
