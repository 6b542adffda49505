#pragma once

#include <costate/core/instruction_namespace.hpp>
#include <costate/core/memory_pool.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/detail/packed_dense.hpp>

#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>

namespace costate::detail::inline COSTATE_INSTRUCTIONS {

template <class Net>
struct LayersOf {
  using type = std::tuple<Net>;
  static std::tuple<Net> get(const Net& net) { return std::tuple<Net>(net); }
};
template <class... Layers>
struct LayersOf<Chain<Layers...>> {
  using type = std::tuple<LayerOf<Layers>...>;
  static const type& get(const Chain<Layers...>& net) { return net.layers(); }
};

template <class L>
inline constexpr bool is_dense = false;
template <std::size_t In, std::size_t Out, auto Activation>
inline constexpr bool is_dense<Dense<In, Out, Activation>> = true;

/// A network at parameters that stay the same for many evaluations on single states of `In` numbers: its
/// dense layers are packed, the others read the flat vector.
template <class Net, class T, std::size_t In>
class PackedNet {
  using Layers = typename LayersOf<Net>::type;
  static constexpr std::size_t count = std::tuple_size_v<Layers>;
  template <std::size_t I>
  using LayerAt = std::tuple_element_t<I, Layers>;
  template <std::size_t I>
  static constexpr bool packs = has_lane_kernels<T>&& is_dense<LayerAt<I>>;

  /// Behind the run of dense layers that begins at I.
  template <std::size_t I>
  static constexpr std::size_t run_end() {
    if constexpr (I < count) {
      if constexpr (packs<I>) return run_end<I + 1>();
    }
    return I;
  }
  template <std::size_t I, std::size_t Inputs>
  static constexpr std::size_t extent_of_layer() {
    return LayerAt<I>::template output_extent<Inputs>;
  }
  template <std::size_t I, std::size_t End, std::size_t Inputs>
  static constexpr std::size_t extent_behind() {
    if constexpr (I == End)
      return Inputs;
    else
      return extent_behind<I + 1, End, extent_of_layer<I, Inputs>()>();
  }

  template <std::size_t Size>
  static constexpr bool is_small = Size != dynamic&& Size <= 8;
  /// Whether the run of layers I … end − 1 may be a pair of few inputs and outputs.
  template <std::size_t I, std::size_t End, std::size_t Inputs, std::size_t Outputs>
  static constexpr bool is_few_pair = End - I == 2 && are_few<T, Inputs>&& are_few<T, Outputs>;

 public:
  PackedNet(const Net& net, std::size_t inputs, const T* p)
      : layers_(LayersOf<Net>::get(net)), inputs_(inputs), outputs_(net.output_size(inputs)), p_(p) {
    place<0>(inputs, 0);
    packed_.resize(sizes_.parameters);
    pack<0>();
  }

  std::size_t inputs() const { return In != dynamic ? In : inputs_; }
  std::size_t kept_size() const { return sizes_.kept; }

  /// y = net(x; p); `kept`, kept_size() numbers that begin at a line of 64 bytes, takes what the pullback
  /// needs; it may be null.
  [[gnu::always_inline]] void forward(const T* x, T* y, T* kept) {
    if (kept == nullptr) {
      scratch_.resize(kept_size());
      kept = scratch_.data();
    }
    forward_from<0, In>(x, inputs(), y, kept);
  }

  /// The way back, summed over evaluations.
  class Pullback {
   public:
    /// `differentiates_p`: the adjoint of the parameters is wanted.
    Pullback(PackedNet& net, std::size_t parameters, bool differentiates_p)
        : net_(net),
          input_lines_(in_lines<T>(net.inputs())),
          slot_lines_(net.sizes_.cotangents + input_lines_),
          cotangents_(packed_slots * slot_lines_),
          packed_gradient_(differentiates_p ? net.sizes_.parameters : 0),
          pbar_(differentiates_p && net.reads_flat_ ? parameters : 0) {
      clear(cotangents_);
      start();
    }
    void start() {
      clear(packed_gradient_);
      clear(pbar_);
      waiting_ = 0;
    }
    /// xbar = (∂y/∂x)ᵀ ybar, neither null. `kept` stays as it is until `finish`; where it is null, the forward pass is made
    /// again.
    [[gnu::always_inline]] void operator()(const T* x, const T* kept, const T* ybar, T* xbar) {
      T* const slot = cotangents_.data() + waiting_ * slot_lines_;
      if (kept == nullptr) kept = forward_again(x);
      net_.template pullback_from<0, In>(*this, x, net_.inputs(), kept, ybar, xbar, slot + input_lines_);
      if (packed_gradient_.empty()) return;
      for (std::size_t i = 0; i < net_.inputs(); ++i) slot[i] = x[i];
      slots_[waiting_] = {slot, kept, slot + input_lines_};
      if (++waiting_ == packed_slots) flush();
    }
    /// pbar += the sum.
    void finish(T* pbar) {
      flush();
      for (std::size_t k = 0; k < pbar_.size(); ++k) pbar[k] = pbar[k] + pbar_[k];
      if (!packed_gradient_.empty()) net_.template add_unpacked<0>(packed_gradient_.data(), pbar);
    }

   private:
    friend PackedNet;
    static void clear(Buffer<T>& buffer) {
      for (T& x : buffer) x = T(0);
    }
    [[gnu::noinline]] const T* forward_again(const T* x) {
      const std::size_t size = net_.kept_size();
      again_.resize(packed_slots * size + in_lines<T>(net_.outputs_));
      T* const to = again_.data() + waiting_ * size;
      net_.forward(x, again_.data() + packed_slots * size, to);
      return to;
    }
    [[gnu::noinline]] void flush() {
      net_.template add_gradients<0>(slots_, waiting_, packed_gradient_.data());
      waiting_ = 0;
    }

    PackedNet& net_;
    std::size_t input_lines_, slot_lines_, waiting_ = 0;
    PackedSlot<T> slots_[packed_slots];
    Buffer<T> cotangents_, packed_gradient_, pbar_, again_;
  };

 private:
  template <std::size_t I>
  void place(std::size_t size, std::size_t parameters) {
    if constexpr (I < count) {
      const auto& layer = std::get<I>(layers_);
      constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
      if constexpr (packs<I>) {
        parameters_[I] = parameters;
        const auto describe = [&](auto l) {
          const auto& dense = std::get<l>(layers_);
          dense_[l].in = dense.input_size();
          dense_[l].out = dense.output_size();
          dense_[l].act = LayerAt<l>::kind;
          parameters += dense.parameter_count();
        };
        [&]<std::size_t... L>(std::index_sequence<L...>) {
          (describe(std::integral_constant<std::size_t, I + L>{}), ...);
        }
        (std::make_index_sequence<end - I>{});
        place_packed<T>(dense_ + I, end - I, end == count, sizes_);
        runs_[I] = packed_run<T>(dense_ + I, end - I);
        size = dense_[end - 1].out;
      } else {
        parameters_[I] = parameters;
        slopes_[I] = sizes_.kept;
        sizes_.kept += in_lines<T>(slope_count(layer, size));
        size = layer.output_size(size);
        output_[I] = sizes_.kept;
        if (end < count) {
          sizes_.kept += in_lines<T>(size);
          output_bar_[I] = sizes_.cotangents;
          sizes_.cotangents += in_lines<T>(size);
        }
        reads_flat_ = reads_flat_ || layer.parameter_count() > 0;
        parameters += layer.parameter_count();
      }
      place<end>(size, parameters);
    }
  }
  template <std::size_t I>
  void pack() {
    if constexpr (I < count) {
      constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
      if constexpr (packs<I>) pack_dense(dense_ + I, end - I, p_ + parameters_[I], packed_.data());
      pack<end>();
    }
  }
  template <std::size_t I>
  void add_unpacked(const T* packed, T* pbar) const {
    if constexpr (I < count) {
      constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
      if constexpr (packs<I>) add_unpacked_dense(dense_ + I, end - I, packed, pbar + parameters_[I]);
      add_unpacked<end>(packed, pbar);
    }
  }
  template <std::size_t I>
  void add_gradients(PackedSlot<T>* slots, std::size_t n, T* gradient) const {
    if constexpr (I < count) {
      constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
      if constexpr (packs<I>) {
        if constexpr (I > 0)
          for (std::size_t k = 0; k < n; ++k) slots[k].x = slots[k].kept + output_[I - 1];
        add_packed_gradient(dense_ + I, end - I, slots, n, gradient);
      }
      add_gradients<end>(slots, n, gradient);
    }
  }

  template <std::size_t I, std::size_t Inputs>
  [[gnu::always_inline]] void forward_from(const T* x, std::size_t inputs, T* y, T* kept) const {
    constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
    constexpr std::size_t out = extent_behind<I, end, Inputs>();
    if constexpr (packs<I>) {
      T* to = end == count ? y : kept + dense_[end - 1].output;
      if constexpr (is_few_pair<I, end, Inputs, out>) {
        if (runs_[I].few_forward != nullptr) {
          const auto numbers = Few<T>::template apply<Inputs>(
              x, [&](auto... xs) __attribute__((always_inline)) {
                return runs_[I].few_forward(dense_ + I, packed_.data(), kept, xs...);
              });
          for (std::size_t m = 0; m < out; ++m) to[m] = numbers[m];
        } else {
          runs_[I].forward(dense_ + I, end - I, packed_.data(), x, to, kept);
        }
      } else {
        runs_[I].forward(dense_ + I, end - I, packed_.data(), x, to, kept);
      }
      if constexpr (end < count) forward_from<end, out>(to, dense_[end - 1].out, y, kept);
    } else {
      const auto& layer = std::get<I>(layers_);
      const std::size_t n = Inputs != dynamic ? Inputs : inputs;
      T* const to = end == count ? y : kept + output_[I];
      T* const slopes = slope_count(layer, n) > 0 ? kept + slopes_[I] : static_cast<T*>(nullptr);
      if constexpr (is_small<out>) {
        // a local array, so that the next layer need not wait for what was just stored
        T local[out == 0 ? 1 : out];
        layer.forward(x, n, p_ + parameters_[I], local, slopes);
        for (std::size_t m = 0; m < out; ++m) to[m] = local[m];
        if constexpr (end < count) forward_from<end, out>(local, out, y, kept);
      } else {
        layer.forward(x, n, p_ + parameters_[I], to, slopes);
        if constexpr (end < count) forward_from<end, out>(to, layer.output_size(n), y, kept);
      }
    }
  }
  /// xbar is assigned.
  template <std::size_t I, std::size_t Inputs>
  [[gnu::always_inline]] void pullback_from(Pullback& back, const T* x, std::size_t inputs, const T* kept,
                                            const T* ybar, T* xbar, T* cotangents) const {
    constexpr std::size_t end = packs<I> ? run_end<I>() : I + 1;
    constexpr std::size_t out = extent_behind<I, end, Inputs>();
    if constexpr (packs<I>) {
      const PackedDense& last = dense_[end - 1];
      const T* to_bar = ybar;
      if constexpr (end < count) {
        T* const bar = cotangents + last.cotangent;
        pullback_from<end, out>(back, kept + last.output, last.out, kept, ybar, bar, cotangents);
        to_bar = bar;
      }
      if constexpr (is_few_pair<I, end, Inputs, out>) {
        if (runs_[I].few_pullback != nullptr) {
          const auto numbers = Few<T>::template apply<out>(
              to_bar, [&](auto... bars) __attribute__((always_inline)) {
                return runs_[I].few_pullback(dense_ + I, packed_.data(), kept, cotangents, bars...);
              });
          for (std::size_t m = 0; m < Inputs; ++m) xbar[m] = numbers[m];
          return;
        }
      }
      runs_[I].pullback(dense_ + I, end - I, packed_.data(), kept, to_bar, xbar, cotangents);
    } else {
      const auto& layer = std::get<I>(layers_);
      const std::size_t n = Inputs != dynamic ? Inputs : inputs;
      const T* to_bar = ybar;
      [[maybe_unused]] T local_bar[is_small<out> && out > 0 ? out : 1];
      if constexpr (end < count) {
        T* const bar = is_small<out> ? local_bar : cotangents + output_bar_[I];
        pullback_from<end, out>(back, kept + output_[I], layer.output_size(n), kept, ybar, bar, cotangents);
        to_bar = bar;
      }
      const auto pull = [&](T* to) {
        for (std::size_t i = 0; i < n; ++i) to[i] = T(0);
        layer.pullback(x, n, slope_count(layer, n) > 0 ? kept + slopes_[I] : static_cast<const T*>(nullptr),
                       to_bar, p_ + parameters_[I], to,
                       back.pbar_.size() > 0 ? back.pbar_.data() + parameters_[I] : static_cast<T*>(nullptr));
      };
      if constexpr (is_small<Inputs>) {
        // a local array, so that zeros are no numbers to wait for
        T local[Inputs == 0 ? 1 : Inputs];
        pull(local);
        for (std::size_t i = 0; i < n; ++i) xbar[i] = local[i];
      } else {
        pull(xbar);
      }
    }
  }

  Layers layers_;
  std::size_t inputs_, outputs_;
  const T* p_;
  bool reads_flat_ = false;  // a layer that is not packed has parameters
  PackedSizes sizes_;
  PackedDense dense_[count] = {};
  PackedRun<T> runs_[count] = {};  // by the first layer of each
  // of layers that are not packed: where their parameters, slopes, outputs and adjoints of outputs begin
  std::size_t parameters_[count] = {}, slopes_[count] = {}, output_[count] = {}, output_bar_[count] = {};
  Buffer<T> packed_, scratch_;
};

}  // namespace costate::detail::inline COSTATE_INSTRUCTIONS
