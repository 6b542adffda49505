#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

/// A reader of files, given any bytes: it reads them or says by std::runtime_error why not. Every other
/// exception, a sanitizer's report, an allocation out of proportion and more than some seconds are findings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace costate::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Calls `use` with what `read` makes of the bytes, where it can read them.
template <class Read, class Use>
int read_then(Read&& read, Use&& use) {
  try {
    const auto value = read();
    use(value);
  } catch (const std::runtime_error&) {
  }
  return 0;
}

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// Whether both have the same numbers, NaN at the same places.
template <class Numbers>
bool same_numbers(const Numbers& a, const Numbers& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i] == b[i]) && (a[i] == a[i] || b[i] == b[i])) return false;
  return true;
}

}  // namespace costate::fuzz
