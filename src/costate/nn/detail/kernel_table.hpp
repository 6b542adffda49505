#pragma once

#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/detail/packed_dense.hpp>

#include <cstddef>

/// What one instruction set's source offers to the dispatch: plain pointers, of one layout under all flags.
namespace costate::detail {

template <class T>
struct Kernels {
  void (*forward)(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, Activation act);
  void (*pullback)(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in,
                   std::size_t out);
  void (*activate)(const T* x, T* y, T* d, std::size_t n, Activation act);
  void (*forward_lanes)(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, std::size_t n,
                        Activation act);
  void (*pullback_lanes)(const T* p, const T* x, const T* y, const T* d, T* z, T* xbar, T* pbar,
                         std::size_t in, std::size_t out, std::size_t n, Activation act, ReadAhead& ahead);
  void (*to_lanes)(const T* x, std::size_t features, std::size_t count, T* to, std::size_t n);
  void (*from_lanes)(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count);
  void (*add_from_lanes)(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count);
  PackedRun<T> (*packed_run)(const PackedDense* layers, std::size_t count);
  void (*add_packed_gradient)(const PackedDense* layers, std::size_t count, const PackedSlot<T>* slots,
                              std::size_t slot_count, T* gradient);
};

struct KernelTable {
  Kernels<float> single_precision;
  Kernels<double> double_precision;
};

extern const KernelTable generic_kernels;
extern const KernelTable avx2_kernels;
extern const KernelTable avx512_kernels;

}  // namespace costate::detail
