#include "base/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "kiln/error.h"

namespace kiln {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit

struct DTypeName {
  TensorDType dtype;
  const char* name;
  const char* full_name;
  std::size_t size;
};
constexpr DTypeName kDTypes[] = {{TensorDType::f64, "F64", "float64", 8}, {TensorDType::f32, "F32", "float32", 4},
                                 {TensorDType::f16, "F16", "float16", 2}, {TensorDType::bf16, "BF16", "bfloat16", 2},
                                 {TensorDType::i64, "I64", "int64", 8},   {TensorDType::i32, "I32", "int32", 4},
                                 {TensorDType::i16, "I16", "int16", 2},   {TensorDType::i8, "I8", "int8", 1},
                                 {TensorDType::u8, "U8", "uint8", 1},     {TensorDType::boolean, "BOOL", "bool", 1}};

const DTypeName& properties_of(TensorDType dtype) {
  return *std::find_if(std::begin(kDTypes), std::end(kDTypes), [&](const DTypeName& d) { return d.dtype == dtype; });
}

/// Reads one file; every fault goes through fail(), which names the file.
struct Reader {
  const std::string& bytes;
  const std::string& file_name;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::data, "bad-safetensors", SourcePos::whole_file(file_name),
                "this is not a valid safetensors file: " + what,
                "The file is truncated or damaged; copy or write it again.");
  }

  std::uint64_t header_size() const {
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) fail("it has " + std::to_string(bytes.size()) + " bytes, too few for a header");
    for (std::size_t i = 0; i < 8; ++i) size |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    if (size > kLongestHeader) fail("its header would have " + std::to_string(size) + " bytes, more than the limit");
    if (size > bytes.size() - 8) fail("its header of " + std::to_string(size) + " bytes is cut off");
    return size;
  }

  Json header(std::uint64_t size) const {
    std::set<std::string> names;
    std::string repeated;
    const auto note_names = [&](int depth, Json::parse_event_t event, Json& value) {
      if (event == Json::parse_event_t::key && depth == 1 && !names.insert(value.get<std::string>()).second) {
        repeated = value.get<std::string>();
      }
      return true;
    };
    const auto first = bytes.begin() + 8;
    Json json;
    try {
      json = Json::parse(first, first + static_cast<std::ptrdiff_t>(size), note_names);
    } catch (const nlohmann::json::exception& error) {
      fail(std::string("its header is not JSON (") + error.what() + ")");
    }
    if (!json.is_object()) fail("its header is not a JSON object");
    if (!repeated.empty()) fail("tensor '" + repeated + "' stands twice in the header");
    return json;
  }

  std::map<std::string, std::string> metadata(const Json& json) const {
    if (!json.is_object()) fail("__metadata__ is not an object");
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string()) fail("__metadata__." + key + " is not text");
      result[key] = value.get<std::string>();
    }
    return result;
  }

  std::uint64_t natural(const Json& json, const std::string& what) const {
    if (!json.is_number_unsigned()) fail(what + " is not a natural number");
    const auto value = json.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) fail(what + " is too large");
    return value;
  }

  const Json& member(const Json& json, const char* key, const std::string& name) const {
    if (!json.is_object() || !json.contains(key)) fail("tensor '" + name + "' has no " + key);
    return json.at(key);
  }

  const DTypeName& dtype(const Json& json, const std::string& name) const {
    const std::string text = json.is_string() ? json.get<std::string>() : json.dump();
    for (const DTypeName& known : kDTypes) {
      if (text == known.name) return known;
    }
    std::string names;
    for (const DTypeName& known : kDTypes) names += (names.empty() ? "" : ", ") + std::string(known.name);
    throw Error(ErrorKind::data, "unknown-dtype", SourcePos::whole_file(file_name),
                "tensor '" + name + "' has the dtype " + text + ", which is not read", "convert it to one of " + names);
  }

  std::vector<std::int64_t> shape(const Json& json, const std::string& name) const {
    if (!json.is_array()) fail("the shape of tensor '" + name + "' is not a list");
    std::vector<std::int64_t> sizes;
    for (const Json& size : json) {
      sizes.push_back(static_cast<std::int64_t>(natural(size, "a size of tensor '" + name + "'")));
    }
    return sizes;
  }

  struct Range {
    std::uint64_t first = 0, last = 0;
    std::string name;
  };

  Range range(const Json& json, const std::string& name, std::uint64_t data_size) const {
    if (!json.is_array() || json.size() != 2) fail("data_offsets of tensor '" + name + "' are not two numbers");
    const std::string what = "an offset of tensor '" + name + "'";
    const Range result{natural(json[0], what), natural(json[1], what), name};
    if (result.first > result.last) fail("tensor '" + name + "' ends before it begins");
    if (result.last > data_size) fail("the data of tensor '" + name + "' are cut off");
    return result;
  }

  void require_full_cover(std::vector<Range> ranges, std::uint64_t data_size) const {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return std::tie(a.first, a.last) < std::tie(b.first, b.last); });
    std::uint64_t end = 0;
    for (const Range& range : ranges) {
      if (range.first != end) {
        fail((range.first < end ? "the data of tensor '" : "there is a hole before tensor '") + range.name +
             (range.first < end ? "' overlap others" : "'"));
      }
      end = range.last;
    }
    if (end != data_size) fail(std::to_string(data_size - end) + " bytes at its end belong to no tensor");
  }

  TensorFile read() const {
    const std::uint64_t size = header_size();
    const Json json = header(size);
    const std::uint64_t data_size = bytes.size() - 8 - size;
    TensorFile file;
    std::vector<Range> ranges;
    for (const auto& [name, entry] : json.items()) {
      if (name == kMetadataKey) {
        file.metadata = metadata(entry);
        continue;
      }
      Tensor& tensor = file.tensors[name];
      const DTypeName& type = dtype(member(entry, "dtype", name), name);
      tensor.dtype = type.dtype;
      tensor.shape = shape(member(entry, "shape", name), name);
      ranges.push_back(range(member(entry, "data_offsets", name), name, data_size));
      const std::uint64_t n_bytes = ranges.back().last - ranges.back().first;
      if (count_elements(tensor.shape, n_bytes) * type.size != n_bytes)
        fail("shape and data of tensor '" + name + "' disagree");
    }
    require_full_cover(ranges, data_size);
    for (const Range& range : ranges) {  // only now: overlapping ranges could ask for more memory than the file has
      const auto* begin = reinterpret_cast<const unsigned char*>(bytes.data()) + 8 + size;
      file.tensors[range.name].bytes.assign(begin + range.first, begin + range.last);
    }
    return file;
  }
};

/// The stored numbers, each through `convert`.
template <class Stored, class Number, class Convert>
std::vector<Number> widened(const Tensor& tensor, Convert convert) {
  std::vector<Number> values(tensor.bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof value, sizeof value);
    values[i] = convert(value);
  }
  return values;
}

template <class Stored, class Number>
std::vector<Number> widened(const Tensor& tensor) {
  return widened<Stored, Number>(tensor, [](Stored value) { return static_cast<Number>(value); });
}

/// IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction.
double value_of_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
  double value = 0.0;
  if (exponent == 31) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else {
    value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits >> 15) != 0 ? -value : value;
}

/// The upper half of a float32.
double value_of_bfloat16(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

template <class Number, class Value>
std::vector<unsigned char> raw_bytes(const std::vector<Value>& values) {
  std::vector<unsigned char> bytes(values.size() * sizeof(Number));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<Number>(values[i]);
    std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
  }
  return bytes;
}

/// Widest elements first, so that every tensor is aligned to its element without holes; then by name.
std::vector<const std::pair<const std::string, Tensor>*> in_file_order(const TensorFile& file) {
  std::vector<const std::pair<const std::string, Tensor>*> order;
  for (const auto& entry : file.tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return properties_of(a->second.dtype).size > properties_of(b->second.dtype).size;
  });
  return order;
}

}  // namespace

Tensor to_tensor(const Array& array, TensorDType dtype) {
  Tensor tensor{dtype, array.shape, {}};
  switch (dtype) {
    case TensorDType::f64:
      tensor.bytes = raw_bytes<double>(array.data);
      return tensor;
    case TensorDType::f32:
      tensor.bytes = raw_bytes<float>(array.data);
      return tensor;
    default:
      throw Error(ErrorKind::internal, "bad-dtype", "arrays of numbers are stored as F64 or F32");
  }
}

Tensor to_integer_tensor(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values, TensorDType dtype) {
  Tensor tensor{dtype, std::move(shape), {}};
  switch (dtype) {
    case TensorDType::i64:
      tensor.bytes = raw_bytes<std::int64_t>(values);
      return tensor;
    case TensorDType::i32:
      tensor.bytes = raw_bytes<std::int32_t>(values);
      return tensor;
    case TensorDType::i16:
      tensor.bytes = raw_bytes<std::int16_t>(values);
      return tensor;
    case TensorDType::i8:
      tensor.bytes = raw_bytes<std::int8_t>(values);
      return tensor;
    case TensorDType::u8:
    case TensorDType::boolean:
      tensor.bytes = raw_bytes<std::uint8_t>(values);
      return tensor;
    default:
      throw Error(ErrorKind::internal, "bad-dtype", "integers are not stored as " + name_of(dtype));
  }
}

bool is_real(TensorDType dtype) {
  return dtype == TensorDType::f64 || dtype == TensorDType::f32 || dtype == TensorDType::f16 ||
         dtype == TensorDType::bf16;
}

std::string name_of(TensorDType dtype) { return properties_of(dtype).full_name; }

std::size_t size_of(TensorDType dtype) { return properties_of(dtype).size; }

Array to_array(const Tensor& tensor) {
  switch (tensor.dtype) {
    case TensorDType::f64:
      return {tensor.shape, widened<double, double>(tensor)};
    case TensorDType::f32:
      return {tensor.shape, widened<float, double>(tensor)};
    case TensorDType::f16:
      return {tensor.shape, widened<std::uint16_t, double>(tensor, value_of_half)};
    case TensorDType::bf16:
      return {tensor.shape, widened<std::uint16_t, double>(tensor, value_of_bfloat16)};
    case TensorDType::u8:
      throw Error(ErrorKind::data, "bad-dtype", "a tensor of bytes (U8) stands where numbers are expected");
    default:
      const std::vector<std::int64_t> integers = to_integers(tensor);
      return {tensor.shape, {integers.begin(), integers.end()}};
  }
}

std::uint64_t count_elements(const std::vector<std::int64_t>& shape, std::uint64_t most) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::uint64_t n = 1;
  for (const std::int64_t size : shape) {
    if (static_cast<std::uint64_t>(size) > most / n) return most + 1;
    n *= static_cast<std::uint64_t>(size);
  }
  return n;
}

std::vector<std::int64_t> to_integers(const Tensor& tensor) {
  switch (tensor.dtype) {
    case TensorDType::i64:
      return widened<std::int64_t, std::int64_t>(tensor);
    case TensorDType::i32:
      return widened<std::int32_t, std::int64_t>(tensor);
    case TensorDType::i16:
      return widened<std::int16_t, std::int64_t>(tensor);
    case TensorDType::i8:
      return widened<std::int8_t, std::int64_t>(tensor);
    case TensorDType::u8:
      return widened<std::uint8_t, std::int64_t>(tensor);
    case TensorDType::boolean:
      return widened<std::uint8_t, std::int64_t>(tensor, [](std::uint8_t value) { return std::int64_t{value != 0}; });
    default:
      throw Error(ErrorKind::data, "bad-dtype", "integers are expected, not " + name_of(tensor.dtype));
  }
}

std::string write_safetensors(const TensorFile& file) {
  Json header = Json::object();
  if (file.tensors.count(kMetadataKey) != 0)
    throw Error(ErrorKind::internal, "bad-tensor-name",
                "no tensor of a safetensors file is named " + std::string(kMetadataKey));
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::size_t offset = 0;
  const auto order = in_file_order(file);
  for (const auto* entry : order) {
    const auto& [name, tensor] = *entry;
    header[name] = {{"dtype", properties_of(tensor.dtype).name},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data start at a multiple of 8
  std::string bytes;
  bytes.reserve(8 + text.size() + offset);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>((std::uint64_t{text.size()} >> (8 * i)) & 0xFF);
  bytes += text;
  for (const auto* entry : order) bytes.append(entry->second.bytes.begin(), entry->second.bytes.end());
  return bytes;
}

TensorFile read_safetensors(const std::string& bytes, const std::string& file_name) {
  return Reader{bytes, file_name}.read();
}

}  // namespace kiln
