#include <costate/nn/description.hpp>

namespace costate {
namespace {

std::string name_of(detail::Activation activation) {
  switch (activation) {
    case detail::Activation::identity:
      return "identity";
    case detail::Activation::tanh:
      return "tanh";
    case detail::Activation::sigmoid:
      return "sigmoid";
    case detail::Activation::relu:
      return "relu";
    case detail::Activation::softplus:
      return "softplus";
    case detail::Activation::gelu:
      return "gelu";
    case detail::Activation::swish:
      return "swish";
  }
  return "";
}

void collect(const LayerDescription& description, const std::string& prefix,
             std::vector<ParameterBlock>& blocks) {
  for (const auto& block : description.parameters) blocks.push_back({prefix + block.name, block.shape});
  for (std::size_t i = 0; i < description.layers.size(); ++i)
    collect(description.layers[i], prefix + "layers." + std::to_string(i) + ".", blocks);
}

}  // namespace

std::size_t ParameterBlock::size() const {
  std::size_t product = 1;
  for (const std::size_t length : shape) product *= length;
  return product;
}

bool operator==(const LayerDescription& a, const LayerDescription& b) {
  return a.kind == b.kind && a.inputs == b.inputs && a.outputs == b.outputs && a.activation == b.activation &&
         a.layers == b.layers && a.parameters == b.parameters;
}

std::string to_string(const LayerDescription& description) {
  if (description.kind == "Elementwise") return description.activation;
  std::string parts;
  const auto add = [&](const std::string& part) { parts += (parts.empty() ? "" : ", ") + part; };
  if (description.inputs > 0) add(std::to_string(description.inputs));
  if (description.outputs > 0) add(std::to_string(description.outputs));
  if (!description.activation.empty() && description.activation != "identity") add(description.activation);
  for (const auto& layer : description.layers) add(to_string(layer));
  if (parts.empty())
    for (const auto& block : description.parameters) add(std::to_string(block.size()) + " " + block.name);
  return description.kind + "{" + parts + "}";
}

std::vector<ParameterBlock> parameter_blocks(const LayerDescription& description) {
  std::vector<ParameterBlock> blocks;
  collect(description, "", blocks);
  return blocks;
}

namespace detail {

LayerDescription describe_dense(std::size_t inputs, std::size_t outputs, Activation activation) {
  return {"Dense", inputs,
          outputs, name_of(activation),
          {},      {{"weight", {outputs, inputs}}, {"bias", {outputs}}}};
}

LayerDescription describe_function() {
  return {"Elementwise", 0, 0, "function"};
}
LayerDescription describe_function(Activation activation) {
  return {"Elementwise", 0, 0, name_of(activation)};
}

LayerDescription describe_unknown(std::size_t parameter_count) {
  LayerDescription description{"Layer"};
  if (parameter_count > 0) description.parameters.push_back({"parameters", {parameter_count}});
  return description;
}

}  // namespace detail
}  // namespace costate
