// How the error of a gradient falls with the tolerance, for each way to differentiate a solve.
//
//     gradient_ladder [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace costate;

const auto lotka_volterra = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
  du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
  du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
};

/// The largest error of d Σ (u − 1)² / dp over the largest entry. The reference was computed in 80-bit
/// arithmetic with dual numbers at two fixed step sizes, which agree to 12 digits.
template <class Method, class Sensitivity>
double error_of(double tolerance, const Method& method, const Sensitivity& sensitivity) {
  const ODEProblem problem(lotka_volterra, {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
  const SolveOptions options{.abstol = tolerance, .reltol = tolerance, .saveat = 0.1, .dense = false};
  const auto g = gradient(
      [&](const auto& p) {
        return squared_error(solve(problem.with_p(p), method, options, sensitivity), 1.0);
      },
      problem.p());
  const double reference[] = {52.942988973347, -786.153671436633, 880.251883387149, -2948.62767698707};
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i) largest = std::fmax(largest, std::abs(g[i] - reference[i]));
  return largest / 2948.62767698707;
}

struct Ladder {
  std::string name;
  std::vector<double> error;
};

template <class Method, class Sensitivity>
Ladder ladder(const char* name, const std::vector<double>& tolerances, const Method& method,
              const Sensitivity& sensitivity) {
  Ladder result{name, {}};
  std::printf("%-24s", name);
  for (const double tolerance : tolerances) {
    result.error.push_back(error_of(tolerance, method, sensitivity));
    std::printf(" %8.1e", result.error.back());
  }
  std::printf("\n");
  return result;
}

template <class Method>
std::vector<Ladder> ladders(const std::vector<double>& tolerances, const Method& method) {
  std::printf("%-24s", std::string(Method::name).c_str());
  for (const double tolerance : tolerances) std::printf(" %8.0e", tolerance);
  std::printf("\n");
  return {ladder("DiscreteAdjoint", tolerances, method, DiscreteAdjoint{}),
          ladder("ForwardSensitivity", tolerances, method, ForwardSensitivity{}),
          ladder("FiniteDifference", tolerances, method, FiniteDifference{}),
          ladder("InterpolatingAdjoint", tolerances, method, InterpolatingAdjoint{}),
          ladder("QuadratureAdjoint", tolerances, method, QuadratureAdjoint{}),
          ladder("GaussAdjoint", tolerances, method, GaussAdjoint{}),
          ladder("GaussKronrodAdjoint", tolerances, method, GaussKronrodAdjoint{}),
          ladder("BacksolveAdjoint", tolerances, method, BacksolveAdjoint{})};
}

}  // namespace

int main(int argc, char** argv) {
  const bool brief = argc > 1 && std::string(argv[1]) == "--short";
  std::vector<double> tolerances;
  for (int k = 3; k <= 12; k += brief ? 3 : 1) tolerances.push_back(std::pow(10.0, -k));

  const auto by_tsit5 = ladders(tolerances, Tsit5{});
  const auto by_vern7 = ladders(tolerances, Vern7{});

  bool right = true;
  for (const auto* method : {&by_tsit5, &by_vern7})
    for (const Ladder& one : *method)
      for (std::size_t i = 0; i < tolerances.size(); ++i)
        // differences cannot do better than the cube root of rounding, squared
        right = right && one.error[i] < 100 * tolerances[i] + (one.name == "FiniteDifference" ? 1e-8 : 1e-13);
  if (!right) std::puts("WRONG: a gradient does not follow the tolerance");

  try {
    plot::Figure figure{
        .title = "Largest error of dL/dp over its largest entry, against the tolerance of the solve",
        .width = 1200,
        .height = 600,
        .columns = 4};
    for (std::size_t k = 0; k < by_tsit5.size(); ++k) {
      auto& panel = figure.panel({.title = by_tsit5[k].name,
                                  .log_x = true,
                                  .log_y = true,
                                  .x_range = {1e-13, 1e-2},
                                  .y_range = {1e-14, 1e-1},
                                  .legend = k == 0 ? plot::Legend::above : plot::Legend::none});
      panel.line(tolerances, tolerances,
                 {.label = "equal", .color = plot::gray, .width = 1.5, .dashed = true});
      panel.line(tolerances, by_tsit5[k].error, {.label = "Tsit5", .color = plot::blue});
      panel.line(tolerances, by_vern7[k].error, {.label = "Vern7", .color = plot::vermillion});
    }
    std::filesystem::create_directories("pictures");
    figure.save("pictures/gradient_ladder.svg");
    std::puts("Picture: pictures/gradient_ladder.svg");
  } catch (const std::runtime_error& error) {
    std::printf("No picture: %s\n", error.what());
  }
  return right ? 0 : 1;
}
