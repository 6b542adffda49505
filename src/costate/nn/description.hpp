#pragma once

#include <costate/nn/dense_kernels.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace costate {

/// Consecutive numbers of a flat parameter vector that belong together: a matrix, stored column by column, or
/// a vector.
struct ParameterBlock {
  std::string name;                ///< "weight"; "layers.0.weight" inside a Chain
  std::vector<std::size_t> shape;  ///< [outputs, inputs] of a weight, [outputs] of a bias

  std::size_t size() const;
  friend bool operator==(const ParameterBlock&, const ParameterBlock&) = default;
};

/// What a layer is, in words and sizes and without its parameters: two layers that are described alike take
/// the same parameter vectors. Sizes known when compiling and when running are described alike; of functions
/// that have no name, only that they are functions.
struct LayerDescription {
  std::string kind;        ///< "Dense", "Chain", "Elementwise"; "Layer" for one that does not describe itself
  std::size_t inputs = 0;  ///< 0: any number
  std::size_t outputs = 0;      ///< 0: as many as inputs
  std::string activation = {};  ///< "tanh", …; "function" for one without a name; "" where there is none
  std::vector<LayerDescription> layers = {};    ///< of a Chain
  std::vector<ParameterBlock> parameters = {};  ///< of the layer itself, in their order in the flat vector

  friend bool operator==(const LayerDescription& a, const LayerDescription& b);
};

/// Chain{Dense{2, 50, tanh}, Dense{50, 2}}.
std::string to_string(const LayerDescription& description);

/// All blocks of the flat vector, in order, named after their place: "layers.0.weight", "layers.0.bias", …
std::vector<ParameterBlock> parameter_blocks(const LayerDescription& description);

namespace detail {
LayerDescription describe_dense(std::size_t inputs, std::size_t outputs, Activation activation);
LayerDescription describe_function();
LayerDescription describe_function(Activation activation);
LayerDescription describe_unknown(std::size_t parameter_count);
}  // namespace detail

/// What a layer says of itself: `layer.describe()`; of an equation around a network, such as NeuralODE, what
/// its network says. A layer that has neither is "Layer" with all its parameters in one block.
template <class L>
LayerDescription describe(const L& layer) {
  if constexpr (requires { layer.describe(); })
    return layer.describe();
  else if constexpr (requires { layer.net(); })
    return describe(layer.net());
  else
    return detail::describe_unknown(layer.parameter_count());
}

}  // namespace costate
