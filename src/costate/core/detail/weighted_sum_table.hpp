#pragma once

#include <costate/core/weighted_sum.hpp>

#include <cstddef>

/// What one instruction set's source offers to the dispatch.
namespace costate::detail {

template <class T>
struct SumKernels {
  void (*sum)(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
              std::size_t n);
  double (*error)(const ScaledErrorOf<T>& scale, const T* const* terms, const T* weights, std::size_t count,
                  std::size_t n);
};

struct SumTable {
  SumKernels<float> single_precision;
  SumKernels<double> double_precision;
};

extern const SumTable generic_sums;
extern const SumTable avx2_sums;
extern const SumTable avx512_sums;

}  // namespace costate::detail
