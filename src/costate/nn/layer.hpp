#pragma once

#include <costate/ad/operand.hpp>
#include <costate/core/foreign_view.hpp>
#include <costate/core/instruction_namespace.hpp>
#include <costate/core/vector.hpp>
#include <costate/nn/detail/batch.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace costate {

/// A function y = layer(x, p) with all its parameters in one flat vector. A layer is a value without state:
///
///     parameter_count(), output_size(inputs), check_input(size), initialize(p, seed, layer)
///     forward(x, inputs, p, y, slopes)                      slopes: what the pullback needs besides x,
///     [outputs]; may be null pullback(x, inputs, slopes, ybar, p, xbar, pbar)        xbar += …, pbar += …;
///     both may be null
///
/// forward is called with any scalar, pullback with float, double and Dual.
template <class L>
concept Layer = requires(const L& layer, double* p) {
  { layer.parameter_count() } -> std::convertible_to<std::size_t>;
  { layer.output_size(std::size_t{}) } -> std::convertible_to<std::size_t>;
  layer.check_input(std::size_t{});
  layer.initialize(p, std::uint64_t{}, std::uint32_t{});
};

namespace detail::inline COSTATE_INSTRUCTIONS {

/// The numbers of x as a bare array: its own memory, or a converted copy.
template <class S, class V>
class Array {
 public:
  explicit Array(const V& x) {
    if constexpr (direct) {
      data_ = x.data();
    } else {
      copy_ = zeros<S, extent_of<V>>(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) copy_[i] = static_cast<S>(x[i]);
    }
  }
  const S* data() const {
    if constexpr (direct)
      return data_;
    else
      return copy_.data();
  }

 private:
  static constexpr bool direct = std::is_same_v<scalar_of<V>, S> && requires(const V& x) { x.data(); };
  const S* data_ = nullptr;
  Vector<S, extent_of<V>> copy_{};
};

template <class S>
inline constexpr bool is_variable = false;
template <class T>
inline constexpr bool is_variable<Var<T>> = true;

/// One layer, or a whole chain, on variables: one node.
template <class L, class T>
struct LayerNode {
  L layer;
  Operand<T> x, p;
  T *y, *slopes;

  static void pull(T* adjoints, void* data, std::int32_t first) {
    const auto& node = *static_cast<const LayerNode*>(data);
    // arguments that stand in a row on the tape are added to in place
    T *x_to = node.x.row(adjoints), *p_to = node.p.row(adjoints);
    // a kernel may not be given one place twice: an input that is read from the parameters is added
    // afterwards
    if (x_to && p_to && x_to < p_to + node.p.size && p_to < x_to + node.x.size) x_to = nullptr;
    Vector<T> xbar(node.x.constant() || x_to ? 0 : node.x.size);
    Vector<T> pbar(node.p.constant() || p_to ? 0 : node.p.size);
    if (xbar.size() > 0) x_to = xbar.data();
    if (pbar.size() > 0) p_to = pbar.data();
    node.layer.pullback(node.x.values, node.x.size, node.slopes, adjoints + first, node.p.values, x_to, p_to);
    if (xbar.size() > 0) node.x.add(adjoints, xbar.data());
    if (pbar.size() > 0) node.p.add(adjoints, pbar.data());
  }
};

/// layer(x, p) for every kind of scalar.
template <class L, VectorLike X, VectorLike P>
auto call_layer(const L& layer, const X& x, const P& p) {
  layer.check_input(x.size());
  if (p.size() != layer.parameter_count())
    reject_size("layer(x, p): parameters p", layer.parameter_count(), p.size());
  using S = common_scalar_t<scalar_of<X>, std::conditional_t<extent_of<P> == 0, scalar_of<X>, scalar_of<P>>>;
  constexpr std::size_t out = L::template output_extent<extent_of<X>>;
  const std::size_t outputs = layer.output_size(x.size());
  auto y = zeros<S, out>(outputs);
  if constexpr (is_variable<S>) {
    using T = typename S::value_type;
    static_assert(std::is_trivially_destructible_v<L>);
    Tape<T>& tape = current_tape<T>();
    auto* node =
        new (tape.template allocate<LayerNode<L, T>>()) LayerNode<L, T>{layer, {}, {}, nullptr, nullptr};
    node->x = operand<T>(tape, x);
    node->p = operand<T>(tape, p);
    node->y = tape.template allocate<T>(outputs);
    const std::size_t kept = slope_count(layer, x.size());
    node->slopes = kept > 0 ? tape.template allocate<T>(kept) : nullptr;
    layer.forward(node->x.values, x.size(), node->p.values, node->y, node->slopes);
    const std::int32_t first = tape.push_block(outputs, &LayerNode<L, T>::pull, node);
    for (std::size_t i = 0; i < outputs; ++i)
      y[i] = S(node->y[i], first + static_cast<std::int32_t>(i), tape.id());
  } else {
    // parameters stay plain numbers where only the state carries derivatives
    using PS =
        std::conditional_t<PlainScalar<S>, S, std::conditional_t<PlainScalar<scalar_of<P>>, base_t<S>, S>>;
    const Array<S, X> xs(x);
    const Array<PS, P> ps(p);
    layer.forward(xs.data(), x.size(), ps.data(), y.data(), static_cast<S*>(nullptr));
  }
  return y;
}

/// layer(x, p) of every column of x: [inputs × samples] to [outputs × samples].
template <class L, MatrixLike X, VectorLike P>
auto call_layer(const L& layer, const X& x, const P& p) {
  layer.check_input(x.rows());
  if (p.size() != layer.parameter_count())
    reject_size("layer(x, p): parameters p", layer.parameter_count(), p.size());
  using S = common_scalar_t<scalar_of<X>, std::conditional_t<extent_of<P> == 0, scalar_of<X>, scalar_of<P>>>;
  const std::size_t outputs = layer.output_size(x.rows());
  Matrix<S> y(outputs, x.cols());
  if constexpr (is_variable<S>) {
    using T = typename S::value_type;
    Tape<T>& tape = current_tape<T>();
    auto* node = new (tape.template allocate<BatchNode<L, T>>())
        BatchNode<L, T>{layer, {layer, x.rows(), x.cols()}, {}, {}, nullptr};
    node->x = operand<T>(tape, flat(x));
    node->p = operand<T>(tape, p);
    node->kept = allocate_lines(tape, node->plan.kept_size());
    T* values = tape.template allocate<T>(y.size());
    batch_forward(layer, node->plan, node->x.values, node->p.values, values, node->kept);
    const std::int32_t first = tape.push_block(y.size(), &BatchNode<L, T>::pull, node);
    for (std::size_t k = 0; k < y.size(); ++k)
      y.data()[k] = S(values[k], first + static_cast<std::int32_t>(k), tape.id());
  } else {
    using PS =
        std::conditional_t<PlainScalar<S>, S, std::conditional_t<PlainScalar<scalar_of<P>>, base_t<S>, S>>;
    const auto numbers = flat(x);
    const Array<S, std::remove_const_t<decltype(numbers)>> xs(numbers);
    const Array<PS, P> ps(p);
    batch_forward(layer, BatchPlan<L, S>(layer, x.rows(), x.cols()), xs.data(), ps.data(), y.data(),
                  static_cast<S*>(nullptr));
  }
  return y;
}

template <class L>
std::size_t slope_count(const L& layer, std::size_t inputs) {
  if constexpr (requires { layer.slope_count(inputs); })
    return layer.slope_count(inputs);
  else
    return L::has_slopes ? layer.output_size(inputs) : 0;
}

}  // namespace detail::inline COSTATE_INSTRUCTIONS

namespace detail {

/// What every layer offers its callers.
template <class Self>
class LayerCall {
 public:
  /// y = layer(x, p): x and p any vectors; y takes their common scalar. Where x is a matrix of
  /// [inputs × samples], y is one of [outputs × samples]. Throws std::invalid_argument for wrong sizes.
  template <class X, class P>
  [[gnu::always_inline]] inline auto operator()(const X& x, const P& p) const {
    return call_layer(self(), as_vector_like(x), as_vector_like(p));
  }
  /// Parameters to start from, a function of the seed alone.
  template <class T = double>
  Vector<T> initial_parameters(std::uint64_t seed) const {
    Vector<T> p(self().parameter_count());
    self().initialize(p.data(), seed, 0);
    return p;
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

}  // namespace detail
}  // namespace costate
