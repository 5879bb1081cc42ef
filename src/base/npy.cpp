#include "base/npy.h"

#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "base/zip.h"
#include "kiln/error.h"

namespace kiln {
namespace {

const std::string kMagic = "\x93NUMPY";

/// A numpy type and what it becomes.
struct NumpyType {
  const char* code;  ///< kind and bytes
  TensorDType dtype;
  std::size_t size;  ///< bytes in the file
  bool is_unsigned;  ///< to be widened with zeros
};
constexpr NumpyType kTypes[] = {
    {"f8", TensorDType::f64, 8, false}, {"f4", TensorDType::f32, 4, false}, {"f2", TensorDType::f16, 2, false},
    {"i8", TensorDType::i64, 8, false}, {"i4", TensorDType::i32, 4, false}, {"i2", TensorDType::i16, 2, false},
    {"i1", TensorDType::i8, 1, false},  {"u1", TensorDType::u8, 1, false},  {"b1", TensorDType::boolean, 1, false},
    {"u2", TensorDType::i32, 2, true},  {"u4", TensorDType::i64, 4, true},  {"u8", TensorDType::i64, 8, true}};

/// The header: a Python dictionary with three keys, always written in the same way.
struct Reader {
  const std::string& bytes;
  const std::string& file_name;
  std::string header = {};
  std::size_t data_start = 0;

  [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
    throw Error(ErrorKind::data, "bad-npy", SourcePos::whole_file(file_name),
                "this is not a numpy array that can be read: " + what,
                hint.empty() ? "The file is truncated or damaged; copy or write it again." : hint);
  }

  void read_header() {
    if (bytes.size() < 10 || bytes.compare(0, kMagic.size(), kMagic) != 0) fail("it does not begin as numpy writes it");
    const int version = static_cast<unsigned char>(bytes[6]), n_size = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) fail("its format version is " + std::to_string(version) + ", known are 1 to 3");
    std::uint64_t size = 0;
    for (int i = 0; i < n_size && 8 + i < static_cast<int>(bytes.size()); ++i)
      size |= std::uint64_t{static_cast<unsigned char>(bytes[8 + i])} << (8 * i);
    data_start = 8 + n_size + size;
    if (data_start > bytes.size()) fail("its header is cut off");
    header = bytes.substr(8 + n_size, size);
  }

  /// The text behind a key, up to `end`.
  std::string value(const std::string& key, const std::string& end) const {
    const std::size_t at = header.find("'" + key + "':");
    if (at == std::string::npos) fail("its header has no '" + key + "'");
    const std::size_t first = header.find_first_not_of(' ', at + key.size() + 3);
    const std::size_t last = first == std::string::npos ? first : header.find(end, first);
    if (last == std::string::npos) fail("its header ends early");
    return header.substr(first, last - first);
  }

  const NumpyType& type(bool& swapped) const {
    const std::string text = value("descr", ",");
    const bool quoted = text.size() == 5 && text.front() == '\'' && text.back() == '\'';
    for (const NumpyType& known : kTypes) {
      if (!quoted || text.compare(2, 2, known.code) != 0) continue;
      swapped = text[1] == '>';
      return known;
    }
    fail("its dtype is " + text, "arrays of float16 to float64, integers and bool are read");
  }

  std::vector<std::int64_t> shape() const {
    const std::string in_brackets = value("shape", ")");
    if (in_brackets.empty() || in_brackets[0] != '(') fail("its shape is not a list of sizes");
    const std::string text = in_brackets.substr(1);
    std::vector<std::int64_t> sizes;
    for (std::size_t first = 0; first < text.size();) {
      const std::size_t end = std::min(text.find(',', first), text.size());
      std::string word = text.substr(first, end - first);
      word.erase(0, word.find_first_not_of(' '));
      std::int64_t size = 0;
      if (!word.empty() && (!read_integer(word, size) || size < 0)) fail("its shape has a size '" + word + "'");
      if (!word.empty()) sizes.push_back(size);
      first = end + 1;
    }
    return sizes;
  }
};

/// Place in a Fortran-ordered array (first index fastest) of the element after the one at `index`, in C order.
std::size_t next_in_c_order(const std::vector<std::int64_t>& shape, std::vector<std::int64_t>& index) {
  for (std::size_t k = shape.size(); k-- > 0;) {
    if (++index[k] < shape[k]) break;
    index[k] = 0;
  }
  std::size_t place = 0;
  for (std::size_t k = shape.size(); k-- > 0;)
    place = place * static_cast<std::size_t>(shape[k]) + static_cast<std::size_t>(index[k]);
  return place;
}

std::string in_c_order(const std::string& data, std::size_t size, const std::vector<std::int64_t>& shape) {
  std::string ordered;
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::size_t place = 0; ordered.size() < data.size(); place = next_in_c_order(shape, index))
    ordered.append(data, place * size, size);
  return ordered;
}

std::vector<unsigned char> tensor_bytes(std::string data, const NumpyType& type, bool swapped) {
  if (swapped)
    for (std::size_t at = 0; at < data.size(); at += type.size)
      std::reverse(data.begin() + static_cast<std::ptrdiff_t>(at),
                   data.begin() + static_cast<std::ptrdiff_t>(at + type.size));
  const std::size_t width = size_of(type.dtype);
  std::vector<unsigned char> bytes(data.size() / type.size * width, 0);
  for (std::size_t k = 0; k < data.size() / type.size; ++k)
    std::memcpy(&bytes[k * width], &data[k * type.size], type.size);
  return bytes;
}

}  // namespace

Tensor read_npy(const std::string& bytes, const std::string& file_name) {
  Reader reader{bytes, file_name};
  reader.read_header();
  bool swapped = false;
  const NumpyType& type = reader.type(swapped);
  Tensor tensor{type.dtype, reader.shape(), {}};
  const std::uint64_t n_bytes = bytes.size() - reader.data_start;
  const std::uint64_t n = count_elements(tensor.shape, n_bytes);
  if (n * type.size != n_bytes)
    reader.fail("shape " + shape_text(tensor.shape) + " and " + std::to_string(n_bytes) + " bytes of data disagree");
  std::string data = bytes.substr(reader.data_start);
  if (reader.value("fortran_order", ",") == "True") data = in_c_order(data, type.size, tensor.shape);
  tensor.bytes = tensor_bytes(std::move(data), type, swapped);
  if (type.is_unsigned && type.size == 8)
    for (const std::int64_t value : to_integers(tensor))
      if (value < 0) reader.fail("it holds unsigned numbers above 2^63", "write them as int64");
  return tensor;
}

std::string write_npy(const Tensor& tensor) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const NumpyType& known) {
    return known.dtype == tensor.dtype && !known.is_unsigned;
  });
  if (type == std::end(kTypes))
    throw Error(ErrorKind::usage, "bad-dtype", "numpy has no type for " + name_of(tensor.dtype),
                "write safetensors instead");
  std::string header = std::string("{'descr': '") + (type->size == 1 ? "|" : "<") + type->code +
                       "', 'fortran_order': False, 'shape': " + shape_text(tensor.shape) + ", }";
  header.resize((kMagic.size() + 4 + header.size() + 1 + 63) / 64 * 64 - kMagic.size() - 4 - 1, ' ');
  header += '\n';
  std::string bytes = kMagic + '\x01' + '\0';
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(tensor.bytes.begin(), tensor.bytes.end());
}

std::map<std::string, std::string> npz_entries(const std::string& bytes, const std::string& file_name) {
  std::map<std::string, std::string> arrays, entries;  // contents, names in the archive
  for (auto& [entry, content] : read_zip(bytes, file_name)) {
    const bool ends = entry.size() > 4 && entry.substr(entry.size() - 4) == ".npy";
    const std::string name = entry.substr(0, entry.size() - (ends ? 4 : 0));
    const auto [first, is_new] = entries.emplace(name, entry);
    if (!is_new)
      throw Error(ErrorKind::data, "array-twice", SourcePos::whole_file(file_name),
                  "two arrays are named '" + name + "': '" + first->second + "' and '" + entry + "'",
                  "write the archive again, with one of them");
    arrays[name] = content;
  }
  return arrays;
}

std::map<std::string, Tensor> read_npz(const std::string& bytes, const std::string& file_name) {
  std::map<std::string, Tensor> arrays;
  for (const auto& [name, content] : npz_entries(bytes, file_name))
    arrays[name] = read_npy(content, file_name + ":" + name);
  return arrays;
}

std::string write_npz(const std::map<std::string, Tensor>& arrays) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, tensor] : arrays) entries.emplace_back(name + ".npy", write_npy(tensor));
  return write_zip(entries);
}

}  // namespace kiln
