#pragma once

#include <costate/core/matrix.hpp>
#include <costate/core/vector.hpp>
#include <costate/problems/ode_problem.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace costate {

/// A layer that appends zeros to its input and hands it to another: node([x; 0, …, 0], p).
///
///     const AugmentedNDELayer augmented(node, 1);   // a network with one more input and output than x
///
/// Paths of an autonomous equation cannot cross, so u(t₀) → u(t₁) keeps the neighborhoods of the plane: what
/// lies around a set stays around it. In one more dimension it can be lifted out. The solution has the
/// appended states too. Of a Matrix of [features × samples] every column gets the zeros. E. Dupont, A. Doucet
/// & Y. W. Teh, Augmented Neural ODEs, NeurIPS 2019, §4, arXiv:1904.01681.
template <class Node>
class AugmentedNDELayer {
 public:
  AugmentedNDELayer(Node node, std::size_t zeros) : node_(std::move(node)), zeros_(zeros) {}

  std::size_t parameter_count() const { return node_.parameter_count(); }
  /// How many zeros are appended.
  std::size_t zeros() const { return zeros_; }
  const Node& node() const { return node_; }
  decltype(auto) net() const requires requires(const Node& node) { node.net(); }
  { return node_.net(); }
  template <class T = double>
  auto initial_parameters(std::uint64_t seed) const {
    return node_.template initial_parameters<T>(seed);
  }

  template <class X, class P>
  [[gnu::always_inline]] auto operator()(const X& x, const P& p) const {
    return node_(augmented(detail::own(x)), p);
  }
  template <class T, std::size_t N, class P>
  [[gnu::always_inline]] auto operator()(const T (&x)[N], const P& p) const {
    return (*this)(detail::own(x), p);
  }
  /// Every column of x by itself, as of the node.
  template <MatrixLike X, class P>
  [[gnu::always_inline]] auto each(const X& x, const P& p) const {
    return node_.each(augmented(x), p);
  }

 private:
  template <class X>
  auto augmented(const X& x) const {
    using S = common_scalar_t<scalar_of<X>>;
    if constexpr (MatrixLike<X>) {
      Matrix<S> longer(x.rows() + zeros_, x.cols());
      for (std::size_t j = 0; j < x.cols(); ++j)
        for (std::size_t i = 0; i < x.rows(); ++i) longer(i, j) = x(i, j);
      return longer;
    } else {
      Vector<S> longer(x.size() + zeros_);
      for (std::size_t i = 0; i < x.size(); ++i) longer[i] = x[i];
      return longer;
    }
  }

  Node node_;
  std::size_t zeros_;
};

}  // namespace costate
