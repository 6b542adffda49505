// wanted: costate::chain: the last part must be an update rule
#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/chain.hpp>
#include <costate/optimizers/gradient_transformations.hpp>

int main() {
  (void)costate::chain(costate::Adam{}, costate::clip_by_norm(1.0));
}
