#include <costate/optimizers/adabelief.hpp>
#include <costate/optimizers/lion.hpp>
#include <costate/optimizers/radam.hpp>

#include <contracts/optimizer_contract.hpp>

namespace costate {

// the first five updates are as long as the gradient
template <>
struct ContractSettings<RAdam> : ContractSettings<Adam> {
  static constexpr std::size_t patience = 4;

  static RAdam with(double rate) {
    return {.learning_rate = rate < 0.3 ? constant_schedule(1e-6 * rate, 5).then(rate) : rate};
  }
};

// it never makes a step shorter than its rate
template <>
struct ContractSettings<Lion> : ContractSettings<Adam> {
  static Lion with(double rate) { return {.learning_rate = cosine_schedule(rate, 1000)}; }
};

namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(AdaBelief, OptimizerContract, FloatAndDouble<AdaBelief>);
INSTANTIATE_TYPED_TEST_SUITE_P(Lion, OptimizerContract, FloatAndDouble<Lion>);
INSTANTIATE_TYPED_TEST_SUITE_P(RAdam, OptimizerContract, FloatAndDouble<RAdam>);

}  // namespace
}  // namespace costate
