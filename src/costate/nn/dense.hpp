#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/vector.hpp>
#include <costate/nn/activation.hpp>
#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/glorot.hpp>
#include <costate/nn/layer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace costate {

/// The layer y = σ(W x + b), W [Out × In], b [Out].
///
///     Dense<2, 50, activation::tanh>{}        sizes in the type
///     Dense{2, 50, activation::tanh}          sizes at run time
///
/// It holds no parameters: `layer(x, p)` takes them as one flat vector, W column by column, then b.
template <std::size_t In = dynamic, std::size_t Out = dynamic, auto Activation = activation::identity>
class Dense : public detail::LayerCall<Dense<In, Out, Activation>> {
  using Function = std::remove_cvref_t<decltype(Activation)>;

 public:
  static constexpr std::size_t input_extent = In;
  template <std::size_t>
  static constexpr std::size_t output_extent = Out;
  static constexpr bool has_slopes = Function::kind != detail::Activation::identity;

  constexpr Dense() requires(In != dynamic && Out != dynamic) = default;
  constexpr Dense(std::size_t in, std::size_t out, Function = {}) : in_(in), out_(out) {
    if (In != dynamic && in != In) detail::reject_size("Dense: inputs", In, in);
    if (Out != dynamic && out != Out) detail::reject_size("Dense: outputs", Out, out);
    if (in == 0 || out == 0) detail::reject("Dense: sizes", "at least 1 input and 1 output", "0");
  }

  constexpr std::size_t input_size() const { return In != dynamic ? In : in_; }
  constexpr std::size_t output_size() const { return Out != dynamic ? Out : out_; }
  constexpr std::size_t output_size(std::size_t) const { return output_size(); }
  constexpr std::size_t parameter_count() const { return (input_size() + 1) * output_size(); }
  void check_input(std::size_t size) const {
    if (size != input_size()) detail::reject_size("Dense: input", input_size(), size);
  }

  template <class T>
  void initialize(T* p, std::uint64_t seed, std::uint32_t layer) const {
    GlorotUniform{}(p, input_size(), output_size(), seed, layer);
    for (std::size_t i = 0; i < output_size(); ++i) p[input_size() * output_size() + i] = T(0);
  }

  /// y = σ(W x + b); slopes, where not null, take σ′.
  template <class S, class PT>
  void forward(const S* x, std::size_t, const PT* p, S* y, S* slopes) const {
    const std::size_t in = input_size(), out = output_size();
    if constexpr (std::is_same_v<S, PT> && (std::is_same_v<S, float> || std::is_same_v<S, double>)) {
      detail::dense_forward(p, x, y, slopes, in, out, Function::kind);
    } else {
      const Function function{};
      for (std::size_t i = 0; i < out; ++i) {
        S z(p[in * out + i]);
        for (std::size_t k = 0; k < in; ++k) z = z + p[k * out + i] * x[k];
        y[i] = function(z);
        if (slopes != nullptr) slopes[i] = function.derivative(z);
      }
    }
  }
  /// xbar += Wᵀ z, pbar += [z xᵀ; z], z = ybar ∘ slopes. xbar and pbar may be null.
  template <class T>
  void pullback(const T* x, std::size_t, const T* slopes, const T* ybar, const T* p, T* xbar, T* pbar) const {
    const std::size_t in = input_size(), out = output_size();
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      detail::dense_pullback(p, x, slopes, ybar, xbar, pbar, in, out);
    } else {
      for (std::size_t i = 0; i < out; ++i) {
        const T z = slopes != nullptr ? ybar[i] * slopes[i] : ybar[i];
        for (std::size_t k = 0; k < in; ++k) {
          if (xbar != nullptr) xbar[k] = xbar[k] + p[k * out + i] * z;
          if (pbar != nullptr) pbar[k * out + i] = pbar[k * out + i] + z * x[k];
        }
        if (pbar != nullptr) pbar[in * out + i] = pbar[in * out + i] + z;
      }
    }
  }

 private:
  std::size_t in_ = In == dynamic ? 0 : In;
  std::size_t out_ = Out == dynamic ? 0 : Out;
};
Dense(std::size_t, std::size_t)->Dense<dynamic, dynamic, activation::identity>;
template <class Function>
Dense(std::size_t, std::size_t, Function) -> Dense<dynamic, dynamic, Function{}>;

}  // namespace costate
