#include <costate/optimizers/adabelief.hpp>
#include <costate/optimizers/adamw.hpp>
#include <costate/optimizers/amsgrad.hpp>
#include <costate/optimizers/nadam.hpp>
#include <costate/optimizers/radam.hpp>

#include <contracts/optimizer_contract.hpp>

namespace costate {

// decay moves the minimum by design
template <>
struct ContractSettings<AdamW> : ContractSettings<Adam> {
  static AdamW with(double rate) { return {.learning_rate = rate, .weight_decay = 0}; }
};

// at the rate for the wall it would turn round before
template <>
struct ContractSettings<NAdam> : ContractSettings<Adam> {
  static NAdam with(double rate) { return {.learning_rate = rate < 0.3 ? rate : 0.6}; }
};

namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(AdamW, OptimizerContract, FloatAndDouble<AdamW>);
INSTANTIATE_TYPED_TEST_SUITE_P(AMSGrad, OptimizerContract, FloatAndDouble<AMSGrad>);
INSTANTIATE_TYPED_TEST_SUITE_P(NAdam, OptimizerContract, FloatAndDouble<NAdam>);

}  // namespace
}  // namespace costate
