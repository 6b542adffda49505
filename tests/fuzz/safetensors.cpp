#include <costate/data/safetensors.hpp>

#include "fuzz.hpp"

using namespace costate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_then(
      [&] { return parse_safetensors(fuzz::text_of(data, size)); },
      [](const TensorFile<double>& file) {
        const auto back = parse_safetensors(to_safetensors(file));
        fuzz::require(back.metadata == file.metadata, "the texts are read back");
        fuzz::require(back.tensors.size() == file.tensors.size(), "all tensors are read back");
        for (const auto& [name, tensor] : file.tensors)
          fuzz::require(
              back[name].shape == tensor.shape && fuzz::same_numbers(back[name].values, tensor.values),
              "the numbers are read back");
      });
}
