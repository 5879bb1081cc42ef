#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kiln/error.h"

namespace kiln {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() { fs::create_directories(folder); }
  ~Files() override { fs::remove_all(folder); }
  std::string path(const std::string& name) const { return (folder / name).string(); }
  std::size_t n_files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  const fs::path folder = fs::temp_directory_path() / ("kiln_files_test_" + std::to_string(::getpid()));
};

TEST_F(Files, WriteReplacesAndLeavesNothingBeside) {
  const std::string bytes("\0 a \xFF\n", 6);
  write_file_atomically(path("a"), "old");
  write_file_atomically(path("a"), bytes);
  EXPECT_EQ(read_file(path("a")), bytes);
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(Files, WriteKeepsPermissionsAndFollowsLinks) {
  write_file_atomically(path("a"), "old");
  ::chmod(path("a").c_str(), 0640);
  fs::create_symlink("a", path("link"));
  write_file_atomically(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("a")), "new");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms(0640));
}

TEST_F(Files, FailedWriteChangesNothing) {
  fs::create_directory(path("folder"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  fs::create_symlink("fifo", path("link"));
  for (const char* target : {"no/such/folder/a", "folder", "fifo", "link"}) {
    try {
      write_file_atomically(path(target), "x");
      ADD_FAILURE() << target;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::resources);
      EXPECT_EQ(error.diagnostics().at(0).where.file, path(target));
    }
  }
  EXPECT_TRUE(fs::is_fifo(path("fifo")));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(n_files(), 3u);
}

TEST_F(Files, WhatCannotBeWrittenIsRefusedBeforehand) {
  EXPECT_NO_THROW(require_writable(path("new")));
  EXPECT_TRUE(fs::is_empty(path("")));
  EXPECT_NO_THROW(require_writable("new"));
  EXPECT_THROW(require_writable(path("")), Error);
  EXPECT_THROW(require_writable(path("no/new")), Error);
  EXPECT_THROW(require_writable("/dev/full"), Error);
}

TEST_F(Files, MissingFolderIsNamed) {
  EXPECT_NO_THROW(require_folder_of("a"));
  EXPECT_NO_THROW(require_folder_of(path("a")));
  try {
    write_file_atomically(path("no/a"), "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("there is no folder '" + path("no") + "'"), std::string::npos);
  }
}

TEST_F(Files, PiecesAppearTogetherOrNotAtAll) {
  write_file_atomically(path("a"), "old");
  ::chmod(path("a").c_str(), 0640);
  {
    AtomicFile file(path("a"));
    file.write("lost");
  }
  EXPECT_EQ(read_file(path("a")), "old");
  EXPECT_EQ(n_files(), 1u);
  AtomicFile file(path("a"));
  file.write("one, ");
  file.write("two");
  EXPECT_EQ(read_file(path("a")), "old");
  file.commit();
  EXPECT_EQ(read_file(path("a")), "one, two");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms(0640));
  EXPECT_EQ(n_files(), 1u);
}

/// What may have no end, or wait for a writer forever, is not opened.
TEST_F(Files, DevicesFoldersAndNamedPipesAreRefused) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  fs::create_symlink("fifo", path("link"));
  for (const std::string& target : {path("fifo"), path("link"), folder.string(), std::string("/dev/zero")}) {
    try {
      read_file(target);
      ADD_FAILURE() << target;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find(target + ": error: it cannot be read: it is a "), std::string::npos)
          << error.what();
    }
  }
}

TEST_F(Files, AnonymousPipesAreRead) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "some text", 9), 9);
  ::close(ends[1]);
  const std::string name = "/proc/self/fd/" + std::to_string(ends[0]);
  EXPECT_THROW(read_file(name, 8), Error);
  ::close(ends[0]);
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "some text", 9), 9);
  ::close(ends[1]);
  EXPECT_EQ(read_file("/proc/self/fd/" + std::to_string(ends[0]), 9), "some text");
  ::close(ends[0]);
}

TEST_F(Files, LongerOnesThanAskedForAreRefused) {
  write_file_atomically(path("a"), "12345");
  EXPECT_EQ(read_file(path("a"), 5), "12345");
  EXPECT_THROW(read_file(path("a"), 4), Error);
  fs::resize_file(path("a"), std::uintmax_t{1} << 40);  // sparse; it must not be read
  EXPECT_THROW(read_file(path("a"), 1 << 20), Error);
}

TEST_F(Files, UnreadableFilesAreNamed) {
  for (const std::string& target : {path("missing"), folder.string()}) {
    try {
      read_file(target);
      FAIL() << target;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find(target), std::string::npos);
    }
  }
}

TEST_F(Files, ReadsWhatHasNoSize) { EXPECT_FALSE(read_file("/proc/self/cmdline").empty()); }

// Examples of FIPS 180-4 (NIST: Cryptographic Standards and Guidelines, Secure Hashing).
TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Lengths around the padding's edges; made with Python's hashlib.sha256(b"x" * n).
TEST(Sha256, PadsEveryLength) {
  std::string all;
  for (std::size_t n = 0; n < 200; ++n) all += sha256(std::string(n, 'x'));
  EXPECT_EQ(sha256(all), "f61ffcc417e1f0e59eba2da7fa32fbe05b64e478b68c6bacf990455f00248b98");
}

}  // namespace
}  // namespace kiln
