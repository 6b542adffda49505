#include <costate/data/file.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace costate {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path, int reason) {
  throw std::runtime_error(std::string("costate: cannot ") + what + " '" + path +
                           "': " + std::strerror(reason));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  /// What write-back reports only at the end, network file systems above all.
  bool close() {
    const int number = number_;
    number_ = -1;
    return ::close(number) == 0;
  }

 private:
  int number_;
};

/// The file that a chain of symbolic links ends at; the path itself where it is no link.
std::string behind_links(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  const std::string result(resolved);
  std::free(resolved);
  return result;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// The new name itself must reach the disk; not every file system can, and the bytes are safe by then.
void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open_folder.number() >= 0) ::fsync(open_folder.number());
}

/// A pipe or a device takes bytes and has no other name to be replaced by.
void write_through(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0 || !write_all(file.number(), bytes) || !file.close()) fail("write", path, errno);
}

}  // namespace

void write_file(const std::string& path, std::string_view bytes) {
  const std::string target = behind_links(path);
  struct stat old;
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) return write_through(target, bytes);

  std::string temporary;
  int descriptor = -1;
  for (unsigned attempt = 0; descriptor < 0; ++attempt) {
    temporary = target + "." + std::to_string(::getpid()) + "." + std::to_string(attempt) + ".new";
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != EEXIST) fail("write", path, errno);
  }
  Descriptor file(descriptor);
  const bool written = (!exists || ::fchmod(descriptor, old.st_mode & 07777) == 0) &&
                       write_all(descriptor, bytes) && ::fsync(descriptor) == 0 && file.close() &&
                       ::rename(temporary.c_str(), target.c_str()) == 0;
  if (!written) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    fail("write", path, reason);
  }
  sync_folder(target);
}

std::string read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail("read", path, errno);
  std::string bytes;
  for (;;) {
    constexpr std::size_t chunk = 1 << 16;
    const std::size_t size = bytes.size();
    bytes.resize(size + chunk);
    ssize_t count = 0;
    do {
      count = ::read(file.number(), bytes.data() + size, chunk);
    } while (count < 0 && errno == EINTR);
    if (count < 0) fail("read", path, errno);
    bytes.resize(size + static_cast<std::size_t>(count));
    if (count == 0) return bytes;
  }
}

}  // namespace costate
