#include <costate/core/errors.hpp>
#include <costate/data/detail/elements.hpp>
#include <costate/data/detail/text_table.hpp>
#include <costate/data/detail/zip.hpp>

#include <array>
#include <cstdint>
#include <set>

#ifdef COSTATE_HAS_ZLIB
#include <zlib.h>
#endif

// The layout is that of PKWARE's APPNOTE.TXT: 4.3.7 local header, 4.3.12 directory, 4.3.16 its end.
namespace costate::detail {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, entry_signature = 0x02014b50,
                        end_signature = 0x06054b50;
constexpr std::size_t local_size = 30, entry_size = 46, end_size = 22;
constexpr unsigned stored = 0, deflated = 8;
/// Deflate makes one bit of at most 258 bytes' worth in two; 1032 : 1.
constexpr std::size_t largest_ratio = 1040;

std::uint32_t checksum(std::string_view bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> rows{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t row = i;
      for (int bit = 0; bit < 8; ++bit) row = row >> 1 ^ (row & 1 ? 0xEDB88320u : 0u);
      rows[i] = row;
    }
    return rows;
  }();
  std::uint32_t sum = 0xFFFFFFFFu;
  for (const char c : bytes) sum = sum >> 8 ^ table[(sum ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~sum;
}

#ifdef COSTATE_HAS_ZLIB
/// False where the bytes are damaged or of another size than `to`.
bool inflate_raw(std::string_view from, std::string& to) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool complete = status == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
  inflateEnd(&stream);
  return complete;
}

std::string deflate_raw(std::string_view from) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    reject("to_npz: deflate", "a working zlib", "one that does not start");
  std::string to(deflateBound(&stream, static_cast<uLong>(from.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  deflate(&stream, Z_FINISH);
  to.resize(stream.total_out);
  deflateEnd(&stream);
  return to;
}
#else
bool inflate_raw(std::string_view, std::string&) {
  return false;
}
std::string deflate_raw(std::string_view) {
  reject("to_npz: deflate", "a costate that was built with zlib", "one without");
}
#endif

#ifdef COSTATE_HAS_ZLIB
constexpr bool has_zlib = true;
#else
constexpr bool has_zlib = false;
#endif

/// Where the directory ends: the last place that has its signature and a comment that fills the rest.
std::size_t find_end(std::string_view bytes, std::string_view name) {
  if (bytes.size() >= end_size) {
    const std::size_t longest_comment = 0xFFFF;
    const std::size_t last = bytes.size() - end_size,
                      first = last > longest_comment ? last - longest_comment : 0;
    for (std::size_t at = last + 1; at-- > first;) {
      if (little_endian<std::uint32_t>(bytes, at) == end_signature &&
          little_endian<std::uint16_t>(bytes, at + 20) == bytes.size() - at - end_size)
        return at;
    }
  }
  fail_file(name, "want a zip archive (.npz), got other bytes or one that is cut short");
}

struct Entry {
  std::string name;
  unsigned flags, method;
  std::uint32_t sum;
  std::size_t packed, size, local;
};

/// One line of the directory; `at` moves to the next.
Entry read_entry(std::string_view directory, std::size_t& at, std::string_view name) {
  if (directory.size() - at < entry_size || little_endian<std::uint32_t>(directory, at) != entry_signature)
    fail_file(name, "zip archive: its directory is damaged");
  const auto u16 = [&](std::size_t offset) { return little_endian<std::uint16_t>(directory, at + offset); };
  const auto u32 = [&](std::size_t offset) { return little_endian<std::uint32_t>(directory, at + offset); };
  const std::size_t name_size = u16(28), rest = u16(30) + std::size_t{u16(32)};
  if (directory.size() - at - entry_size < name_size + rest)
    fail_file(name, "zip archive: its directory is damaged");
  Entry entry{std::string(directory.substr(at + entry_size, name_size)),
              u16(8),
              u16(10),
              u32(16),
              u32(20),
              u32(24),
              u32(42)};
  at += entry_size + name_size + rest;
  return entry;
}

/// The bytes of a member as they stand in the archive.
std::string_view packed_bytes(std::string_view bytes, const Entry& entry, std::string_view name) {
  const auto fail = [&]() { fail_file(name, "zip archive: member " + shown(entry.name) + " is damaged"); };
  if (entry.local > bytes.size() || bytes.size() - entry.local < local_size ||
      little_endian<std::uint32_t>(bytes, entry.local) != local_signature)
    fail();
  const std::size_t skipped = local_size + little_endian<std::uint16_t>(bytes, entry.local + 26) +
                              std::size_t{little_endian<std::uint16_t>(bytes, entry.local + 28)};
  const std::size_t left = bytes.size() - entry.local;
  if (left < skipped || left - skipped < entry.packed) fail();
  return bytes.substr(entry.local + skipped, entry.packed);
}

std::string unpacked(std::string_view packed, const Entry& entry, std::string_view name) {
  const std::string member = "zip archive: member " + shown(entry.name);
  if (entry.flags & 1u) fail_file(name, member + " is encrypted");
  if (entry.method != stored && entry.method != deflated)
    fail_file(name, member + " is compressed by method " + std::to_string(entry.method) +
                        ": want stored (0) or deflated (8)");
  if (entry.method == deflated && !has_zlib)
    fail_file(name, member + " is deflated, and costate was built without zlib: write it with numpy.savez");
  std::string bytes;
  if (entry.method == stored) {
    bytes = packed;
  } else if (entry.size / largest_ratio <= packed.size()) {
    bytes.resize(entry.size);
    if (!inflate_raw(packed, bytes)) bytes.clear();
  }
  if (bytes.size() != entry.size || checksum(bytes) != entry.sum) fail_file(name, member + " is damaged");
  return bytes;
}

void append_header(std::string& archive, const Entry& entry, bool in_directory) {
  const auto u16 = [&](std::size_t value) {
    append_little_endian(archive, static_cast<std::uint16_t>(value));
  };
  const auto u32 = [&](std::size_t value) {
    append_little_endian(archive, static_cast<std::uint32_t>(value));
  };
  u32(in_directory ? entry_signature : local_signature);
  if (in_directory) u16(20);  // made by version 2.0
  u16(20);                    // version 2.0 reads it
  u16(entry.flags);
  u16(entry.method);
  u16(0);           // midnight
  u16(1 << 5 | 1);  // of the first of January 1980: the same tensors give the same bytes
  u32(entry.sum);
  u32(entry.packed);
  u32(entry.size);
  u16(entry.name.size());
  u16(0);
  if (in_directory) {
    u16(0);
    u16(0);
    u16(0);
    u32(0);
    u32(entry.local);
  }
  archive += entry.name;
}

}  // namespace

std::vector<ZipMember> parse_zip(std::string_view bytes, std::string_view name) {
  const std::size_t end = find_end(bytes, name);
  const std::size_t count = little_endian<std::uint16_t>(bytes, end + 10);
  const std::size_t size = little_endian<std::uint32_t>(bytes, end + 12),
                    start = little_endian<std::uint32_t>(bytes, end + 16);
  if (count == 0xFFFF || start == 0xFFFFFFFF)
    fail_file(name, "zip archive: larger than 4 GB or of more than 65534 members");
  if (start > end || size > end - start) fail_file(name, "zip archive: its directory is damaged");
  const std::string_view directory = bytes.substr(start, size);
  std::vector<ZipMember> members;
  std::set<std::string> names;
  std::size_t at = 0, packed_total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Entry entry = read_entry(directory, at, name);
    const std::string_view packed = packed_bytes(bytes, entry, name);
    // members that share their bytes could ask for any amount of memory
    packed_total += packed.size();
    if (packed_total > bytes.size()) fail_file(name, "zip archive: its members overlap");
    if (!names.insert(entry.name).second)
      fail_file(name, "zip archive: member " + shown(entry.name) + " is there twice");
    members.push_back({entry.name, unpacked(packed, entry, name)});
  }
  return members;
}

std::string to_zip(const std::vector<ZipMember>& members, bool deflate) {
  std::string archive, directory;
  const auto check = [](std::size_t size, std::size_t limit, const char* what) {
    if (size >= limit)
      reject(std::string("to_npz: ") + what, "less than " + std::to_string(limit), std::to_string(size));
  };
  check(members.size(), 0xFFFF, "members");
  for (const auto& member : members) {
    check(member.name.size(), 0xFFFF, "bytes of a name");
    check(member.bytes.size(), 0xFFFFFFFF, "bytes of a member");
    const std::string packed = deflate ? deflate_raw(member.bytes) : member.bytes;
    check(archive.size() + packed.size() + local_size + member.name.size(), 0xFFFFFFFF, "bytes");
    const bool ascii = member.name.find_first_not_of(
                           " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                           "abcdefghijklmnopqrstuvwxyz{|}~") == std::string::npos;
    const unsigned utf8 = 1u << 11;
    const Entry entry{member.name,
                      ascii ? 0 : utf8,
                      deflate ? deflated : stored,
                      checksum(member.bytes),
                      packed.size(),
                      member.bytes.size(),
                      archive.size()};
    append_header(archive, entry, false);
    archive += packed;
    append_header(directory, entry, true);
  }
  const std::size_t start = archive.size();
  archive += directory;
  append_little_endian(archive, end_signature);
  append_little_endian(archive, std::uint32_t{0});
  append_little_endian(archive, static_cast<std::uint16_t>(members.size()));
  append_little_endian(archive, static_cast<std::uint16_t>(members.size()));
  append_little_endian(archive, static_cast<std::uint32_t>(directory.size()));
  append_little_endian(archive, static_cast<std::uint32_t>(start));
  append_little_endian(archive, std::uint16_t{0});
  check(archive.size(), 0xFFFFFFFF, "bytes");
  return archive;
}

}  // namespace costate::detail
