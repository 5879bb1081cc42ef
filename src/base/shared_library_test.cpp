#include "base/shared_library.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/files.h"

namespace kiln {
namespace {

/// This program: a whole ELF file, and one that may be loaded anywhere.
std::string whole() { return read_file("/proc/self/exe"); }

TEST(SharedLibrary, AWholeOneIsFine) { EXPECT_EQ(fault_of_shared_library(whole()), ""); }

TEST(SharedLibrary, WhateverIsCutIsTold) {
  const std::string bytes = whole();
  for (std::size_t size = 0; size < 80; ++size) EXPECT_NE(fault_of_shared_library(bytes.substr(0, size)), "") << size;
  for (const std::size_t parts : {2, 3, 7})
    EXPECT_NE(fault_of_shared_library(bytes.substr(0, bytes.size() / parts)), "");
  EXPECT_NE(fault_of_shared_library(bytes.substr(0, bytes.size() - 1)), "");
}

/// With any byte of the header changed it is told or whole, and nothing beyond the end is read (a sanitizer would see).
TEST(SharedLibrary, WhateverTheHeaderSaysIsRead) {
  std::string bytes = whole().substr(0, 4096);
  for (std::size_t at = 0; at < 64; ++at) {
    const char before = bytes[at];
    for (const int value : {0, 1, 0x7f, 0xff}) {
      bytes[at] = static_cast<char>(value);
      EXPECT_NE(fault_of_shared_library(bytes), "") << at;
    }
    bytes[at] = before;
  }
}

TEST(SharedLibrary, SaysWhatItIs) {
  EXPECT_NE(fault_of_shared_library("no library\n").find("it does not begin as"), std::string::npos);
  EXPECT_NE(fault_of_shared_library("").find("it does not begin as"), std::string::npos);
  std::string bytes = whole();
  bytes[4] = 1;
  EXPECT_NE(fault_of_shared_library(bytes).find("32 bits"), std::string::npos);
}

}  // namespace
}  // namespace kiln
