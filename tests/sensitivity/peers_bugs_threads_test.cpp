#include <contracts/wrong_gradients.hpp>
#include <thread>

namespace costate {
namespace {

template <class Sensitivity>
std::vector<double> gradient_at(double rate) {
  const auto by_p = gradient(
      [](const auto& p) {
        const auto s = solve(ODEProblem(Equation{}, std::vector{0.2, 0.7}, {0.0, 2.0}, p), Tsit5{},
                             {.abstol = 1e-8, .reltol = 1e-8, .saveat = 0.1}, Sensitivity{});
        auto total = 0.0 * s[0][0];
        for (std::size_t i = 0; i < s.size(); ++i) total += s[i][0] * s[i][1];
        return total;
      },
      std::vector{rate, 1.3});
  return {by_p.begin(), by_p.end()};
}

/// Many gradients at once, in more threads than there are cores, against the same ones in a row.
template <class Sensitivity>
void every_thread_has_its_gradient() {
  constexpr std::size_t threads = 8, each = 20;
  std::vector<std::vector<double>> together(threads * each);
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      for (std::size_t k = 0; k < each; ++k)
        together[i * each + k] = gradient_at<Sensitivity>(0.5 + 0.01 * static_cast<double>(i * each + k));
    });
  }
  for (std::thread& thread : running) thread.join();
  for (std::size_t i = 0; i < together.size(); ++i) {
    ASSERT_EQ(together[i].size(), 2u);
    EXPECT_NE(together[i][0], 0.0);
    EXPECT_EQ(together[i], gradient_at<Sensitivity>(0.5 + 0.01 * static_cast<double>(i))) << "bit for bit";
  }
}

}  // namespace

// torchdiffeq #119: the adjoint's gradient was zero on all devices but the first
TEST(WrongGradients, TorchdiffeqZeroGradientOnOtherDevices) {
  every_thread_has_its_gradient<DiscreteAdjoint>();
  every_thread_has_its_gradient<ForwardSensitivity>();
  every_thread_has_its_gradient<InterpolatingAdjoint>();
}

}  // namespace costate
