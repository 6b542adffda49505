#pragma once

#include <costate/ad/dual.hpp>
#include <costate/nn/activation.hpp>
#include <costate/nn/dense_kernels.hpp>
#include <costate/nn/description.hpp>
#include <costate/nn/layer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace costate {

/// The layer yᵢ = f(xᵢ) of a plain generic function of one number; what a function in a Chain becomes. Its
/// derivative comes from one Dual pass, or from the kernel where f is one of costate::activation.
template <class F>
class Elementwise : public detail::LayerCall<Elementwise<F>> {
 public:
  static constexpr std::size_t input_extent = dynamic;
  template <std::size_t In>
  static constexpr std::size_t output_extent = In;
  static constexpr bool has_slopes = true;

  constexpr explicit Elementwise(F f) : f_(std::move(f)) {}
  constexpr std::size_t output_size(std::size_t inputs) const { return inputs; }
  constexpr std::size_t parameter_count() const { return 0; }
  void check_input(std::size_t) const {}
  LayerDescription describe() const {
    if constexpr (requires { F::kind; })
      return detail::describe_function(F::kind);
    else
      return detail::describe_function();
  }
  template <class T>
  void initialize(T*, std::uint64_t, std::uint32_t) const {}

  template <class S, class PT>
  void forward(const S* x, std::size_t n, const PT*, S* y, S* slopes) const {
    if constexpr (is_kernel<S>) {
      detail::activate(x, y, slopes, n, F::kind);
    } else if (slopes == nullptr) {
      for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<S>(f_(x[i]));
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        const Dual<S, 1> value = f_(Dual<S, 1>::variable(x[i], 0));
        y[i] = value.value;
        slopes[i] = value.partial[0];
      }
    }
  }
  template <class T>
  void pullback(const T*, std::size_t n, const T* slopes, const T* ybar, const T*, T* xbar, T*) const {
    if (xbar == nullptr) return;
    for (std::size_t i = 0; i < n; ++i) xbar[i] = xbar[i] + slopes[i] * ybar[i];
  }

  static constexpr bool needs_output = false;
  std::size_t kept_in_lanes(std::size_t inputs) const { return inputs; }
  template <class S, class PT>
  void forward_lanes(const S* x, std::size_t inputs, std::size_t n, const PT* p, S* y, S* kept) const {
    if constexpr (!is_kernel<S> && detail::has_lane_kernels<S>) {
      // a fixed number at a time, so that every compiler makes packs of them
      constexpr std::size_t chunk = detail::lane_multiple<S>;
      for (std::size_t from = 0; from < inputs * n; from += chunk) {
        S in[chunk], out[chunk], slope[chunk];
        for (std::size_t i = 0; i < chunk; ++i) in[i] = x[from + i];
        if (kept == nullptr) {
          for (std::size_t i = 0; i < chunk; ++i) out[i] = static_cast<S>(f_(in[i]));
        } else {
          for (std::size_t i = 0; i < chunk; ++i) {
            const Dual<S, 1> value = f_(Dual<S, 1>::variable(in[i], 0));
            out[i] = value.value;
            slope[i] = value.partial[0];
          }
          for (std::size_t i = 0; i < chunk; ++i) kept[from + i] = slope[i];
        }
        for (std::size_t i = 0; i < chunk; ++i) y[from + i] = out[i];
      }
    } else {
      forward(x, inputs * n, p, y, kept);
    }
  }
  template <class T>
  void pullback_lanes(const T*, std::size_t inputs, std::size_t n, const T*, const T* kept, T* z, const T*,
                      T* xbar, T*, detail::ReadAhead&) const {
    if (xbar == nullptr) return;
    for (std::size_t i = 0; i < inputs * n; ++i) xbar[i] = kept[i] * z[i];
  }

 private:
  template <class S>
  static constexpr bool is_kernel = requires {
    F::kind;
  }
  &&(std::is_same_v<S, float> || std::is_same_v<S, double>);
  F f_;
};

}  // namespace costate
