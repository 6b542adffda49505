#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "cpu_clock.hpp"

// Timing for one program: it defines the allocation functions of the C library, so one source of a program
// includes it.

namespace timing {

struct Heap {
  static inline std::size_t calls = 0, bytes = 0;
};

#ifdef __GLIBC__
constexpr bool counts_heap = true;
#else
constexpr bool counts_heap = false;
#endif

}  // namespace timing

#ifdef __GLIBC__
// operator new and the C libraries of the process allocate here.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) noexcept {
  ++timing::Heap::calls;
  timing::Heap::bytes += size;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++timing::Heap::calls;
  timing::Heap::bytes += count * size;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) noexcept {
  ++timing::Heap::calls;
  timing::Heap::bytes += size;
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++timing::Heap::calls;
  timing::Heap::bytes += size;
  return __libc_memalign(alignment, size);
}
}
#endif

namespace timing {

template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}
/// Makes the compiler forget what it knows of the value.
template <class T>
void launder(T& value) {
  asm volatile("" : "+m"(value) : : "memory");
}

/// One thing to time. `error` runs it once more and compares with the reference.
struct Row {
  std::string name;
  bool is_limit = false;  ///< the ratios of a table are to this row, which comes first
  std::function<void()> call;
  std::function<double()> error;
  std::function<std::size_t()> rhs_evaluations = nullptr;
  std::function<std::size_t()> record_bytes = nullptr;  ///< kept for the reverse sweep
};

/// Rows timed in turns, so that whatever slows the machine for a while slows all of them.
class Table {
 public:
  Table(std::string title, std::string error_name, double bound)
      : title_(std::move(title)), error_name_(std::move(error_name)), bound_(bound) {}

  void add(Row row) { rows_.push_back({std::move(row)}); }

  /// Returns the number of rows whose error is above the bound; those are not timed.
  int run(int rounds = 101) {
    for (Timed& t : rows_) prepare(t);
    for (int i = 0; i < rounds; ++i)
      for (Timed& t : rows_)
        if (t.error <= bound_) t.nanoseconds.push_back(batch(t));
    return print();
  }

 private:
  struct Timed {
    Row row;
    double error = 0;
    int inner = 1;
    std::size_t allocations = 0, bytes = 0;
    std::vector<double> nanoseconds{};
  };

  static void prepare(Timed& t) {
    t.error = t.row.error();
    if (std::isnan(t.error)) t.error = std::numeric_limits<double>::infinity();
    t.row.call();
    const std::size_t calls = Heap::calls, bytes = Heap::bytes;
    t.row.call();
    t.allocations = Heap::calls - calls;
    t.bytes = Heap::bytes - bytes;
    const double once = batch(t);
    t.inner = std::max(1, int(1e6 / once));  // a millisecond: the clock is exact
  }
  static double batch(const Timed& t) {
    const double start = cpu_seconds();
    for (int i = 0; i < t.inner; ++i) t.row.call();
    return (cpu_seconds() - start) * 1e9 / t.inner;
  }

  int print() {
    std::printf("\n### %s\n\nEvery row: %s <= %g.\n\n", title_.c_str(), error_name_.c_str(), bound_);
    std::printf(
        "| | min | median | ratio | right-hand sides | heap calls (bytes) per call | kept for the gradient | "
        "error |\n"
        "|---|---|---|---|---|---|---|---|\n");
    int failures = 0;
    double base = 0;
    for (Timed& t : rows_) {
      if (!(t.error <= bound_)) {
        std::printf("| %s | not timed: its error is above the bound | | | | | | **%.1e** |\n",
                    t.row.name.c_str(), t.error);
        ++failures;
        continue;
      }
      std::sort(t.nanoseconds.begin(), t.nanoseconds.end());
      const double least = t.nanoseconds.front(), median = t.nanoseconds[t.nanoseconds.size() / 2];
      if (t.row.is_limit) base = least;
      std::printf("| %s | %s | %s | %s | %s | %s | %s | %.1e |\n", t.row.name.c_str(), time(least).c_str(),
                  time(median).c_str(), base > 0 ? format("%.2f", least / base).c_str() : "",
                  t.row.rhs_evaluations ? std::to_string(t.row.rhs_evaluations()).c_str() : "",
                  counts_heap ? format("%.0f (%.0f)", double(t.allocations), double(t.bytes)).c_str() : "",
                  t.row.record_bytes ? format("%.1f KiB", double(t.row.record_bytes()) / 1024).c_str() : "",
                  t.error);
      std::fflush(stdout);
    }
    return failures;
  }

  template <class... Values>
  static std::string format(const char* pattern, Values... values) {
    char text[64];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
  }
  static std::string time(double ns) {
    return ns < 1e6 ? format("%.2f µs", ns * 1e-3) : format("%.3f ms", ns * 1e-6);
  }

  std::string title_, error_name_;
  double bound_;
  std::vector<Timed> rows_;
};

}  // namespace timing
