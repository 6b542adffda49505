#include <costate/sensitivity/discrete_adjoint.hpp>

#include <contracts/sensitivity_contract.hpp>

namespace costate {

INSTANTIATE_TYPED_TEST_SUITE_P(Discrete, SensitivityContract, DiscreteAdjoint);

TEST(DiscreteAdjoint, RejectsNoCheckpoints) {
  const auto loss = [](const auto& p) {
    const ODEProblem problem(DrivenPredatorPrey{}, {0.9, 1.2}, {0.0, 1.0}, p);
    return solve(problem, Tsit5{}, {}, DiscreteAdjoint{.checkpoints = 0}).back()[0];
  };
  try {
    gradient(loss, Vector{1.1, 0.8, 1.7});
    FAIL() << "nothing was thrown";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("DiscreteAdjoint.checkpoints: want at least 1"), std::string::npos)
        << e.what();
  }
}

}  // namespace costate
