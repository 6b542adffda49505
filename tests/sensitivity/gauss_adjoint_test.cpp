#include <costate/losses/reductions.hpp>
#include <costate/sensitivity/gauss_adjoint.hpp>

#include <contracts/continuous_adjoint_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Gauss, ContinuousAdjointContract, GaussAdjoint);

}  // namespace costate
