#include <costate/data/network_description.hpp>

#include "fuzz.hpp"

using namespace costate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_then([&] { return parse_description(fuzz::text_of(data, size)); },
                         [](const LayerDescription& description) {
                           fuzz::require(parse_description(to_json(description)) == description,
                                         "the description is read back");
                           to_string(description);
                           parameter_blocks(description);
                         });
}
