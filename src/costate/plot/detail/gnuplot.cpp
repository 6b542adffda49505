#include <costate/plot/detail/gnuplot.hpp>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace costate::plot::detail {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail_at(const std::string& path, const std::string& what) {
  throw std::runtime_error("plot: cannot write '" + path + "': " + what);
}

File nameless_file() {
  File file(std::tmpfile());
  if (!file)
    throw std::runtime_error(std::string("plot: cannot make a temporary file: ") + std::strerror(errno));
  return file;
}

/// A new file beside the picture, removed again unless it was renamed to the picture.
class PartialFile {
 public:
  explicit PartialFile(const std::string& path) {
    for (int attempt = 0; descriptor_ < 0; ++attempt) {
      name_ = path + ".partial-" + std::to_string(getpid()) + "-" + std::to_string(attempt);
      descriptor_ = open(name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && errno != EEXIST) fail_at(path, std::strerror(errno));
    }
  }
  ~PartialFile() {
    close(descriptor_);
    if (!renamed_) unlink(name_.c_str());
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  int descriptor() const { return descriptor_; }

  /// Whether `ending` stands in the last 32 bytes: line feeds may follow it.
  bool ends_with(std::string_view ending) const {
    char tail[32];
    const off_t size = lseek(descriptor_, 0, SEEK_END);
    const off_t start = size > 32 ? size - 32 : 0;
    const ssize_t got = pread(descriptor_, tail, sizeof tail, start);
    return got > 0 &&
           std::string_view(tail, static_cast<std::size_t>(got)).find(ending) != std::string_view::npos;
  }

  void rename_to(const std::string& path) {
    if (std::rename(name_.c_str(), path.c_str()) != 0) fail_at(path, std::strerror(errno));
    renamed_ = true;
  }

 private:
  std::string name_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

[[noreturn]] void fail_without_gnuplot() {
  throw std::runtime_error(
      "plot: the program gnuplot was not found; install the package gnuplot-nox (Debian, Ubuntu: apt-get "
      "install "
      "gnuplot-nox) or gnuplot (Fedora, Arch, Homebrew)");
}

/// Starts gnuplot and waits for it. Returns the wait status, or 0 when somebody else has taken it.
int spawn_and_wait(int input, int output, int messages) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
  // -d: a user's own ~/.gnuplot must not change the picture.
  char program[] = "gnuplot";
  char defaults[] = "-d";
  char* const arguments[] = {program, defaults, nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) fail_without_gnuplot();
  if (error != 0)
    throw std::runtime_error(std::string("plot: cannot start gnuplot: ") + std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    // ECHILD: the program ignores SIGCHLD, so that the status is lost; the picture's end still tells success.
    if (errno != EINTR) return 0;
  }
  return status;
}

std::string contents(std::FILE* file) {
  std::string text;
  char buffer[512];
  std::rewind(file);
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, got);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// Length of the UTF-8 character at the front of `text`, 0 if there is none (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool forbidden = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                         (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return forbidden ? 0 : length;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0) {
      result += "\xEF\xBF\xBD";
    } else if (first == '\n') {
      result += "\\n";
    } else if (first < 0x20 || first == 0x7F) {
      result += ' ';
    } else if (first == '"' || first == '\\' || first == '`' || first == '@' || first == '$') {
      // Octal, since a backquote in a double-quoted string would run a command.
      result += {'\\', static_cast<char>('0' + first / 64), static_cast<char>('0' + first / 8 % 8),
                 static_cast<char>('0' + first % 8)};
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result + '"';
}

std::string number(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

void run_gnuplot(const std::string& script, const std::string& path, std::string_view ending) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) fail_at(path, "folder '" + folder.string() + "': " + error.message());

  const File input = nameless_file();
  const File messages = nameless_file();
  if (std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0) {
    throw std::runtime_error(std::string("plot: cannot write a temporary file: ") + std::strerror(errno));
  }
  std::rewind(input.get());

  PartialFile picture(path);
  const int status = spawn_and_wait(fileno(input.get()), picture.descriptor(), fileno(messages.get()));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) fail_without_gnuplot();
  if (status != 0)
    throw std::runtime_error("plot: gnuplot failed on '" + path + "': " + contents(messages.get()));
  if (!picture.ends_with(ending))
    fail_at(path, "gnuplot left it unfinished (disk full?) " + contents(messages.get()));
  picture.rename_to(path);
}

}  // namespace costate::plot::detail
