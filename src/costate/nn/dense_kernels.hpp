#pragma once

#include <cstddef>
#include <type_traits>
#include <string_view>

namespace costate::detail {

/// The activations that the compiled kernels know; formulas in `activation.hpp`.
enum class Activation : unsigned char { identity, tanh, sigmoid, relu, softplus, gelu, swish };

/// y = act(W x + b) and, where d is not null, d = act′(W x + b).
///
/// p holds W [out × in] column by column, then b [out]; x is [in], y and d are [out]. T is float or double,
/// in and out are at least 1. No alignment is assumed, nothing outside the arrays is touched, nothing is
/// allocated, and y and d overlap neither each other nor p and x.
template <class T>
void dense_forward(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, Activation act);

/// The pullback of `dense_forward`: with z = ybar ∘ d (z = ybar where d is null),
///
///     xbar += Wᵀ z        [in]               skipped where xbar is null
///     pbar += [z xᵀ; z]   [out·in + out]     skipped where pbar is null
///
/// x may be null where pbar is. xbar and pbar overlap no other argument.
template <class T>
void dense_pullback(const T* p, const T* x, const T* d, const T* ybar, T* xbar, T* pbar, std::size_t in,
                    std::size_t out);

/// y[i] = act(x[i]) and, where d is not null, d[i] = act′(x[i]), for i < n. y may be x itself.
template <class T>
void activate(const T* x, T* y, T* d, std::size_t n, Activation act);

/// Numbers of a line of 64 bytes. The number of samples in a block is a multiple of it.
template <class T>
inline constexpr std::size_t lane_multiple = 64 / sizeof(T);
template <class T>
inline constexpr bool has_lane_kernels = std::is_same_v<T, float> || std::is_same_v<T, double>;

/// Whether a layer makes act′ from its output in `dense_pullback_lanes`, and needs no d.
constexpr bool slope_from_output(Activation act) {
  return act == Activation::identity || act == Activation::tanh || act == Activation::relu;
}

/// `dense_forward` of a block of n samples, stored feature after feature: x is [in][n], y and d are [out][n],
/// n a multiple of lane_multiple<T>.
template <class T>
void dense_forward_lanes(const T* p, const T* x, T* y, T* d, std::size_t in, std::size_t out, std::size_t n,
                         Activation act);

/// Memory that is read after what a kernel works on. Between its sums the kernel asks for a few lines of it:
/// a pass over numbers that come from beyond the caches would wait for them.
struct ReadAhead {
  const char* next = nullptr;
  std::size_t bytes = 0;
};

/// Its pullback. z [out][n] is ybar and becomes ybar ∘ act′: from d, or, where d is null, from y (see
/// slope_from_output). xbar [in][n] is assigned; pbar is added to. Either may be null.
template <class T>
void dense_pullback_lanes(const T* p, const T* x, const T* y, const T* d, T* z, T* xbar, T* pbar,
                          std::size_t in, std::size_t out, std::size_t n, Activation act, ReadAhead& ahead);

/// x [count][features], sample after sample, as a block [features][n]; the last sample is repeated up to n.
template <class T>
void samples_to_lanes(const T* x, std::size_t features, std::size_t count, T* to, std::size_t n);

/// The way back. The second one adds.
template <class T>
void samples_from_lanes(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count);
template <class T>
void add_samples_from_lanes(const T* from, std::size_t n, T* x, std::size_t features, std::size_t count);

}  // namespace costate::detail
