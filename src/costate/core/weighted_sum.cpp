#include <costate/core/detail/instruction_set.hpp>
#include <costate/core/detail/weighted_sum_table.hpp>
#include <costate/core/weighted_sum.hpp>

#include <type_traits>

namespace costate::detail {
namespace {

// In the order of InstructionSet.
constexpr const SumTable* tables[] = {
    &generic_sums,
#if defined(__x86_64__)
    &avx2_sums,
    &avx512_sums,
#endif
};

template <class T>
const SumKernels<T>& kernels() {
  const SumTable& table = *tables[instruction_set_index()];
  if constexpr (std::is_same_v<T, float>)
    return table.single_precision;
  else
    return table.double_precision;
}

}  // namespace

template <class T>
void weighted_sum(T* out, const T* base, const T* const* terms, const T* weights, std::size_t count,
                  std::size_t n) {
  kernels<T>().sum(out, base, terms, weights, count, n);
}

template <class T>
double weighted_error(const ScaledErrorOf<T>& scale, const T* const* terms, const T* weights,
                      std::size_t count, std::size_t n) {
  return kernels<T>().error(scale, terms, weights, count, n);
}

template void weighted_sum(float*, const float*, const float* const*, const float*, std::size_t, std::size_t);
template void weighted_sum(double*, const double*, const double* const*, const double*, std::size_t,
                           std::size_t);
template double weighted_error(const ScaledErrorOf<float>&, const float* const*, const float*, std::size_t,
                               std::size_t);
template double weighted_error(const ScaledErrorOf<double>&, const double* const*, const double*, std::size_t,
                               std::size_t);

}  // namespace costate::detail
