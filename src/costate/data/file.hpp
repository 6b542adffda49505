#pragma once

#include <string>
#include <string_view>

namespace costate {

/// Replaces the file at `path` by `bytes`, wholly or not at all: they are written to a new file beside it and
/// brought to the disk, and only then take its name. A reader, a kill or a power failure at any moment finds
/// the old file or the new one; a full disk leaves the old one. A symbolic link stays one, what it points to
/// is replaced; the permissions of an old file are kept.
///
/// Throws std::runtime_error, naming the path and the system's reason, where a part of this fails.
void write_file(const std::string& path, std::string_view bytes);

/// All bytes of the file at `path`. Throws std::runtime_error, naming the path and the system's reason.
std::string read_file(const std::string& path);

}  // namespace costate
