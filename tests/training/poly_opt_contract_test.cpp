#include <costate/training/poly_opt.hpp>

#include <contracts/optimizer_contract.hpp>
#include <contracts/optimizer_settings.hpp>
#include <gtest/gtest.h>

namespace costate {

// A few iterations of the rule, so that the contract's limits are asked of both.
template <>
struct ContractSettings<PolyOpt<Adam, BFGS>> {
  static constexpr bool scales_components = true, has_memory = true;
  static constexpr std::size_t patience = 1, rule_iterations = 5;
  static PolyOpt<Adam, BFGS> with(double rate) {
    return {Adam{.learning_rate = rate}, BFGS{}, {.first_iterations = rule_iterations}};
  }
};

namespace {
using FiveThenBFGS = PolyOpt<Adam, BFGS>;
INSTANTIATE_TYPED_TEST_SUITE_P(PolyOpt, OptimizerContract, FloatAndDouble<FiveThenBFGS>);
}  // namespace

}  // namespace costate
