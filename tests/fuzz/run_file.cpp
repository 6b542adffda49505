// The reader of the file of a run, as bytes and as the fields inside, which a checksum guards otherwise.

#include <costate/optimizers/adam.hpp>
#include <costate/optimizers/bfgs.hpp>
#include <costate/optimizers/lbfgs.hpp>
#include <costate/training/detail/fields.hpp>
#include <costate/training/run_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace {

using namespace costate;

template <class Read>
void refuse_or_read(Read read) {
  try {
    read();
  } catch (const std::runtime_error&) {
  }
}

template <class State>
void read_state(std::string_view bytes, State state) {
  refuse_or_read([&] {
    detail::FieldReader reader(bytes);
    detail::read_field(reader, state);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  refuse_or_read([&] {
    detail::RunFile run = detail::decode(bytes);
    if (detail::encode(run) != bytes) std::abort();
  });
  refuse_or_read([&] {
    detail::FieldReader reader(bytes);
    detail::RunFile run;
    detail::read_field(reader, run);
    const std::string written = detail::encode(run);
    detail::RunFile again;
    detail::FieldReader second(std::string_view(written).substr(20));
    detail::read_field(second, again);
    if (detail::encode(again) != written) std::abort();
  });
  read_state(bytes, Adam{}.init<float>(3));
  read_state(bytes, BFGS{}.init<double>(2));
  read_state(bytes, LBFGS{}.init<double>(2));
  return 0;
}
