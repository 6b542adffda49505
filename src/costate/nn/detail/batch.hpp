#pragma once

#include <costate/ad/leaf_matrix.hpp>
#include <costate/ad/operand.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/matrix.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/nn/dense_kernels.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Layers on batches, block by block of samples: a block is stored feature after feature, n samples each, so
/// that samples fill the lanes of registers, and everything that a pass over one needs stays in the cache.
///
/// A layer takes part with
///
///     kept_in_lanes(inputs)    numbers per sample that the pullback needs besides x and y
///     needs_output             whether it needs y
///     forward_lanes(x, inputs, n, p, y, kept)
///     pullback_lanes(x, inputs, n, y, kept, z, p, xbar, pbar, ahead)
///                              z: ybar, overwritten; xbar is assigned; ahead: what the next block reads
///
/// (kept, xbar and pbar may be null; pbar is added to); one that has no forward_lanes is called sample by
/// sample.
namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class L>
std::size_t slope_count(const L& layer, std::size_t inputs);

template <class L>
concept RunsInLanes = requires(const L& layer) {
  layer.kept_in_lanes(std::size_t{});
};

template <class L>
constexpr bool needs_output() {
  if constexpr (RunsInLanes<L>)
    return L::needs_output;
  else
    return false;
}
template <class L>
std::size_t kept_in_lanes(const L& layer, std::size_t inputs) {
  if constexpr (RunsInLanes<L>)
    return layer.kept_in_lanes(inputs);
  else
    return slope_count(layer, inputs);
}

template <class L, class S, class PT>
void layer_forward_lanes(const L& layer, const S* x, std::size_t inputs, std::size_t n, const PT* p, S* y,
                         S* kept) {
  if constexpr (RunsInLanes<L>) {
    layer.forward_lanes(x, inputs, n, p, y, kept);
  } else {
    const std::size_t outputs = layer.output_size(inputs), slopes = slope_count(layer, inputs);
    Buffer<S> sample(inputs + outputs);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < inputs; ++i) sample[i] = x[i * n + j];
      layer.forward(static_cast<const S*>(sample.data()), inputs, p, sample.data() + inputs,
                    kept != nullptr && slopes > 0 ? kept + j * slopes : nullptr);
      for (std::size_t i = 0; i < outputs; ++i) y[i * n + j] = sample[inputs + i];
    }
  }
}
template <class L, class T>
void layer_pullback_lanes(const L& layer, const T* x, std::size_t inputs, std::size_t n, const T* y,
                          const T* kept, T* z, const T* p, T* xbar, T* pbar, ReadAhead& ahead) {
  if constexpr (RunsInLanes<L>) {
    layer.pullback_lanes(x, inputs, n, y, kept, z, p, xbar, pbar, ahead);
  } else {
    const std::size_t outputs = layer.output_size(inputs), slopes = slope_count(layer, inputs);
    Buffer<T> sample(2 * inputs + outputs);
    T *to = sample.data() + inputs, *cotangent = to + inputs;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < inputs; ++i) sample[i] = x[i * n + j], to[i] = T(0);
      for (std::size_t i = 0; i < outputs; ++i) cotangent[i] = z[i * n + j];
      layer.pullback(static_cast<const T*>(sample.data()), inputs,
                     slopes > 0 ? kept + j * slopes : static_cast<const T*>(nullptr),
                     static_cast<const T*>(cotangent), p, xbar != nullptr ? to : nullptr, pbar);
      if (xbar != nullptr)
        for (std::size_t i = 0; i < inputs; ++i) xbar[i * n + j] = to[i];
    }
  }
}

template <class S>
void to_lanes(const S* x, std::size_t features, std::size_t count, S* to, std::size_t n) {
  if constexpr (has_lane_kernels<S>) {
    samples_to_lanes(x, features, count, to, n);
  } else {
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t i = 0; i < features; ++i)
        to[i * n + j] = x[(j < count ? j : count - 1) * features + i];
  }
}
template <class S>
void from_lanes(const S* from, std::size_t n, S* x, std::size_t features, std::size_t count) {
  if constexpr (has_lane_kernels<S>) {
    samples_from_lanes(from, n, x, features, count);
  } else {
    for (std::size_t j = 0; j < count; ++j)
      for (std::size_t i = 0; i < features; ++i) x[j * features + i] = from[i * n + j];
  }
}
template <class S>
void add_from_lanes(const S* from, std::size_t n, S* x, std::size_t features, std::size_t count) {
  if constexpr (has_lane_kernels<S>) {
    add_samples_from_lanes(from, n, x, features, count);
  } else {
    for (std::size_t j = 0; j < count; ++j)
      for (std::size_t i = 0; i < features; ++i) x[j * features + i] = x[j * features + i] + from[i * n + j];
  }
}

/// A batch cut into blocks for one layer: how many samples each has, and where what is kept of it lies.
template <class L, class T>
struct BatchPlan {
  static constexpr std::size_t unit = has_lane_kernels<T> ? lane_multiple<T> : 1;
  std::size_t inputs, outputs, samples;
  std::size_t block;       // samples of every block but the last
  std::size_t per_sample;  // numbers kept: x, what the layer keeps, y where it needs it

  BatchPlan(const L& layer, std::size_t input_size, std::size_t sample_count)
      : inputs(input_size), outputs(layer.output_size(input_size)), samples(sample_count) {
    const std::size_t inside = kept_in_lanes(layer, inputs);
    per_sample = inputs + inside + (needs_output<L>() ? outputs : 0);
    // a block's numbers fit the first cache; a network whose weights do not anyway gains from reading each of
    // them for more samples
    const std::size_t cache = layer.parameter_count() * sizeof(T) > 16384 ? 131072 : 24576;
    block = cache / ((per_sample + outputs) * sizeof(T)) / unit * unit;
    block = std::min<std::size_t>(std::max<std::size_t>(block, unit), 256);
    block = std::max<std::size_t>(block, std::min<std::size_t>(32, 4 * unit));
    // all blocks about equal: 65 samples are not 64 and 1
    const std::size_t blocks = samples == 0 ? 1 : (samples + block - 1) / block;
    block = std::max(unit, ((samples + blocks - 1) / blocks + unit - 1) / unit * unit);
  }
  std::size_t blocks() const { return (samples + block - 1) / block; }
  std::size_t first(std::size_t b) const { return b * block; }
  std::size_t count(std::size_t b) const { return std::min(block, samples - b * block); }
  std::size_t lanes(std::size_t b) const { return (count(b) + unit - 1) / unit * unit; }
  std::size_t kept_before(std::size_t b) const { return b * block * per_sample; }
  std::size_t kept_size() const {
    return blocks() == 0 ? 0 : kept_before(blocks() - 1) + lanes(blocks() - 1) * per_sample;
  }
};

/// y = layer(x, p) of all samples, stored one after the other; kept: null, or room for kept_size() numbers.
template <class L, class S, class PT>
void batch_forward(const L& layer, const BatchPlan<L, S>& plan, const S* x, const PT* p, S* y, S* kept) {
  Buffer<S> memory((plan.inputs + plan.outputs) * plan.block);
  for (std::size_t b = 0; b < plan.blocks(); ++b) {
    const std::size_t n = plan.lanes(b), first = plan.first(b);
    S* x_lanes = kept != nullptr ? kept + plan.kept_before(b) : memory.data();
    S* inside = kept != nullptr ? x_lanes + plan.inputs * n : nullptr;
    S* y_lanes = memory.data() + plan.inputs * plan.block;
    if (needs_output<L>() && kept != nullptr) y_lanes = x_lanes + (plan.per_sample - plan.outputs) * n;
    to_lanes(x + first * plan.inputs, plan.inputs, plan.count(b), x_lanes, n);
    layer_forward_lanes(layer, static_cast<const S*>(x_lanes), plan.inputs, n, p, y_lanes, inside);
    from_lanes(static_cast<const S*>(y_lanes), n, y + first * plan.outputs, plan.outputs, plan.count(b));
  }
}

/// xbar += …, pbar += …; either may be null.
template <class L, class T>
void batch_pullback(const L& layer, const BatchPlan<L, T>& plan, const T* kept, const T* ybar, const T* p,
                    T* xbar, T* pbar) {
  Buffer<T> memory((plan.inputs + plan.outputs) * plan.block);
  T *z = memory.data(), *x_lanes_bar = z + plan.outputs * plan.block;
  for (std::size_t b = 0; b < plan.blocks(); ++b) {
    const std::size_t n = plan.lanes(b), first = plan.first(b), count = plan.count(b);
    const T* x = kept + plan.kept_before(b);
    const T* y = x + (plan.per_sample - plan.outputs) * n;
    to_lanes(ybar + first * plan.outputs, plan.outputs, count, z, n);
    // the samples repeated behind the last one count for nothing
    for (std::size_t i = 0; i < plan.outputs; ++i)
      for (std::size_t j = count; j < n; ++j) z[i * n + j] = T(0);
    ReadAhead ahead;
    if (b + 1 < plan.blocks())
      ahead = {reinterpret_cast<const char*>(kept + plan.kept_before(b + 1)),
               plan.lanes(b + 1) * plan.per_sample * sizeof(T)};
    layer_pullback_lanes(layer, x, plan.inputs, n, needs_output<L>() ? y : nullptr, x + plan.inputs * n, z, p,
                         xbar != nullptr ? x_lanes_bar : nullptr, pbar, ahead);
    if (xbar != nullptr)
      add_from_lanes(static_cast<const T*>(x_lanes_bar), n, xbar + first * plan.inputs, plan.inputs, count);
  }
}

/// A layer, or a whole chain, on a batch of variables: one node.
template <class L, class T>
struct BatchNode {
  L layer;
  BatchPlan<L, T> plan;
  Operand<T> x, p;
  T* kept;

  static void pull(T* adjoints, void* data, std::int32_t first) {
    const auto& node = *static_cast<const BatchNode*>(data);
    Buffer<T> bars((node.x.constant() ? 0 : node.x.size) + (node.p.constant() ? 0 : node.p.size));
    for (T& bar : bars) bar = T(0);
    T* xbar = node.x.constant() ? nullptr : bars.data();
    T* pbar = node.p.constant() ? nullptr : bars.data() + bars.size() - node.p.size;
    batch_pullback(node.layer, node.plan, static_cast<const T*>(node.kept),
                   static_cast<const T*>(adjoints + first), node.p.values, xbar, pbar);
    if (xbar != nullptr) node.x.add(adjoints, xbar);
    if (pbar != nullptr) node.p.add(adjoints, pbar);
  }
};

/// Numbers on a tape that begin at a line of the cache.
template <class T>
T* allocate_lines(Tape<T>& tape, std::size_t count) {
  struct alignas(64) Line {
    char bytes[64];
  };
  return reinterpret_cast<T*>(tape.template allocate<Line>((count * sizeof(T) + 63) / 64));
}

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
