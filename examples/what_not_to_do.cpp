// What goes wrong without being a compile error, each beside what to write instead: the program of
// docs/guide/what_not_to_do.md. It exits with 1 where one of them no longer does what that page says.
//
//     what_not_to_do [--short]
#include <costate/costate.hpp>

#include <cmath>
#include <cstdio>
#include <stdexcept>

using namespace costate;

namespace {

int wrong = 0;

void expect(const char* what, bool holds) {
  std::printf("  %-64s %s\n", what, holds ? "yes" : "NO");
  wrong += !holds;
}

void a_gradient_that_is_cut() {
  std::puts("plain() inside f");
  const auto loss_of = [](const auto& f) {
    return [f](const auto& p) {
      return solve(ODEProblem(f, {1.0}, {0.0, 1.0}, p), Tsit5{}, {.abstol = 1e-8, .reltol = 1e-8}).back()[0];
    };
  };
  // [plain]
  const auto cut = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const double rate = plain(p[0]);  // the number without its derivative
    du[0] = -rate * u[0];
  };
  const auto loss = loss_of(cut);
  const auto comparison = check_gradient(loss, Vector{0.5});
  // [/plain]
  expect("the gradient is 0", comparison.reverse[0] == 0);
  expect("check_gradient tells: the routes differ by more than half",
         comparison.max_relative_difference > 0.5);
}

void a_solve_that_failed() {
  std::puts("u' = p u^2 from 1 leaves for infinity at t = 1");
  const ODEProblem problem(
      [](auto& du, const auto& u, const auto& p, auto /*t*/) { du[0] = p[0] * u[0] * u[0]; }, {1.0},
      {0.0, 2.0}, {1.0});
  const SolveOptions options{.saveat = 0.5};
  // [failure]
  const auto solution = solve(problem, Tsit5{}, options);
  if (!solution.successful()) std::printf("  %.60s...\n", message(solution.status()).data());

  const auto loss = [&](const auto& p) {
    return squared_error(solve(problem.with_p(p), Tsit5{}, options), 1.0);
  };
  const auto result = value_and_gradient(loss, problem.p());
  // [/failure]
  const auto& [value, dp] = result;
  double largest = 0;
  for (std::size_t i = 0; i < solution.size(); ++i) largest = std::fmax(largest, solution[i][0]);
  expect("the solution has all 5 points, and NaN from t = 1 on",
         solution.size() == 5 && std::isnan(solution[2][0]));
  expect("std::fmax over it skips the NaN and looks healthy", std::isfinite(largest));
  expect("the loss is infinite, its gradient zero, the status passed on",
         std::isinf(value) && dp[0] == 0 && result.status() == solution.status());
}

void a_jump_in_time() {
  std::puts("f jumps at t = 3.3");
  // [jump]
  const auto f = [](auto& du, const auto& u, const auto& /*p*/, auto t) {
    du[0] = (t < 3.3 ? 1.0 : -5.0) - u[0];
  };
  const ODEProblem problem(f, {0.0}, {0.0, 4.0});
  const auto blind = solve(problem, RK4{}, {.dt = 0.125, .adaptive = false});
  const auto told = solve(problem, RK4{}, {.dt = 0.125, .adaptive = false, .tstops = {3.3}});
  // [/jump]
  const double exact = -5 + (6 - std::exp(-3.3)) * std::exp(-0.7);
  expect("fixed steps: 1e-2 wrong", std::abs(blind.back()[0] - exact) > 1e-2);
  expect("with the stop: 1e-5", std::abs(told.back()[0] - exact) < 1e-5);
}

void a_branch_on_the_state() {
  std::puts("f jumps where u crosses 1; exact: u(2) = 3, du(2)/dp = 2");
  const SolveOptions options{.abstol = 1e-8, .reltol = 1e-8};
  // [branch]
  const auto jumps = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    if (u[0] < 1.0)
      du[0] = p[0];
    else
      du[0] = 2.0 + 0.0 * p[0];
  };
  const auto smooth = [](auto& du, const auto& u, const auto& p, auto /*t*/) {
    const auto beyond = 1.0 / (1.0 + exp((1.0 - u[0]) / 0.01));  // 0 below, 1 above, within a few hundredths
    du[0] = p[0] * (1.0 - beyond) + 2.0 * beyond;
  };
  // [/branch]
  // [parts]
  const auto in_parts = [&](const auto& p) {
    const auto switch_time = 1.0 / p[0];  // where p t = 1
    const auto below = [](auto& du, const auto& /*u*/, const auto& q, auto /*t*/) { du[0] = q[0]; };
    const auto above = [](auto& du, const auto& /*u*/, const auto& /*q*/, auto /*t*/) { du[0] = 2.0; };
    const auto first = solve(ODEProblem(below, {0.0}, TimeSpan{0.0, switch_time}, p), Tsit5{}, options);
    return solve(ODEProblem(above, first.back(), TimeSpan{switch_time, 2.0}, p), Tsit5{}, options).back()[0];
  };
  // [/parts]
  const auto derivative = [&](const auto& f) {
    const auto end = [&](const auto& p) {
      return solve(ODEProblem(f, {0.0}, {0.0, 2.0}, p), Tsit5{}, options).back()[0];
    };
    return value_and_gradient(end, Vector{1.0});
  };
  const auto [u_jump, d_jump] = derivative(jumps);
  const auto [u_smooth, d_smooth] = derivative(smooth);
  const auto [u_parts, d_parts] = value_and_gradient(in_parts, Vector{1.0});
  expect("the value is right", std::abs(u_jump - 3) < 1e-4);
  expect("the gradient is 1, half of what it must be", std::abs(d_jump[0] - 1) < 1e-3);
  expect("smoothed, both are right to the width of the switch",
         std::abs(u_smooth - 3) < 0.02 && std::abs(d_smooth[0] - 2) < 0.04);
  expect("in two parts, both are right", std::abs(u_parts - 3) < 1e-8 && std::abs(d_parts[0] - 2) < 1e-8);
}

void a_loss_over_steps() {
  std::puts("a sum over whatever steps were taken");
  const ODEProblem problem(
      [](auto& du, const auto& u, const auto& p, auto /*t*/) {
        du[0] = p[0] * u[0] - p[1] * u[0] * u[1];
        du[1] = -p[2] * u[1] + p[3] * u[0] * u[1];
      },
      {1.0, 1.0}, {0.0, 10.0}, {1.5, 1.0, 3.0, 1.0});
  const auto total = [&](const SolveOptions& options) { return sum(solve(problem, Tsit5{}, options)); };
  // [steps]
  const double loose = total({});                                // every step is saved
  const double tight = total({.abstol = 1e-9, .reltol = 1e-9});  // more steps, another sum
  const double fixed = total({.abstol = 1e-9, .reltol = 1e-9, .saveat = 0.1});
  // [/steps]
  const double again = total({.abstol = 1e-11, .reltol = 1e-11, .saveat = 0.1});
  expect("without saveat the sum grows tenfold with the tolerance", tight > 10 * loose);
  expect("with saveat it belongs to the equation", std::abs(again / fixed - 1) < 1e-8);

  const auto slope = [&](double reltol) {
    const auto loss = [&](const auto& p) {
      return sum(
          solve(problem.with_p(p), Tsit5{}, {.abstol = 1e-3 * reltol, .reltol = reltol, .saveat = 0.1}));
    };
    return gradient(loss, problem.p())[0];
  };
  const double exact = slope(1e-11);
  expect("at the default reltol the gradient is 6 % off", std::abs(slope(1e-3) / exact - 1) > 0.05);
  expect("at reltol 1e-7 it is 2e-5 off", std::abs(slope(1e-7) / exact - 1) < 2e-5);
}

void what_is_refused() {
  std::puts("refused by std::invalid_argument");
  const ODEProblem decay([](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) { du[0] = -u[0]; }, {1.0},
                         {0.0, 1.0});
  const auto refuses = [](const auto& call) {
    try {
      call();
    } catch (const std::invalid_argument& error) {
      std::printf("    %s\n", error.what());
      return true;
    }
    return false;
  };
  expect("RK4 without dt", refuses([&] { solve(decay, RK4{}); }));
  expect("reading between saved points after .dense = false",
         refuses([&] { solve(decay, Tsit5{}, {.saveat = 0.5, .dense = false})(0.3); }));
  expect("a saved time outside the span", refuses([&] { solve(decay, Tsit5{}, {.saveat = {0.5, 1.5}}); }));
}

void tolerances_below_rounding() {
  std::puts("u' = -u in float");
  const ODEProblem decay([](auto& du, const auto& u, const auto& /*p*/, auto /*t*/) { du[0] = -u[0]; },
                         {1.0f}, {0.0, 1.0});
  const auto fine = solve(decay, Tsit5{}, {.abstol = 1e-6, .reltol = 1e-6});
  const auto below = solve(decay, Tsit5{}, {.abstol = 1e-10, .reltol = 1e-10});
  const auto error = [](const auto& solution) {
    return std::abs(double(solution.back()[0]) - std::exp(-1.0));
  };
  std::printf("    1e-6: %zu steps, error %.0e; 1e-10: %zu steps, error %.0e\n", fine.statistics().steps,
              error(fine), below.statistics().steps, error(below));
  expect("1e-10 takes over twenty times the steps of 1e-6",
         below.statistics().steps > 20 * fine.statistics().steps);
  expect("and gains no digit", error(below) > 0.5 * error(fine));
}

void a_stiff_equation() {
  std::puts("u' = -1000 p (u - cos t), whose solution is nearly cos t");
  // [stiff]
  const auto f = [](auto& du, const auto& u, const auto& p, auto t) {
    du[0] = -1000.0 * p[0] * (u[0] - cos(t));
  };
  const ODEProblem problem(f, {1.0}, {0.0, 5.0}, {1.0});
  const auto end = [&](const auto& sensitivity) {
    return [&problem, sensitivity](const auto& p) {
      const SolveOptions options{.abstol = 1e-6, .reltol = 1e-6, .saveat = 5.0};
      return solve(problem.with_p(p), Tsit5{}, options, sensitivity).back()[0];
    };
  };
  const auto by_default = value_and_gradient(end(DiscreteAdjoint{}), problem.p());
  const auto along_any_steps =
      value_and_gradient(end(DiscreteAdjoint{.control_derivative = false}), problem.p());
  const auto of_the_equation = value_and_gradient(end(GaussAdjoint{}), problem.p());
  // [/stiff]
  const double u = (1e6 * std::cos(5.0) + 1e3 * std::sin(5.0)) / (1e6 + 1);
  const double du = 1e3 * ((2e3 * std::cos(5.0) + std::sin(5.0)) / (1e6 + 1) - 2e3 * u / (1e6 + 1));
  const auto by_p = [](const auto& result) { return std::get<1>(result)[0]; };
  std::printf("    by p: %.3g along any steps, %.6f by default, %.6f of the equation; the formula %.6f\n",
              by_p(along_any_steps), by_p(by_default), by_p(of_the_equation), du);
  for (const auto* result : {&by_default, &along_any_steps})
    expect("the value is right to the tolerance", std::abs(result->value() - u) < 1e-5);
  expect("the continuous adjoint is right", std::abs(by_p(of_the_equation) - du) < 1e-2 * std::abs(du));
  expect("the discrete one is", std::abs(by_p(by_default) - du) < 1e-2 * std::abs(du));
  expect("and is not along any steps", std::abs(by_p(along_any_steps)) > 10 * std::abs(du));
}

}  // namespace

int main() {
  a_gradient_that_is_cut();
  a_solve_that_failed();
  a_jump_in_time();
  a_branch_on_the_state();
  a_loss_over_steps();
  what_is_refused();
  tolerances_below_rounding();
  a_stiff_equation();
  return wrong == 0 ? 0 : 1;
}
