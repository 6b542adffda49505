#pragma once

#include <costate/nn/description.hpp>

#include <string>
#include <string_view>

namespace costate {

/// A network's description as JSON:
///
///     {"kind": "Chain", "layers": [{"kind": "Dense", "inputs": 2, "outputs": 50, "activation": "tanh",
///       "parameters": [{"name": "weight", "shape": [50, 2]}, {"name": "bias", "shape": [50]}]}, …]}
///
/// Members that are empty or 0 are left out.
std::string to_json(const LayerDescription& description);

/// The description in a JSON text; `name` stands for it in messages. Throws std::runtime_error, naming it and
/// what is wrong, for a text that is no JSON or describes no layer; members that it does not know are
/// refused.
LayerDescription parse_description(std::string_view text, std::string_view name = "JSON text");

}  // namespace costate
