#include <costate/optimizers/adadelta.hpp>
#include <costate/optimizers/adagrad.hpp>
#include <costate/optimizers/rmsprop.hpp>

#include <contracts/optimizer_contract.hpp>

namespace costate {

template <>
struct ContractSettings<RMSProp> : ContractSettings<Adam> {
  static constexpr std::size_t patience = 4;

  static RMSProp with(double rate) { return {.learning_rate = rate < 0.03 ? rate / 4 : rate}; }
};

// its steps shrink by themselves
template <>
struct ContractSettings<AdaGrad> : ContractSettings<Adam> {
  static constexpr std::size_t patience = 10;

  static AdaGrad with(double rate) { return {.learning_rate = 20 * rate}; }
};

// it finds the size of its steps, and never makes them shorter
template <>
struct ContractSettings<AdaDelta> : ContractSettings<Adam> {
  static constexpr std::size_t patience = 10;

  static AdaDelta with(double rate) {
    const bool long_steps = rate >= 0.3;  // to reach the wall
    const double first = long_steps ? 30 : 1;
    return {.learning_rate = exponential_schedule({.from = first, .to = first / 100, .steps = 10000}),
            .epsilon = long_steps ? 1e-2 : 1e-6};
  }
};

namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(RMSProp, OptimizerContract, FloatAndDouble<RMSProp>);
INSTANTIATE_TYPED_TEST_SUITE_P(AdaGrad, OptimizerContract, FloatAndDouble<AdaGrad>);
INSTANTIATE_TYPED_TEST_SUITE_P(AdaDelta, OptimizerContract, FloatAndDouble<AdaDelta>);

}  // namespace
}  // namespace costate
