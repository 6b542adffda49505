// Files that are built with different flags, in one program: what one makes, the others take.
#include <cmath>
#include <cstdio>
#include <cstring>

#include "file.hpp"

namespace shared {
namespace {

int failures = 0;

void check(bool right, const char* what, const File& a, const File& b) {
  if (right) return;
  std::printf("%s: %s with %s\n", what, a.instructions, b.instructions);
  ++failures;
}
bool agree(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a.empty()) return false;
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::fmax(largest, std::fabs(a[i]));
    difference = std::fmax(difference, std::fabs(a[i] - b[i]));
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return false;
  }
  return difference <= 1e-8 * largest;  // steps are chosen by rounded numbers too
}

/// Of the sum of the two files' losses, on one tape.
std::vector<double> gradient_of_both(const File& a, const File& b, const State& u0, const Rates& p) {
  const auto both = [&](const auto& u, const auto& q) { return a.on_tape(u, q) + b.on_tape(u, q); };
  const auto [value, by_u0, by_p] = costate::value_and_gradient(both, u0, p);
  std::vector<double> half{value / 2};
  for (const double x : by_u0) half.push_back(x / 2);
  for (const double x : by_p) half.push_back(x / 2);
  return half;
}

void exchange(const File& a, const File& b) {
  check(a.layouts() == b.layouts(), "layouts differ", a, b);
  const Problem problem = a.problem();
  const Trajectory solution = b.solve(problem);
  check(solution.successful(), "a solve failed", a, b);
  check(agree(a.read(solution), a.read(a.solve(problem))), "solutions differ", a, b);
  check(agree(b.read(solution), a.read(solution)), "reads of one solution differ", a, b);
  const auto gradient = a.gradient(problem.u0(), problem.p());
  check(agree(gradient, b.gradient(problem.u0(), problem.p())), "gradients differ", a, b);
  check(agree(gradient, gradient_of_both(a, b, problem.u0(), problem.p())),
        "a gradient through both is wrong", a, b);
  const auto p = a.parameters();
  check(agree(a.net_gradient(p), b.net_gradient(p)), "gradients of the network differ", a, b);
  const auto q = b.trained(a.trained(p)), r = a.trained(a.trained(p));
  check(agree({q.begin(), q.end()}, {r.begin(), r.end()}), "trained parameters differ", a, b);
}

int run() {
  const File* const files[] = {&baseline_file, &avx2_file, &avx512_file};
  for (const File* file : files)
    if (!file->runs_here()) std::printf("%s: not on this processor\n", file->instructions);
  for (const File* a : files)
    for (const File* b : files)
      if (a->runs_here() && b->runs_here()) exchange(*a, *b);
  // the table of functions itself, and the gradient against differences, so that files do not agree on
  // nonsense
  const Problem problem = baseline_file.problem();
  const auto gradient = baseline_file.gradient(problem.u0(), problem.p());
  for (std::size_t i = 0; i < 4; ++i) {
    constexpr double change = 1e-5;
    Rates more = problem.p(), less = more;
    more[i] += change, less[i] -= change;
    const double difference =
        (baseline_file.gradient(problem.u0(), more)[0] - baseline_file.gradient(problem.u0(), less)[0]) /
        (2 * change);
    check(std::fabs(difference - gradient[3 + i]) <= 1e-4 * std::fabs(difference), "a gradient is wrong",
          baseline_file, baseline_file);
  }
  if (failures == 0) std::printf("all agree\n");
  return failures != 0;
}

}  // namespace
}  // namespace shared

int main() {
  return shared::run();
}
