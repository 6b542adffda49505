// A program of two files, one built with this machine's instruction set and one without: both must be right.
#include <cmath>
#include <cstdio>

double decayed_plain();
double decayed_native();

int main() {
  const double plain = decayed_plain(), native = decayed_native(), exact = std::exp(-2.0);
  std::printf("exp(-2) = %.12f, plain %.12f, native %.12f\n", exact, plain, native);
  return !(std::abs(plain - exact) < 1e-9 && std::abs(native - exact) < 1e-9);
}
