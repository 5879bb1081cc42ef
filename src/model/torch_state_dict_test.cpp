#include "model/torch_state_dict.h"

#include <gtest/gtest.h>

#include "base/zip.h"
#include "kiln/error.h"

// Files that Python's torch wrote are read in tests/cli/weights_test.py; here are the pickles that nobody should read.

namespace kiln {
namespace {

std::string text(const std::string& value) {
  return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') + value;
}
std::string integer(unsigned value) { return std::string("K") + static_cast<char>(value); }
std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }

/// ('storage', FloatStorage, '0', 'cpu', n)
std::string storage(unsigned n) {
  return "(" + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + integer(n) + "tQ";
}

/// A view of a storage of 4 numbers, or of what says that it is n.
std::string tensor(unsigned offset, const std::string& sizes, const std::string& strides, unsigned n = 4) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage(n) + integer(offset) + sizes + strides +
         "\x89}tR";
}

std::string two(unsigned a, unsigned b) { return "(" + integer(a) + integer(b) + "t"; }

std::string dictionary(const std::string& name, const std::string& value) { return "}(" + text(name) + value + "u"; }

std::map<std::string, Tensor> read(const std::string& pickle) {
  const Tensor numbers = to_tensor({{4}, {1, 2, 3, 4}}, TensorDType::f32);
  return read_torch_state_dict(write_zip({{"archive/data.pkl", "\x80\x02" + pickle + "."},
                                          {"archive/data/0", {numbers.bytes.begin(), numbers.bytes.end()}}}),
                               "weights.pt");
}

TEST(TorchStateDict, ReadsViews) {
  EXPECT_EQ(to_array(read(dictionary("w", tensor(0, two(2, 2), two(2, 1)))).at("w")).data,
            (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(to_array(read(dictionary("w", tensor(0, two(2, 2), two(1, 2)))).at("w")).data,
            (std::vector<double>{1, 3, 2, 4}))
      << "transposed";
  EXPECT_EQ(to_array(read(dictionary("w", tensor(3, two(2, 1), two(0, 1)))).at("w")).data, (std::vector<double>{4, 4}))
      << "expanded";
}

TEST(TorchStateDict, JoinsNamesOfNestedDictionaries) {
  const std::string inner = dictionary("w", tensor(0, two(2, 2), two(2, 1)));
  EXPECT_EQ(read(dictionary("a", inner)).count("a.w"), 1u);
  EXPECT_EQ(read(dictionary("state_dict", inner)).count("w"), 1u) << "a checkpoint";
}

TEST(TorchStateDict, RefusesViewsOutsideTheStorage) {
  for (const std::string& bad :
       {tensor(0, two(2, 3), two(3, 1)), tensor(1, two(2, 2), two(2, 1)), tensor(4, two(1, 1), two(1, 1)),
        tensor(0, two(2, 2), "(" + integer(1) + "t"), tensor(0, two(200, 200), two(200, 1))})
    EXPECT_THROW(read(dictionary("w", bad)), Error);
  const std::string huge = "J\xff\xff\xff\x7f";
  EXPECT_THROW(read(dictionary("w", tensor(0, "(" + huge + huge + "t", two(0, 0)))), Error);
}

TEST(TorchStateDict, RefusesStoragesOfAnotherSize) {
  for (const unsigned n : {0u, 2u, 3u, 5u, 255u}) {
    try {
      read(dictionary("w", tensor(0, two(1, 2), two(2, 1), n)));
      ADD_FAILURE() << n;
    } catch (const Error& error) {
      const std::string want = "'w' has 16 bytes, not those of " + std::to_string(n) + " numbers of the type float32";
      EXPECT_NE(std::string(error.what()).find(want), std::string::npos) << error.what();
    }
  }
}

TEST(TorchStateDict, RefusesTwoFilesOfOneName) {
  const std::string numbers(16, '\0'), pickle = "\x80\x02" + dictionary("w", tensor(0, two(2, 2), two(2, 1))) + ".";
  for (const std::string other : {"b/data.pkl", "a/data.pkl"}) {
    try {
      read_torch_state_dict(write_zip({{"a/data.pkl", pickle}, {"a/data/0", numbers}, {other, pickle}}), "w.pt");
      ADD_FAILURE() << other;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("'a/data.pkl' and '" + other + "'"), std::string::npos) << error.what();
    }
  }
}

TEST(TorchStateDict, RefusesMoreDimensionsThanTorchHas) {
  const auto ones = [](unsigned n) {
    std::string list = "(";
    for (unsigned k = 0; k < n; ++k) list += integer(1);
    return list + "t";
  };
  EXPECT_EQ(read(dictionary("w", tensor(0, ones(64), ones(64)))).at("w").shape.size(), 64u);
  EXPECT_THROW(read(dictionary("w", tensor(0, ones(65), ones(65)))), Error);
}

/// Nothing is called, whatever it is named.
TEST(TorchStateDict, RefusesCode) {
  const std::string calls[] = {global("posix", "system") + "(" + text("touch pwned") + "tR",
                               global("builtins", "eval") + "(" + text("1") + "tR",
                               global("torch", "load") + "(" + text("x") + "tR",
                               global("torch.FloatStorage", "__reduce__") + "(tR",
                               global("torch", "FloatStorage") + "(tR",
                               "(" + text("touch pwned") + "iposix\nsystem\n",
                               "\x82\x01",
                               "\x93"};
  for (const std::string& call : calls) {
    EXPECT_THROW(read(dictionary("w", call)), Error) << call;
    EXPECT_THROW(read(call), Error) << call;
  }
  try {
    read(dictionary("w", calls[0]));
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("posix system"), std::string::npos) << error.what();
  }
}

TEST(TorchStateDict, RefusesDictionariesThatHoldThemselves) {
  EXPECT_THROW(read("}q\x01(" + text("a") + "h\x01u"), Error);
  std::string bomb = "}q\x01";  // 2^60 copies of one dictionary
  for (int k = 0; k < 60; ++k) bomb += "}(" + text("a") + "h\x01" + text("b") + "h\x01uq\x01";
  EXPECT_THROW(read(bomb), Error);
}

TEST(TorchStateDict, NoPrefixIsRead) {
  const std::string whole = dictionary("w", tensor(0, two(2, 2), two(2, 1)));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    try {
      EXPECT_TRUE(read(whole.substr(0, n)).empty()) << n;
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace kiln
