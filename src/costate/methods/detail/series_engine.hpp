#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/methods/detail/compiled_series.hpp>
#include <costate/methods/detail/taped_series.hpp>

#include <cstddef>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

/// What makes the series of F: written out while compiling where F allows it, else recorded at every step.
template <class F, class T, std::size_t N, std::size_t M, class PT>
auto series_engine() {
  if constexpr (CompilesToSeries<F, N, M>)
    return std::type_identity<CompiledSeries<F, T, N, M, PT>>{};
  else
    return std::type_identity<TapedSeries<F, T, N, M, PT>>{};
}
template <class F, class T, std::size_t N, std::size_t M, class PT>
using SeriesEngine = typename decltype(series_engine<F, T, N, M, PT>())::type;

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
