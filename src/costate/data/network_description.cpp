#include <costate/data/detail/json.hpp>
#include <costate/data/network_description.hpp>

namespace costate {
namespace {

using detail::fail_file;
using detail::Json;

constexpr int most_nested = 64;

Json json_of(const LayerDescription& description) {
  Json json{{"kind", description.kind}};
  if (description.inputs > 0) json["inputs"] = description.inputs;
  if (description.outputs > 0) json["outputs"] = description.outputs;
  if (!description.activation.empty()) json["activation"] = description.activation;
  for (const auto& block : description.parameters)
    json["parameters"].push_back({{"name", block.name}, {"shape", block.shape}});
  for (const auto& layer : description.layers) json["layers"].push_back(json_of(layer));
  return json;
}

std::string text_in(const Json& value, const std::string& key, std::string_view name) {
  if (!value.is_string()) fail_file(name, "description: want a text for '" + key + "'");
  return value.get<std::string>();
}
std::size_t size_in(const Json& value, const std::string& key, std::string_view name) {
  const auto count = detail::count_in(value);
  if (!count) fail_file(name, "description: want a number of values for '" + key + "'");
  return *count;
}

ParameterBlock block_in(const Json& value, std::string_view name) {
  if (!value.is_object() || value.size() != 2)
    fail_file(name, "description: want a parameter's name and shape");
  auto shape = detail::counts_in(detail::member(value, "shape"));
  if (!shape) fail_file(name, "description: want a list of sizes for 'shape'");
  return {text_in(detail::member(value, "name"), "name", name), std::move(*shape)};
}

LayerDescription description_in(const Json& json, std::string_view name, int nested) {
  if (nested > most_nested) fail_file(name, "description: want layers nested at most 64 deep");
  if (!json.is_object()) fail_file(name, "description: want a layer, an object with its kind");
  LayerDescription description;
  description.kind = text_in(detail::member(json, "kind"), "kind", name);
  for (const auto& [key, value] : json.items()) {
    if (key == "kind") continue;
    if (key == "inputs") {
      description.inputs = size_in(value, key, name);
    } else if (key == "outputs") {
      description.outputs = size_in(value, key, name);
    } else if (key == "activation") {
      description.activation = text_in(value, key, name);
    } else if (key == "layers" && value.is_array()) {
      for (const auto& layer : value) description.layers.push_back(description_in(layer, name, nested + 1));
    } else if (key == "parameters" && value.is_array()) {
      for (const auto& block : value) description.parameters.push_back(block_in(block, name));
    } else {
      fail_file(
          name,
          "description: want kind, inputs, outputs, activation, and lists of layers and parameters, got " +
              detail::shown(key));
    }
  }
  return description;
}

}  // namespace

std::string to_json(const LayerDescription& description) {
  return detail::to_text(json_of(description));
}

LayerDescription parse_description(std::string_view text, std::string_view name) {
  return description_in(detail::parse_json(text, name, "description"), name, 0);
}

}  // namespace costate
