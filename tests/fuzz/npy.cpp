#include <costate/data/npy.hpp>

#include "fuzz.hpp"

using namespace costate;

namespace {

template <class T>
int read_and_write(std::string_view bytes) {
  return fuzz::read_then([&] { return parse_npy<T>(bytes); },
                         [](const Tensor<T>& tensor) {
                           const auto back = parse_npy<T>(to_npy(tensor));
                           fuzz::require(back.shape == tensor.shape, "the shape is read back");
                           fuzz::require(fuzz::same_numbers(back.values, tensor.values),
                                         "the numbers are read back");
                         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_and_write<double>(fuzz::text_of(data, size));
  return read_and_write<float>(fuzz::text_of(data, size));
}
