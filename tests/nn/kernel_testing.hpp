#pragma once

#include <costate/core/instruction_set.hpp>
#include <costate/nn/dense_kernels.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

/// What the tests of the compiled kernels share: every instruction set in turn, arrays that betray overruns,
/// and references.
namespace costate::detail {

using Real = long double;

inline std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const char* name : {"generic", "neon", "avx2", "avx512"}) {
    try {
      force_kernel_instruction_set(name);
      names.emplace_back(name);
    } catch (const std::invalid_argument&) {
    }
  }
  return names;
}

/// Restores the choice of instruction set, and runs a body under each.
class UnderEachInstructionSet : public ::testing::Test {
 protected:
  ~UnderEachInstructionSet() override { force_kernel_instruction_set(before_); }

  template <class F>
  void under_each_instruction_set(F body) {
    for (const std::string& name : sets_) {
      SCOPED_TRACE(name);
      force_kernel_instruction_set(name);
      body();
    }
  }

  std::string before_{kernel_instruction_set()};
  std::vector<std::string> sets_ = instruction_sets();
};

using Scalars = ::testing::Types<float, double>;

/// n numbers between two pages that may not be touched: they begin right behind the first one, or end right
/// before the second.
template <class T>
class Guarded {
 public:
  enum class Against { begin, end };

  Guarded(std::size_t n, Against side) : n_(n) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    room_ = (n * sizeof(T) + page - 1) / page * page;
    bytes_ = room_ + 2 * page;
    base_ =
        static_cast<char*>(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    mprotect(base_, page, PROT_NONE);
    mprotect(base_ + page + room_, page, PROT_NONE);
    slack_ = room_ - n * sizeof(T);
    std::memset(base_ + page, 0x5a, room_);
    data_ = reinterpret_cast<T*>(base_ + page + (side == Against::end ? slack_ : 0));
    slack_at_ = side == Against::end ? base_ + page : base_ + page + n * sizeof(T);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    EXPECT_TRUE(std::all_of(slack_at_, slack_at_ + slack_, [](char byte) { return byte == 0x5a; }))
        << "bytes beside " << n_ << " numbers were written";
    munmap(base_, bytes_);
  }

  T* data() { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  std::size_t size() const { return n_; }

 private:
  std::size_t n_, room_, bytes_, slack_;
  char* base_;
  char* slack_at_;
  T* data_;
};

inline Real exact(Activation act, Real x) {
  const Real e = std::exp(-std::abs(x));
  const Real sigmoid = (x < 0 ? e : 1) / (1 + e);
  switch (act) {
    case Activation::identity:
      return x;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return sigmoid;
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::softplus:
      return (x > 0 ? x : 0) + std::log1p(e);
    case Activation::gelu:
      return x * std::erfc(-x / std::sqrt(Real(2))) / 2;
    case Activation::swish:
      return x * sigmoid;
  }
  return 0;
}

inline Real exact_derivative(Activation act, Real x) {
  const Real e = std::exp(-std::abs(x));
  const Real sigmoid = (x < 0 ? e : 1) / (1 + e);
  const Real slope = e / ((1 + e) * (1 + e));
  switch (act) {
    case Activation::identity:
      return 1;
    case Activation::tanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case Activation::sigmoid:
      return slope;
    case Activation::relu:
      return x > 0 ? 1 : 0;
    case Activation::softplus:
      return sigmoid;
    case Activation::gelu:
      return std::erfc(-x / std::sqrt(Real(2))) / 2 +
             x * std::exp(-x * x / 2) / std::sqrt(2 * std::acos(Real(-1)));
    case Activation::swish:
      return sigmoid + x * slope;
  }
  return 0;
}

inline constexpr Activation activations[] = {Activation::identity, Activation::tanh,     Activation::sigmoid,
                                             Activation::relu,     Activation::softplus, Activation::gelu,
                                             Activation::swish};

template <class T>
Real spacing(Real x) {
  const T rounded = std::abs(static_cast<T>(x));
  return Real(std::nextafter(rounded, std::numeric_limits<T>::infinity())) - Real(rounded);
}

/// Linear grids, all magnitudes, random points near zero and far out.
template <class T>
std::vector<T> arguments() {
  std::vector<T> x;
  for (int i = -40000; i <= 40000; ++i) x.push_back(T(i) / 2000);
  for (int i = -4000; i <= 4000; ++i) x.push_back(T(i) / 5);
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(std::numeric_limits<T>::min_exponent, 10), mantissa(-2, 2);
  for (int i = 0; i < 40000; ++i)
    x.push_back(static_cast<T>(std::ldexp(mantissa(random), static_cast<int>(exponent(random)))));
  for (int i = 0; i < 40000; ++i)
    x.push_back(static_cast<T>(std::ldexp(mantissa(random), static_cast<int>(random() % 12) - 7)));
  return x;
}

}  // namespace costate::detail
