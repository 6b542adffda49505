#pragma once

#include <costate/nn/detail/dense_forward_impl.hpp>
#include <costate/nn/detail/dense_lanes_impl.hpp>
#include <costate/nn/detail/dense_pullback_impl.hpp>
#include <costate/nn/detail/kernel_table.hpp>
#include <costate/nn/detail/packed_dense_impl.hpp>

/// Everything that one instruction set's source compiles.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

template <class T>
consteval Kernels<T> kernels() {
  return {forward_layer<T>,       pull_layer_back<T>,        apply_activation<T>,
          forward_lanes<T>,       pull_lanes_back<T>,        to_lanes<T>,
          from_lanes<false, T>,   from_lanes<true, T>,       packed_run<T>,
          add_packed_run_gradient<T>};
}
consteval KernelTable kernel_table() {
  return {kernels<float>(), kernels<double>()};
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
