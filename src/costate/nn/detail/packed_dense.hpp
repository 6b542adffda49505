#pragma once

#include <costate/nn/dense_kernels.hpp>

#include <cstddef>
#include <utility>

/// Dense layers at parameters that stay the same for many evaluations: weights stand in whole lines of 64
/// bytes with zeros behind them, so that no kernel meets the end of a row or column inside a register, and
/// the adjoints of weights are summed over several evaluations before they are added to memory.
namespace costate::detail {

/// One layer of a run of them. All places are numbers counted from the beginning of their array.
struct PackedDense {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  /// Layers of at most this many outputs may stand row by row: dot products.
  static constexpr std::size_t most_rows = 4;

  std::size_t in, out;
  Activation act;
  bool by_rows;           // W row by row, else column by column
  std::size_t stride;     // from one row or column to the next
  std::size_t length;     // of one, in whole halves of a line
  std::size_t w, b;       // in the packed parameters
  std::size_t input;      // of x in what is kept; none: x is the run's own
  std::size_t output;     // of y in what is kept; none where nobody asks for it
  std::size_t slopes;     // of act′ in what is kept; none where it follows from y
  std::size_t cotangent;  // of ybar ∘ act′ among the cotangents
};

/// n in whole lines, where several numbers make a line.
template <class T>
constexpr std::size_t in_lines(std::size_t n) {
  constexpr std::size_t numbers = lane_multiple<T>, line = numbers == 0 ? 1 : numbers;
  return (n + line - 1) / line * line;
}

/// How many numbers the arrays of some runs hold.
struct PackedSizes {
  std::size_t parameters = 0, kept = 0, cotangents = 0;
};

/// Finds the places of a run of `count` layers, whose in, out and act are given, behind what `sizes` counts.
/// `last`: the run ends the network, so that its output is nobody's input.
template <class T>
void place_packed(PackedDense* layers, std::size_t count, bool last, PackedSizes& sizes);

/// Packed parameters from the flat vector of the run (for each layer W column by column, then b), and back:
/// p += packed.
template <class T>
void pack_dense(const PackedDense* layers, std::size_t count, const T* p, T* packed);
template <class T>
void add_unpacked_dense(const PackedDense* layers, std::size_t count, const T* packed, T* p);

/// y [out of the last layer] from x [in of the first]; leaves in `kept` what the way back needs.
template <class T>
using ForwardOfRun = void (*)(const PackedDense* layers, std::size_t count, const T* packed, const T* x, T* y,
                              T* kept);

/// xbar = (∂y/∂x)ᵀ ybar, where it is not null; leaves each layer's ybar ∘ act′ in `cotangents`, which are
/// zero at the start where no layer writes.
template <class T>
using PullbackOfRun = void (*)(const PackedDense* layers, std::size_t count, const T* packed, const T* kept,
                               const T* ybar, T* xbar, T* cotangents);

/// Few numbers in the register that every processor of a family has.
template <class T, bool = has_lane_kernels<T>>
struct Few {
  static constexpr std::size_t most = 0;
  using type = T;
};
template <class T>
struct Few<T, true> {
  static constexpr std::size_t most = 16 / sizeof(T);
  typedef T type __attribute__((vector_size(16)));

  /// f of N numbers, and of zeros behind them.
  template <std::size_t N, class F>
  [[gnu::always_inline]] static auto apply(const T* numbers, F f) {
    return [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
      return f((K < N ? numbers[K < N ? K : 0] : T(0))...);
    }
    (std::make_index_sequence<most>{});
  }
};
template <class T, std::size_t N>
inline constexpr bool are_few = (has_lane_kernels<T>) && N <= Few<T>::most;

template <class T, class Numbers>
struct PairKernels;
template <class T, std::size_t... I>
struct PairKernels<T, std::index_sequence<I...>> {
  template <std::size_t>
  using Number = T;
  using Result = typename Few<T>::type;
  using Forward = Result (*)(const PackedDense* layers, const T* packed, T* kept, Number<I>... x);
  using Pullback = Result (*)(const PackedDense* layers, const T* packed, const T* kept, T* cotangents,
                              Number<I>... ybar);
};
/// The same for a run of two layers with few inputs and outputs, by value: a number that was just stored is
/// waited for when it is read. Numbers behind the last mean nothing.
template <class T>
using PairKernelsOf = PairKernels<T, std::make_index_sequence<Few<T>::most>>;

/// The kernels of a run, chosen once for all evaluations. `few_…`: null where the run is no such pair.
template <class T>
struct PackedRun {
  ForwardOfRun<T> forward;
  PullbackOfRun<T> pullback;
  typename PairKernelsOf<T>::Forward few_forward;
  typename PairKernelsOf<T>::Pullback few_pullback;
};
template <class T>
PackedRun<T> packed_run(const PackedDense* layers, std::size_t count);

/// What the adjoint of the parameters needs of one evaluation.
template <class T>
struct PackedSlot {
  const T *x, *kept, *cotangents;
};

/// Evaluations whose contributions are summed in registers.
inline constexpr std::size_t packed_slots = 8;

/// gradient += Σ [z xᵀ, z] over `slots` evaluations, at most packed_slots.
template <class T>
void add_packed_gradient(const PackedDense* layers, std::size_t count, const PackedSlot<T>* slots,
                         std::size_t slot_count, T* gradient);

}  // namespace costate::detail
