#pragma once

#include <costate/core/errors.hpp>
#include <costate/core/vector.hpp>
#include <costate/nn/activation.hpp>
#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/description.hpp>
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
  static constexpr detail::Activation kind = Function::kind;
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

  LayerDescription describe() const {
    return detail::describe_dense(input_size(), output_size(), Function::kind);
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

  static constexpr bool needs_output =
      detail::slope_from_output(Function::kind) && Function::kind != detail::Activation::identity;
  std::size_t kept_in_lanes(std::size_t) const {
    return detail::slope_from_output(Function::kind) ? 0 : output_size();
  }
  template <class S, class PT>
  void forward_lanes(const S* x, std::size_t, std::size_t n, const PT* p, S* y, S* kept) const {
    const std::size_t in = input_size(), out = output_size();
    S* slopes = detail::slope_from_output(Function::kind) ? nullptr : kept;
    if constexpr (std::is_same_v<S, PT> && detail::has_lane_kernels<S>) {
      detail::dense_forward_lanes(p, x, y, slopes, in, out, n, Function::kind);
    } else {
      const Function function{};
      for (std::size_t i = 0; i < out; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          S z(p[in * out + i]);
          for (std::size_t k = 0; k < in; ++k) z = z + p[k * out + i] * x[k * n + j];
          y[i * n + j] = function(z);
          if (slopes != nullptr) slopes[i * n + j] = function.derivative(z);
        }
    }
  }
  template <class T>
  void pullback_lanes(const T* x, std::size_t, std::size_t n, const T* y, const T* kept, T* z, const T* p,
                      T* xbar, T* pbar, detail::ReadAhead& ahead) const {
    const std::size_t in = input_size(), out = output_size();
    const T* slopes = detail::slope_from_output(Function::kind) ? nullptr : kept;
    if constexpr (detail::has_lane_kernels<T>) {
      detail::dense_pullback_lanes(p, x, y, slopes, z, xbar, pbar, in, out, n, Function::kind, ahead);
    } else {
      pullback_samples(x, n, y, slopes, z, p, xbar, pbar);
    }
  }

 private:
  /// The same for numbers that have no kernels.
  template <class T>
  void pullback_samples(const T* x, std::size_t n, const T* y, const T* slopes, T* z, const T* p, T* xbar,
                        T* pbar) const {
    const std::size_t in = input_size(), out = output_size();
    for (std::size_t i = 0; i < out * n; ++i) {
      if (slopes != nullptr)
        z[i] = z[i] * slopes[i];
      else if constexpr (Function::kind == detail::Activation::tanh)
        z[i] = z[i] * (T(1) - y[i] * y[i]);
      else if constexpr (Function::kind == detail::Activation::relu)
        z[i] = z[i] * (y[i] > T(0) ? T(1) : y[i]);
    }
    for (std::size_t k = 0; k < in && xbar != nullptr; ++k)
      for (std::size_t j = 0; j < n; ++j) {
        T sum(0);
        for (std::size_t i = 0; i < out; ++i) sum = sum + p[k * out + i] * z[i * n + j];
        xbar[k * n + j] = sum;
      }
    for (std::size_t i = 0; i < out && pbar != nullptr; ++i) {
      for (std::size_t k = 0; k < in; ++k)
        for (std::size_t j = 0; j < n; ++j)
          pbar[k * out + i] = pbar[k * out + i] + z[i * n + j] * x[k * n + j];
      for (std::size_t j = 0; j < n; ++j) pbar[in * out + i] = pbar[in * out + i] + z[i * n + j];
    }
  }

  std::size_t in_ = In == dynamic ? 0 : In;
  std::size_t out_ = Out == dynamic ? 0 : Out;
};
Dense(std::size_t, std::size_t)->Dense<dynamic, dynamic, activation::identity>;
template <class Function>
Dense(std::size_t, std::size_t, Function) -> Dense<dynamic, dynamic, Function{}>;

}  // namespace costate
