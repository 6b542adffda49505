// wanted: costate::chain: every part before the last must be a transformation
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/chain.hpp>

int main() {
  (void)costate::chain(costate::Adam{}, costate::Adam{});
}
