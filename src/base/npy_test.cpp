#include "base/npy.h"

#include <gtest/gtest.h>

#include "base/zip.h"
#include "kiln/error.h"

// Arrays that numpy wrote are read in tests/cli/run_test.py.

namespace kiln {
namespace {

Tensor reals() { return to_tensor({{2, 3}, {1.5, -2.0, 0.0, 4.25, 1e300, -1e-300}}, TensorDType::f64); }

TEST(Npy, ReadsWhatItWrites) {
  for (const TensorDType dtype : {TensorDType::f64, TensorDType::f32}) {
    const Tensor tensor = to_tensor({{3, 1}, {1.5, -2.0, 0.25}}, dtype), again = read_npy(write_npy(tensor), "x.npy");
    EXPECT_EQ(again.dtype, dtype);
    EXPECT_EQ(again.shape, tensor.shape);
    EXPECT_EQ(again.bytes, tensor.bytes);
  }
  EXPECT_EQ(write_npy(reals()).size() % 64, 48u) << "numbers begin at a multiple of 64 bytes";
}

TEST(Npy, NoPrefixOfAFileIsRead) {
  const std::string whole = write_npy(reals());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_THROW(read_npy(whole.substr(0, n), "x.npy"), Error) << n;
}

TEST(Npz, RefusesTwoArraysOfOneName) {
  const std::string array = write_npy(reals());
  const std::pair<std::string, std::string> pairs[] = {{"x.npy", "x.npy"}, {"x", "x.npy"}, {"x.npy", "x"}};
  for (const auto& [first, second] : pairs) {
    try {
      read_npz(write_zip({{first, array}, {"y.npy", array}, {second, array}}), "x.npz");
      ADD_FAILURE() << first << ", " << second;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find("'" + first + "' and '" + second + "'"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Npz, ReadsWhatItWrites) {
  const auto arrays = read_npz(write_npz({{"a", reals()}, {"b/ü", reals()}}), "x.npz");
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays.at("b/ü").bytes, reals().bytes);
  EXPECT_TRUE(read_npz(write_npz({}), "x.npz").empty());
}

/// Every flipped byte is noticed, or changes nothing that is read.
TEST(Zip, NoticesDamage) {
  const std::vector<ZipEntry> entries = {{"one", "first content"}, {"two", std::string(300, 'x')}};
  const std::string whole = write_zip(entries);
  ASSERT_EQ(read_zip(whole, "x.zip"), entries);
  int noticed = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    std::string damaged = whole;
    damaged[n] ^= 0x10;
    try {
      for (const auto& [name, content] : read_zip(damaged, "x.zip"))
        EXPECT_TRUE(content == entries[0].second || content == entries[1].second) << n;
    } catch (const Error&) {
      ++noticed;
    }
    if (n > 0) {
      EXPECT_THROW(read_zip(whole.substr(0, n), "x.zip"), Error) << n;
    }
  }
  EXPECT_GT(noticed, 300);
}

/// Else a small file could hold as much as it likes.
TEST(Zip, RefusesFilesThatShareBytes) {
  const std::string same(40, 'x');
  const std::string whole = write_zip({{"a", same}, {"b", same}, {"c", same}});
  ASSERT_EQ(read_zip(whole, "x.zip").size(), 3u);
  constexpr int kOffset = 42;  // of the offset, in a record of the directory
  const std::size_t last = whole.rfind("PK\1\2"), second = whole.rfind("PK\1\2", last - 1);
  for (const std::size_t record : {second, last}) {
    std::string bomb = whole;
    bomb.replace(record + kOffset, 4, 4, '\0');  // the content of the first
    try {
      read_zip(bomb, "x.zip");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("overlaps another file"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace kiln
