// The first solve, the first gradient and the first training: the program of docs/getting_started.md.
//
//     getting_started [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::strcmp(argv[1], "--short") == 0;

  // [problem]
  using namespace costate;

  // Newton cooling: a cup of u[0] degrees in a room of p[1] degrees loses heat at the rate p[0].
  const auto cooling = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    du[0] = -p[0] * (u[0] - p[1]);
  };
  const ODEProblem problem(cooling, {90.0}, {0.0, 60.0}, {0.05, 20.0});  // f, u0, span in minutes, p
  // [/problem]

  // [solve]
  const auto solution = solve(problem, Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = 15.0});
  for (std::size_t i = 0; i < solution.size(); ++i)
    std::printf("%4.0f min  %8.4f degrees\n", solution.t()[i], solution[i][0]);
  std::printf("after 7 min: %.4f\n", solution(7.0)[0]);  // between saved points
  // [/solve]

  // [gradient]
  const auto temperature_at_the_end = [&](const auto& p) {
    return solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8}).back()[0];
  };
  const auto [degrees, slope] = value_and_gradient(temperature_at_the_end, problem.p());
  std::printf("end %.4f, by rate %.3f, by room %.6f\n", degrees, slope[0], slope[1]);
  // [/gradient]

  // [training]
  const std::vector<double> minutes{0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0};
  const std::vector<double> measured{90.0, 66.3, 50.2, 39.9, 33.4, 29.0, 26.4};
  const auto misfit = [&](const auto& p) {
    return squared_error(
        solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8, .saveat = minutes}), measured);
  };
  const auto result = train(misfit, Vector{0.02, 10.0}, BFGS{.initial_step_norm = 0.01});
  std::printf("%s\n", report(result).c_str());
  std::printf("rate %.4f per minute, room %.2f degrees\n", result.minimizer[0], result.minimizer[1]);
  // [/training]

  // The equation has a formula: u = room + (u0 - room) exp(-rate t).
  const double decay = std::exp(-3.0);
  const bool right = solution.size() == 5 && std::abs(solution.back()[0] - (20 + 70 * decay)) < 1e-6 &&
                     std::abs(solution(7.0)[0] - (20 + 70 * std::exp(-0.35))) < 1e-5 &&
                     std::abs(slope[0] + 60 * 70 * decay) < 1e-4 && std::abs(slope[1] - (1 - decay)) < 1e-6 &&
                     result.minimum < 0.2 && std::abs(result.minimizer[0] - 0.0428) < 1e-4;
  (void)is_short;  // it takes milliseconds as it is
  if (!right) std::puts("WRONG: not what the formula says");
  return right ? 0 : 1;
}
