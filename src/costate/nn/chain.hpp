#pragma once

#include <costate/nn/dense.hpp>
#include <costate/nn/description.hpp>
#include <costate/nn/elementwise.hpp>
#include <costate/nn/layer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace costate {

namespace detail {
template <class L>
constexpr auto as_layer(const L& layer) {
  if constexpr (Layer<L>)
    return layer;
  else
    return Elementwise<L>(layer);
}
template <class L>
using LayerOf = decltype(as_layer(std::declval<const L&>()));

template <std::size_t In, class First, class... Rest>
constexpr std::size_t chain_extent() {
  constexpr std::size_t out = First::template output_extent<In>;
  if constexpr (sizeof...(Rest) == 0)
    return out;
  else
    return chain_extent<out, Rest...>();
}
}  // namespace detail

/// Layers one after the other: y = L_k(… L₂(L₁(x))). Plain functions act elementwise. Parameters: those of
/// L₁, then of L₂, …
///
///     Chain{[](auto x) { return x * x * x; }, Dense<2, 50, activation::tanh>{}, Dense<50, 2>{}}
template <class... Layers>
class Chain : public detail::LayerCall<Chain<Layers...>> {
  static constexpr std::size_t count = sizeof...(Layers);
  static_assert(count > 0, "costate::Chain: want at least one layer");

 public:
  static constexpr std::size_t input_extent =
      std::tuple_element_t<0, std::tuple<detail::LayerOf<Layers>...>>::input_extent;
  template <std::size_t In>
  static constexpr std::size_t output_extent = detail::chain_extent<In, detail::LayerOf<Layers>...>();
  static constexpr bool has_slopes = true;

  constexpr explicit Chain(const Layers&... layers) : layers_(detail::as_layer(layers)...) {}

  constexpr const auto& layers() const { return layers_; }
  constexpr std::size_t output_size(std::size_t inputs) const {
    each([&](const auto& layer) { inputs = layer.output_size(inputs); });
    return inputs;
  }
  constexpr std::size_t parameter_count() const {
    std::size_t total = 0;
    each([&](const auto& layer) { total += layer.parameter_count(); });
    return total;
  }
  void check_input(std::size_t size) const {
    each([&](const auto& layer) {
      layer.check_input(size);
      size = layer.output_size(size);
    });
  }
  LayerDescription describe() const {
    LayerDescription description{"Chain"};
    each([&](const auto& layer) { description.layers.push_back(costate::describe(layer)); });
    return description;
  }
  template <class T>
  void initialize(T* p, std::uint64_t seed, std::uint32_t layer_number) const {
    each([&](const auto& layer) {
      layer.initialize(p, seed, layer_number);
      p += layer.parameter_count();
      layer_number += 1;
    });
  }
  /// Kept for the pullback: the inputs of all layers after the first, and their slopes.
  std::size_t slope_count(std::size_t inputs) const {
    std::size_t total = 0;
    each([&](const auto& layer) {
      total += detail::slope_count(layer, inputs);
      inputs = layer.output_size(inputs);
      total += inputs;
    });
    return total;
  }

  template <class S, class PT>
  void forward(const S* x, std::size_t inputs, const PT* p, S* y, S* kept) const {
    forward_from<0, input_extent>(x, inputs, p, y, kept);
  }
  template <class T>
  void pullback(const T* x, std::size_t inputs, const T* kept, const T* ybar, const T* p, T* xbar,
                T* pbar) const {
    pullback_from<0, input_extent>(x, inputs, kept, ybar, p, xbar, pbar);
  }

  static constexpr bool needs_output =
      detail::needs_output<std::tuple_element_t<count - 1, std::tuple<detail::LayerOf<Layers>...>>>();
  std::size_t kept_in_lanes(std::size_t inputs) const {
    std::size_t total = 0, outputs = 0;
    each([&](const auto& layer) {
      total += outputs + detail::kept_in_lanes(layer, inputs);
      outputs = inputs = layer.output_size(inputs);
    });
    return total;
  }
  template <class S, class PT>
  void forward_lanes(const S* x, std::size_t inputs, std::size_t n, const PT* p, S* y, S* kept) const {
    forward_lanes_from<0>(x, inputs, n, p, y, kept);
  }
  template <class T>
  void pullback_lanes(const T* x, std::size_t inputs, std::size_t n, const T* y, const T* kept, T* z,
                      const T* p, T* xbar, T* pbar, detail::ReadAhead& ahead) const {
    pullback_lanes_from<0>(x, inputs, n, y, kept, z, p, xbar, pbar, ahead);
  }

 private:
  template <class F>
  constexpr void each(F&& f) const {
    std::apply([&](const auto&... layer) { (f(layer), ...); }, layers_);
  }
  template <std::size_t I>
  using LayerAt = std::tuple_element_t<I, std::tuple<detail::LayerOf<Layers>...>>;

  template <std::size_t I, std::size_t In, class S, class PT>
  void forward_from(const S* x, std::size_t inputs, const PT* p, S* y, S* kept) const {
    const auto& layer = std::get<I>(layers_);
    S* slopes = kept != nullptr && detail::slope_count(layer, inputs) > 0 ? kept : nullptr;
    if constexpr (I + 1 == count) {
      layer.forward(x, inputs, p, y, slopes);
    } else {
      constexpr std::size_t out = LayerAt<I>::template output_extent<In>;
      const std::size_t outputs = layer.output_size(inputs);
      if (kept != nullptr) {
        S* output = kept + detail::slope_count(layer, inputs);
        layer.forward(x, inputs, p, output, slopes);
        forward_from<I + 1, out>(static_cast<const S*>(output), outputs, p + layer.parameter_count(), y,
                                 output + outputs);
      } else {
        auto output = detail::zeros<S, out>(outputs);
        layer.forward(x, inputs, p, output.data(), slopes);
        forward_from<I + 1, out>(static_cast<const S*>(output.data()), outputs, p + layer.parameter_count(),
                                 y, kept);
      }
    }
  }
  template <std::size_t I, std::size_t In, class T>
  void pullback_from(const T* x, std::size_t inputs, const T* kept, const T* ybar, const T* p, T* xbar,
                     T* pbar) const {
    const auto& layer = std::get<I>(layers_);
    const std::size_t own = detail::slope_count(layer, inputs);
    const T* slopes = own > 0 ? kept : nullptr;
    if constexpr (I + 1 == count) {
      layer.pullback(x, inputs, slopes, ybar, p, xbar, pbar);
    } else {
      constexpr std::size_t out = LayerAt<I>::template output_extent<In>;
      const std::size_t outputs = layer.output_size(inputs), parameters = layer.parameter_count();
      const T* output = kept + own;
      auto output_bar = detail::zeros<T, out>(outputs);
      pullback_from<I + 1, out>(output, outputs, output + outputs, ybar, p + parameters, output_bar.data(),
                                pbar != nullptr ? pbar + parameters : nullptr);
      layer.pullback(x, inputs, slopes, static_cast<const T*>(output_bar.data()), p, xbar, pbar);
    }
  }

  // A block of samples: kept are, layer by layer, what it keeps and (of all but the last) its output.
  template <std::size_t I, class S, class PT>
  void forward_lanes_from(const S* x, std::size_t inputs, std::size_t n, const PT* p, S* y, S* kept) const {
    const auto& layer = std::get<I>(layers_);
    if constexpr (I + 1 == count) {
      detail::layer_forward_lanes(layer, x, inputs, n, p, y, kept);
    } else {
      const std::size_t outputs = layer.output_size(inputs);
      detail::Buffer<S> memory(kept == nullptr ? outputs * n : 0);
      S* output = kept != nullptr ? kept + detail::kept_in_lanes(layer, inputs) * n : memory.data();
      detail::layer_forward_lanes(layer, x, inputs, n, p, output, kept);
      forward_lanes_from<I + 1>(static_cast<const S*>(output), outputs, n, p + layer.parameter_count(), y,
                                kept != nullptr ? output + outputs * n : nullptr);
    }
  }
  template <std::size_t I, class T>
  void pullback_lanes_from(const T* x, std::size_t inputs, std::size_t n, const T* y, const T* kept, T* z,
                           const T* p, T* xbar, T* pbar, detail::ReadAhead& ahead) const {
    const auto& layer = std::get<I>(layers_);
    if constexpr (I + 1 == count) {
      detail::layer_pullback_lanes(layer, x, inputs, n, y, kept, z, p, xbar, pbar, ahead);
    } else {
      const std::size_t outputs = layer.output_size(inputs), parameters = layer.parameter_count();
      const T* output = kept + detail::kept_in_lanes(layer, inputs) * n;
      detail::Buffer<T> output_bar(outputs * n);
      pullback_lanes_from<I + 1>(output, outputs, n, y, output + outputs * n, z, p + parameters,
                                 output_bar.data(), pbar != nullptr ? pbar + parameters : nullptr, ahead);
      detail::layer_pullback_lanes(layer, x, inputs, n, output, kept, output_bar.data(), p, xbar, pbar,
                                   ahead);
    }
  }

  std::tuple<detail::LayerOf<Layers>...> layers_;
};

}  // namespace costate
