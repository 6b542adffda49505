#include <costate/data/file.hpp>

#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / (std::string("costate_file_test_") +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(Files, AnythingIsReadBack) {
  std::string bytes(200001, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i + i / 7);
  write_file(path("a"), bytes);
  EXPECT_EQ(read_file(path("a")), bytes);
  write_file(path("a"), "");
  EXPECT_EQ(read_file(path("a")), "");
  EXPECT_EQ(entries(), 1u) << "a temporary file was left";
}

TEST_F(Files, KeepsPermissionsAndLinks) {
  write_file(path("a"), "old");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", path("link"));
  write_file(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("a")), "new");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Files, AnErrorNamesTheFileAndTheReason) {
  EXPECT_EQ(complaint_of([&] { read_file(path("none")); }),
            "costate: cannot read '" + path("none") + "': No such file or directory");
  EXPECT_EQ(complaint_of([&] { write_file(path("no/folder/a"), "x"); }),
            "costate: cannot write '" + path("no/folder/a") + "': No such file or directory");
  if (fs::exists("/dev/full")) {
    EXPECT_EQ(complaint_of([&] { write_file("/dev/full", "x"); }),
              "costate: cannot write '/dev/full': No space left on device");
  }
}

TEST_F(Files, AWriteThatFailsHalfwayLeavesTheOldFile) {
  write_file(path("a"), "old");
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string said = complaint_of([&] { write_file(path("a"), std::string(100000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(said, "costate: cannot write '" + path("a") + "': File too large");
  EXPECT_EQ(read_file(path("a")), "old");
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace costate
