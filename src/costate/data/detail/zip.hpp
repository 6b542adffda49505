#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace costate::detail {

struct ZipMember {
  std::string name, bytes;
};

/// The members of a zip archive, stored or deflated, in the order of its directory; checksums are compared.
/// Throws std::runtime_error, naming the file, for what is no such archive, is damaged, encrypted, larger
/// than 4 GB, or deflated where costate was built without zlib.
///
/// The memory that is asked for is at most 1040 times the size of the archive.
std::vector<ZipMember> parse_zip(std::string_view bytes, std::string_view name);

/// A zip archive of those members. Throws std::invalid_argument where it would be larger than 4 GB, or where
/// `deflate` is asked for and costate was built without zlib.
std::string to_zip(const std::vector<ZipMember>& members, bool deflate);

}  // namespace costate::detail
