#include <costate/nn/detail/kernel_choice.hpp>
#include <costate/nn/detail/packed_dense.hpp>

#include <cstring>

namespace costate::detail {
namespace {

template <class T>
void add_to(T* __restrict to, const T* __restrict from, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] += from[i];
}

}  // namespace

template <class T>
void place_packed(PackedDense* layers, std::size_t count, bool last, PackedSizes& sizes) {
  const auto take = [](std::size_t& from, std::size_t n) {
    const std::size_t at = from;
    from += in_lines<T>(n);
    return at;
  };
  for (std::size_t l = 0; l < count; ++l) {
    PackedDense& layer = layers[l];
    const bool ends_net = last && l + 1 == count, identity = layer.act == Activation::identity;
    const bool from_output = slope_from_output(layer.act);
    layer.by_rows = layer.out <= PackedDense::most_rows && layer.in > PackedDense::most_rows;
    constexpr std::size_t half = lane_multiple<T> / 2;
    layer.length = ((layer.by_rows ? layer.in : layer.out) + half - 1) / half * half;
    layer.stride = in_lines<T>(layer.length);
    layer.w = take(sizes.parameters, layer.stride * (layer.by_rows ? layer.out : layer.in));
    layer.b = take(sizes.parameters, layer.out);
    layer.input = l > 0           ? layers[l - 1].output
                  : layer.by_rows ? take(sizes.kept, layer.in)
                                  : PackedDense::none;
    layer.slopes = from_output ? PackedDense::none : take(sizes.kept, layer.out);
    layer.output = ends_net && (identity || !from_output) ? PackedDense::none : take(sizes.kept, layer.out);
    layer.cotangent = take(sizes.cotangents, layer.out);
  }
}

template <class T>
void pack_dense(const PackedDense* layers, std::size_t count, const T* p, T* packed) {
  for (const PackedDense* layer = layers; layer != layers + count; ++layer) {
    const std::size_t in = layer->in, out = layer->out, lines = layer->by_rows ? out : in;
    T* const w = packed + layer->w;
    if (layer->by_rows) {
      std::memset(w, 0, lines * layer->stride * sizeof(T));
      for (std::size_t j = 0; j < in; ++j)
        for (std::size_t i = 0; i < out; ++i) w[i * layer->stride + j] = p[j * out + i];
    } else {
      for (std::size_t j = 0; j < in; ++j) {
        std::memcpy(w + j * layer->stride, p + j * out, out * sizeof(T));
        std::memset(w + j * layer->stride + out, 0, (layer->stride - out) * sizeof(T));
      }
    }
    p += in * out;
    std::memcpy(packed + layer->b, p, out * sizeof(T));
    std::memset(packed + layer->b + out, 0, (in_lines<T>(out) - out) * sizeof(T));
    p += out;
  }
}

template <class T>
void add_unpacked_dense(const PackedDense* layers, std::size_t count, const T* packed, T* p) {
  for (const PackedDense* layer = layers; layer != layers + count; ++layer) {
    const std::size_t in = layer->in, out = layer->out;
    const T* const w = packed + layer->w;
    if (layer->by_rows) {
      for (std::size_t j = 0; j < in; ++j)
        for (std::size_t i = 0; i < out; ++i) p[j * out + i] += w[i * layer->stride + j];
    } else {
      for (std::size_t j = 0; j < in; ++j) add_to(p + j * out, w + j * layer->stride, out);
    }
    p += in * out;
    add_to(p, packed + layer->b, out);
    p += out;
  }
}

template <class T>
PackedRun<T> packed_run(const PackedDense* layers, std::size_t count) {
  return kernels<T>().packed_run(layers, count);
}
template <class T>
void add_packed_gradient(const PackedDense* layers, std::size_t count, const PackedSlot<T>* slots,
                         std::size_t slot_count, T* gradient) {
  kernels<T>().add_packed_gradient(layers, count, slots, slot_count, gradient);
}

template void place_packed<float>(PackedDense*, std::size_t, bool, PackedSizes&);
template void place_packed<double>(PackedDense*, std::size_t, bool, PackedSizes&);
template void pack_dense(const PackedDense*, std::size_t, const float*, float*);
template void pack_dense(const PackedDense*, std::size_t, const double*, double*);
template void add_unpacked_dense(const PackedDense*, std::size_t, const float*, float*);
template void add_unpacked_dense(const PackedDense*, std::size_t, const double*, double*);
template PackedRun<float> packed_run(const PackedDense*, std::size_t);
template PackedRun<double> packed_run(const PackedDense*, std::size_t);
template void add_packed_gradient(const PackedDense*, std::size_t, const PackedSlot<float>*, std::size_t,
                                  float*);
template void add_packed_gradient(const PackedDense*, std::size_t, const PackedSlot<double>*, std::size_t,
                                  double*);

}  // namespace costate::detail
