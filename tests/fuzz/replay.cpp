// Runs a reader without libFuzzer: on each file, on all its beginnings, and with each of its bytes changed.
//
//     fuzz.csv file...
#include <costate/data/file.hpp>

#include <string>

#include "fuzz.hpp"

namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t runs = 0;
  for (int i = 1; i < count; ++i) {
    const std::string bytes = costate::read_file(arguments[i]);
    run(bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) run(bytes.substr(0, size));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int change : {0x01, 0x10, 0x80, 0xFF}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ change);
        run(changed);
      }
    }
    runs += 1 + 5 * bytes.size();
  }
  std::printf("%d files, %zu runs\n", count - 1, runs);
  return count > 1 ? 0 : 1;
}
