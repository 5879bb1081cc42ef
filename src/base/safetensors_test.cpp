#include "base/safetensors.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "kiln/error.h"

namespace kiln {
namespace {

TensorFile example() {
  TensorFile file;
  file.metadata = {{"kiln", "{\"version\": 1, \"text\": \"ä\"}"}, {"format", "x"}};
  file.tensors["b.weight"] = to_tensor({{2, 3}, {1, -2, 0.1, 4e-300, 5, 6}}, TensorDType::f64);
  file.tensors["a.scale"] = to_tensor({{3}, {1.5, 0.1, -3}}, TensorDType::f32);
  file.tensors["scalar"] = to_tensor({{}, {7}}, TensorDType::f64);
  file.tensors["empty"] = to_tensor({{0, 4}, {}}, TensorDType::f64);
  file.tensors["code"] = Tensor{TensorDType::u8, {5}, {0, 1, 'x', 'y', 'z'}};
  return file;
}

std::string raw_file(const std::string& header, const std::string& data) {
  std::string bytes;
  for (std::size_t i = 0; i < 8; ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  return bytes + header + data;
}

TEST(Safetensors, NoTensorTakesThePlaceOfTheMetadata) {
  TensorFile file = example();
  file.tensors["__metadata__"] = file.tensors.at("scalar");
  EXPECT_THROW(write_safetensors(file), Error);
}

std::string fault_of(const std::string& bytes) {
  try {
    read_safetensors(bytes, "m.kiln");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(std::string(error.what()).find("m.kiln"), std::string::npos);
    return error.what();
  }
  return "";
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const TensorFile file = example();
  const TensorFile again = read_safetensors(write_safetensors(file), "x");
  EXPECT_EQ(again.metadata, file.metadata);
  ASSERT_EQ(again.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(again.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(again.tensors.at(name).bytes, tensor.bytes) << name;
    EXPECT_EQ(again.tensors.at(name).dtype, tensor.dtype) << name;
  }
  EXPECT_EQ(to_array(again.tensors.at("b.weight")).data, (std::vector<double>{1, -2, 0.1, 4e-300, 5, 6}));
  EXPECT_EQ(to_array(again.tensors.at("a.scale")).data, (std::vector<double>{1.5, double{0.1f}, -3}));
}

// The layout that the format's specification asks for, checked without the reader.
TEST(Safetensors, LayoutFollowsTheSpecification) {
  const std::string bytes = write_safetensors(example());
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < 8; ++i) n |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  EXPECT_EQ((n + 8) % 8, 0u);
  EXPECT_EQ(bytes[8], '{');
  const auto header = nlohmann::json::parse(bytes.substr(8, n));
  EXPECT_EQ(header.at("a.scale").at("dtype"), "F32");
  EXPECT_EQ(header.at("code").at("dtype"), "U8");
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    ranges.push_back(entry.at("data_offsets").get<std::pair<std::size_t, std::size_t>>());
    if (entry.at("dtype") == "F64") {
      EXPECT_EQ(ranges.back().first % 8, 0u) << name;
    }
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t end = 0;
  for (const auto& range : ranges) {
    EXPECT_EQ(range.first, end);
    end = range.second;
  }
  EXPECT_EQ(8 + n + end, bytes.size());
}

TEST(Safetensors, ReadsIntegersAndEmptyFiles) {
  const std::string data("\x01\0\0\0\xFF\xFF\xFF\xFF\x02\0\0\0\0\0\0\x80", 16);
  const TensorFile file = read_safetensors(
      raw_file(
          R"({"i":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}})",
          data),
      "x");
  EXPECT_EQ(to_array(file.tensors.at("i")).data, (std::vector<double>{1, -1}));
  EXPECT_EQ(to_array(file.tensors.at("l")).data, (std::vector<double>{-9223372036854775806.0}));
  EXPECT_TRUE(read_safetensors(raw_file("{}", ""), "x").tensors.empty());
  EXPECT_THROW(to_array(Tensor{TensorDType::u8, {3}, {'a', 'b', 'c'}}), Error);
}

TEST(Safetensors, SaysWhatIsWrong) {
  const std::string data(16, 'x');
  const auto entry = [](const std::string& name, const std::string& shape, const std::string& offsets,
                        const std::string& dtype = "F64") {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  const std::pair<std::string, std::string> cases[] = {
      {raw_file("{" + entry("a", "[2]", "[0,16]") + "," + entry("a", "[2]", "[0,16]") + "}", data), "twice"},
      {raw_file("{" + entry("a", "[1]", "[0,8]") + "," + entry("b", "[2]", "[0,16]") + "}", data), "overlap"},
      {raw_file("{" + entry("b", "[1]", "[8,16]") + "}", data), "hole"},
      {raw_file("{" + entry("a", "[1]", "[0,8]") + "}", data), "belong to no tensor"},
      {raw_file("{" + entry("a", "[3]", "[0,24]") + "}", data), "cut off"},
      {raw_file("{" + entry("a", "[2]", "[16,0]") + "}", data), "ends before it begins"},
      {raw_file("{" + entry("a", "[3]", "[0,16]") + "}", data), "disagree"},
      {raw_file("{" + entry("a", "[4611686018427387904,4]", "[0,16]") + "}", data), "disagree"},  // 2^64 elements
      {raw_file("{" + entry("a", "[-2]", "[0,16]") + "}", data), "natural number"},
      {raw_file("{" + entry("a", "[2.0]", "[0,16]") + "}", data), "natural number"},
      {raw_file("{" + entry("a", "[2]", "[0,18446744073709551615]") + "}", data), "too large"},
      {raw_file("{" + entry("a", "2", "[0,16]") + "}", data), "not a list"},
      {raw_file("{" + entry("a", "[2]", "[0]") + "}", data), "not two numbers"},
      {raw_file("{" + entry("a", "[2]", "[0,16]", "F8_E4M3") + "}", data), "F8_E4M3, which is not read"},
      {raw_file("{\"a\":{\"shape\":[2],\"data_offsets\":[0,16]}}", data), "no dtype"},
      {raw_file("{\"a\":7}", data), "no dtype"},
      {raw_file("{\"__metadata__\":{\"a\":1}}", ""), "not text"},
      {raw_file("[1]", ""), "object"},
      {raw_file("{\"a\"", ""), "not JSON"},
      {raw_file(std::string(100000, '['), ""), "not JSON"},
      {std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", 10), "limit"},
      {std::string("\x10\0\0\0\0\0\0\0{}", 10), "cut off"},
      {"", "too few"},
      {"abc", "too few"}};
  for (const auto& [bytes, expected] : cases)
    EXPECT_NE(fault_of(bytes).find(expected), std::string::npos) << expected << "\n" << fault_of(bytes);
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string bytes = write_safetensors(example());
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_NE(fault_of(bytes.substr(0, n)), "") << n;
  EXPECT_NE(fault_of(bytes + "x"), "");
}

TEST(Safetensors, FlippedBitsNeverCrash) {
  const std::string bytes = write_safetensors(example());
  Rng rng(1, "bit flips");
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {  // every single bit, then random pairs
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    fault_of(damaged);
    damaged[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
    fault_of(damaged);
  }
}

}  // namespace
}  // namespace kiln
