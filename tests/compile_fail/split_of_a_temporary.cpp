// wanted: use of deleted function|attempt to use a deleted function|call to deleted function
#include <costate/nn/split.hpp>

#include <vector>

int main() {
  auto parts = costate::split(std::vector<double>{1.0, 2.0, 3.0}, 1, 2);
  (void)parts;
}
