#include <costate/training/detail/fields.hpp>
#include <costate/training/run_file.hpp>

#include <stdexcept>

namespace costate::detail {
namespace {

// The first byte is no text, the last is spoilt where a transfer changes the ends of lines.
constexpr std::string_view mark =
    "\x89"
    "CSTRUN\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t head = 8 + 4 + 8, tail = 8;

void append_word(std::string& bytes, std::uint64_t word, unsigned width) {
  for (unsigned i = 0; i < width; ++i) bytes += static_cast<char>(word >> 8 * i & 0xff);
}

std::uint64_t word_at(std::string_view bytes, std::size_t place, unsigned width) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < width; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(bytes[place + i])} << 8 * i;
  return word;
}

/// Eight bytes at a time through an invertible map, so that no change within one word goes unseen.
std::uint64_t hash(std::string_view bytes) {
  std::uint64_t state = bytes.size();
  const auto take = [&](std::uint64_t word) {
    state = (state ^ word) * 0x9E3779B97F4A7C15u;
    state ^= state >> 32;
  };
  std::size_t place = 0;
  for (; place + 8 <= bytes.size(); place += 8) take(word_at(bytes, place, 8));
  take(word_at(bytes, place, static_cast<unsigned>(bytes.size() - place)));
  return state;
}

[[noreturn]] void refuse(const std::string& reason) {
  throw std::runtime_error(reason);
}

void check_consistent(const RunFile& run) {
  const bool sizes = run.x.size() == run.parameters && run.gradient.size() == run.parameters &&
                     (run.best.empty() || run.best.size() == run.parameters);
  if (!sizes) refuse("its lists do not have one number per parameter");
  if (run.history.size() != run.iterations + 1) refuse("its history does not have one loss per iteration");
}

}  // namespace

bool is_run(std::string_view bytes) {
  return bytes.substr(0, mark.size()) == mark;
}

std::string encode(RunFile& run) {
  std::string bytes(mark);
  append_word(bytes, version, 4);
  append_word(bytes, 0, 8);
  write_field(bytes, run);
  const std::uint64_t size = bytes.size() - head;
  for (unsigned i = 0; i < 8; ++i) bytes[12 + i] = static_cast<char>(size >> 8 * i & 0xff);
  append_word(bytes, hash(bytes), 8);
  return bytes;
}

RunFile decode(std::string_view bytes) {
  if (!is_run(bytes)) refuse("it is not a run of costate");
  if (bytes.size() < head + tail) refuse("it is truncated");
  const std::uint64_t written = word_at(bytes, 8, 4);
  if (written != version)
    refuse("its format is version " + std::to_string(written) + ", this costate reads version " +
           std::to_string(version));
  const std::uint64_t size = word_at(bytes, 12, 8), there = bytes.size() - head - tail;
  if (size > there) refuse("it is truncated");
  if (size < there) refuse("it is longer than it says");
  if (word_at(bytes, head + size, 8) != hash(bytes.substr(0, head + size)))
    refuse("its contents were changed: the checksum is another");
  RunFile run;
  FieldReader reader(bytes.substr(head, size));
  read_field(reader, run);
  if (!reader.at_end()) refuse("it holds more than a run");
  check_consistent(run);
  return run;
}

}  // namespace costate::detail
