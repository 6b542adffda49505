#include <costate/optimizers/momentum.hpp>
#include <costate/optimizers/nesterov.hpp>
#include <costate/optimizers/sgd.hpp>

#include <contracts/optimizer_contract.hpp>

namespace costate {

/// Steps as long as the gradient: the rate is bounded by the curvature, 1e3 where Adam wants less than 0.03.
template <class Rule>
struct DescentSettings {
  static constexpr bool scales_components = false;
  static constexpr bool has_memory = true;
  static constexpr std::size_t patience = 10;

  static Rule with(double rate) { return {.learning_rate = rate < 0.03 ? 5e-4 : rate}; }
};
template <>
struct ContractSettings<SGD> : DescentSettings<SGD> {
  static constexpr bool has_memory = false;
};
template <>
struct ContractSettings<Momentum> : DescentSettings<Momentum> {};
template <>
struct ContractSettings<Nesterov> : DescentSettings<Nesterov> {};

namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(SGD, OptimizerContract, FloatAndDouble<SGD>);
INSTANTIATE_TYPED_TEST_SUITE_P(Momentum, OptimizerContract, FloatAndDouble<Momentum>);
INSTANTIATE_TYPED_TEST_SUITE_P(Nesterov, OptimizerContract, FloatAndDouble<Nesterov>);

}  // namespace
}  // namespace costate
