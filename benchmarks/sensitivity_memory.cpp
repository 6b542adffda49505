// What a step of the forward solve costs each sensitivity in memory: the footprint of one gradient in a fresh
// thread, whose pool is empty, at N and at 4 N steps of the same size; the difference over 3 N steps against
// the promise. The footprint counts what was asked of the system, so the doubling of growing arrays is in it.

#include <costate/costate.hpp>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>

namespace {

std::atomic<std::size_t> live{0}, peak{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  const std::size_t head = alignment < 64 ? 64 : alignment;
  void* block = std::aligned_alloc(head, (bytes + 2 * head - 1) / head * head);
  if (block == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = bytes;
  const std::size_t now = live += bytes;
  for (std::size_t seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
  }
  return static_cast<char*>(block) + head;
}
void release(void* memory, std::size_t alignment) noexcept {
  if (memory == nullptr) return;
  void* block = static_cast<char*>(memory) - (alignment < 64 ? 64 : alignment);
  live -= *static_cast<std::size_t*>(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t bytes) {
  return counted(bytes, 64);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  release(memory, 64);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory, 64);
}
void operator delete(void* memory, std::align_val_t alignment) noexcept {
  release(memory, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory, std::size_t, std::align_val_t alignment) noexcept {
  release(memory, static_cast<std::size_t>(alignment));
}

namespace {

using namespace costate;

constexpr std::size_t states = 64;
constexpr double dt = 0.05;

// a ring of pendulums: it can be solved in both directions of time
const auto ring = [](auto& du, const auto& u, const auto& p, auto) {
  const std::size_t n = du.size() / 2;
  for (std::size_t i = 0; i < n; ++i) {
    du[i] = u[n + i];
    du[n + i] = p[0] * (u[(i + 1) % n] - 2 * u[i] + u[(i + n - 1) % n]) - p[1] * sin(u[i]);
  }
};

template <class Sensitivity>
std::size_t footprint(std::size_t steps, const Sensitivity& sensitivity) {
  std::size_t result = 0;
  std::thread([&] {
    const std::size_t before = live;
    peak = before;
    Vector<double> u0(states);
    for (std::size_t i = 0; i < states; ++i) u0[i] = std::cos(0.1 * static_cast<double>(i));
    const auto loss = [&](const auto& p) {
      const ODEProblem problem(ring, u0, {0.0, dt * static_cast<double>(steps)}, p);
      return sum(solve(problem, Tsit5{},
                       {.dt = dt, .adaptive = false, .dense = false, .save_everystep = false}, sensitivity)
                     .back());
    };
    const auto result_of = value_and_gradient(loss, Vector{0.1, 0.2});
    if (result_of.status() != Status::success) std::printf("%s\n", message(result_of.status()).data());
    result = peak - before;
  }).join();
  return result;
}

template <class Sensitivity>
void row(const char* name, const Sensitivity& sensitivity, const char* formula, double promise) {
  constexpr std::size_t steps = 1000;
  const double slope = (static_cast<double>(footprint(4 * steps, sensitivity)) -
                        static_cast<double>(footprint(steps, sensitivity))) /
                       (3.0 * steps);
  std::printf("| %s | %s | %.0f | %.0f | %.2f |\n", name, formula, promise, slope,
              promise > 0 ? slope / promise : 0.0);
}

}  // namespace

int main() {
  constexpr double n = 8.0 * states;
  std::printf(
      "Bytes a step; n = %.0f, the bytes of a state; Tsit5 (7 stages, interpolant of 5 vectors), no dense "
      "output.\n\n",
      n);
  std::printf("| sensitivity | kept of a step | promise | measured | ratio |\n|---|---|---|---|---|\n");
  row("`DiscreteAdjoint{}`", DiscreteAdjoint{}, "7 n + 40", 7 * n + 40);
  row("`DiscreteAdjoint{.checkpoints = 100}`", DiscreteAdjoint{.checkpoints = 100}, "40 + 7 n / 100",
      40 + 7 * n / 100);
  row("`InterpolatingAdjoint{}`", InterpolatingAdjoint{}, "5 n + 56", 5 * n + 56);
  row("`InterpolatingAdjoint{.checkpoints = 100}`", InterpolatingAdjoint{.checkpoints = 100},
      "40 + 20 n / 100", 40 + 20 * n / 100);
  row("`GaussAdjoint{}`", GaussAdjoint{}, "5 n + 56", 5 * n + 56);
  row("`GaussKronrodAdjoint{}`", GaussKronrodAdjoint{}, "5 n + 56", 5 * n + 56);
  row("`QuadratureAdjoint{}`", QuadratureAdjoint{}, "5 n + 56, and 5 n + 16 of λ", 10 * n + 72);
  row("`BacksolveAdjoint{}`", BacksolveAdjoint{}, "nothing", 0);
  row("`ForwardSensitivity{}`", ForwardSensitivity{}, "16", 16);
}
