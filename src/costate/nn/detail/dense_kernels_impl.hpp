#pragma once

#include <costate/nn/detail/dense_forward_impl.hpp>
#include <costate/nn/detail/dense_pullback_impl.hpp>
#include <costate/nn/detail/kernel_table.hpp>

/// Everything that one instruction set's source compiles.
namespace costate::detail::simd {
inline namespace COSTATE_SIMD_NAMESPACE {

consteval KernelTable kernel_table(const char* name) {
  return {name,
          {forward_layer<float>, pull_layer_back<float>, apply_activation<float>},
          {forward_layer<double>, pull_layer_back<double>, apply_activation<double>}};
}

}  // namespace COSTATE_SIMD_NAMESPACE
}  // namespace costate::detail::simd
