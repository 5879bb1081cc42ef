#include "cli/array_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/diagnostics.h"
#include "base/files.h"
#include "base/npy.h"
#include "base/numbers.h"
#include "base/text.h"
#include "kiln/error.h"

namespace kiln {

namespace {

/// Where the key begins: behind the last ':' that follows an ending of an archive.
std::size_t colon_of_key(const std::string& text) {
  for (const char* ending : {".npz:", ".safetensors:"}) {
    const std::size_t at = text.rfind(ending);
    if (at != std::string::npos) return at + std::string(ending).size() - 1;
  }
  return text.size();
}

/// The array of an archive, or what it holds. Others of a .npz may be texts or objects.
std::optional<Tensor> array_named(const std::string& key, const std::string& path, std::vector<std::string>& names) {
  const auto found_in = [&](auto arrays) {
    for (const auto& [name, array] : arrays) names.push_back(name);
    const auto found = arrays.find(key);
    return found == arrays.end() ? std::nullopt : std::make_optional(found->second);
  };
  const std::string bytes = read_file(path);
  if (ending_of(path) != ".npz") return found_in(read_safetensors(bytes, path).tensors);
  const std::optional<std::string> content = found_in(npz_entries(bytes, path));
  return content ? std::make_optional(read_npy(*content, path + ":" + key)) : std::nullopt;
}

std::string npz_of(const NamedTensors& arrays) { return write_npz({arrays.begin(), arrays.end()}); }
std::string npy_of(const NamedTensors& arrays) { return write_npy(arrays.front().second); }

std::string safetensors_of(const NamedTensors& arrays) {
  TensorFile file;
  file.tensors = {arrays.begin(), arrays.end()};
  return write_safetensors(file);
}

std::string title_of(const std::string& name, const Tensor& tensor) {
  return name + " " + shape_text(tensor.shape) + " " + name_of(tensor.dtype);
}

/// The shortest text that reads back as the same float32.
std::string shortest_of_float(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
  return {text, end};
}

/// Every number as text.
std::vector<std::string> words_of(const Tensor& tensor) {
  std::vector<std::string> words;
  if (is_real(tensor.dtype))
    for (const double value : to_array(tensor).data)
      words.push_back(tensor.dtype == TensorDType::f64 ? shortest_text(value) : shortest_of_float(value));
  else
    for (const std::int64_t value : to_integers(tensor)) words.push_back(std::to_string(value));
  return words;
}

/// One line for each row, as numpy.loadtxt reads it; titles are comments.
std::string txt_of(const NamedTensors& arrays) {
  std::string text;
  for (const auto& [name, tensor] : arrays) {
    const std::vector<std::string> words = words_of(tensor);
    const std::size_t width =
        tensor.shape.empty() || tensor.shape.back() == 0 ? 1 : static_cast<std::size_t>(tensor.shape.back());
    text += "# " + title_of(name, tensor) + "\n";
    for (std::size_t k = 0; k < words.size(); ++k) text += words[k] + ((k + 1) % width == 0 ? "\n" : " ");
  }
  return text;
}

struct Format {
  const char* ending;
  std::string (*write)(const NamedTensors&);
};
constexpr Format kFormats[] = {{".npz", npz_of}, {".npy", npy_of}, {".safetensors", safetensors_of}, {".txt", txt_of}};

const Format* format_of(const std::string& path) {
  for (const Format& format : kFormats)
    if (ending_of(path) == format.ending) return &format;
  return nullptr;
}

/// Nested brackets, like numpy; with `most` rows at either end of each dimension if there are more than twice as many.
struct Brackets {
  const std::vector<std::int64_t>& shape;
  const std::vector<std::string>& words;
  std::size_t width = 0;  ///< of a word
  std::int64_t most = 0;  ///< 0: all

  std::size_t stride(std::size_t dimension) const {
    std::size_t n = 1;
    for (std::size_t k = dimension + 1; k < shape.size(); ++k) n *= static_cast<std::size_t>(shape[k]);
    return n;
  }

  std::string text(std::size_t dimension, std::size_t first) const {
    if (dimension == shape.size()) return fmt::format("{:>{}}", words[first], width);
    const bool last = dimension + 1 == shape.size();
    const std::string separator = last ? ", " : ",\n" + std::string(dimension + 1, ' ');
    const bool shortened = most > 0 && shape[dimension] > 2 * most;
    std::string result = "[";
    for (std::int64_t k = 0; k < shape[dimension]; ++k) {
      if (k > 0) result += separator;
      if (shortened && k == most) {
        result += "…" + separator;
        k = shape[dimension] - most;
      }
      result += text(dimension + 1, first + static_cast<std::size_t>(k) * stride(dimension));
    }
    return result + "]";
  }
};

std::string values_text(const Tensor& tensor) {
  constexpr std::size_t kBig = 1000;
  const std::vector<std::string> words = words_of(tensor);
  std::size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size());
  return Brackets{tensor.shape, words, width, words.size() > kBig ? 3 : 0}.text(0, 0);
}

/// Output names are free text.
std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// JSON has no nan and inf: null.
std::string values_json(const Tensor& tensor) {
  std::vector<std::string> words = words_of(tensor);
  for (std::string& word : words)
    if (word.find_first_of("ni") != std::string::npos) word = "null";
  std::string text;
  for (const char c : Brackets{tensor.shape, words, 0, 0}.text(0, 0))
    if (c != '\n') text += c;
  return text;
}

}  // namespace

ArrayArgument parse_array_argument(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string hint = "write --input coords=coords.npy, or coords=arrays.npz:positions";
  if (equals == std::string::npos || equals == 0)
    throw Error(ErrorKind::usage, "bad-input", "--input '" + text + "' is not NAME=FILE", hint);
  ArrayArgument argument{text.substr(0, equals), text.substr(equals + 1), ""};
  const std::size_t colon = colon_of_key(argument.file);
  argument.key = colon < argument.file.size() ? argument.file.substr(colon + 1) : argument.name;
  argument.file.resize(colon);
  const std::string ending = ending_of(argument.file);
  if (ending != ".npy" && ending != ".npz" && ending != ".safetensors")
    throw Error(ErrorKind::usage, "bad-input",
                "--input '" + text + "': the file ends neither in .npy, .npz nor .safetensors", hint);
  if (ending == ".npy") argument.key.clear();
  return argument;
}

Tensor read_array(const ArrayArgument& argument) {
  if (ending_of(argument.file) == ".npy") return read_npy(read_file(argument.file), argument.file);
  std::vector<std::string> names;
  if (const std::optional<Tensor> array = array_named(argument.key, argument.file, names)) return *array;
  const std::string guess = did_you_mean(argument.key, names);
  throw Error(
      ErrorKind::data, "unknown-array", SourcePos::whole_file(argument.file),
      "there is no array '" + argument.key + "' for the input '" + argument.name + "'",
      (guess.empty() ? "" : guess + " ") + (names.empty() ? "The file is empty." : "It holds: " + joined(names)));
}

void check_arrays_path(const std::string& path, const std::vector<std::string>& names) {
  if (format_of(path) == nullptr)
    throw Error(ErrorKind::usage, "unknown-ending", "'" + path + "' ends neither in .npz, .npy, .safetensors nor .txt",
                "the ending says how outputs are written");
  if (ending_of(path) == ".npy" && names.size() != 1)
    throw Error(ErrorKind::usage, "one-array",
                "a .npy file holds one array; the graph has " + std::to_string(names.size()) + " outputs",
                "write .npz or .safetensors");
  if (ending_of(path) == ".safetensors" && std::find(names.begin(), names.end(), kMetadataKey) != names.end())
    throw Error(ErrorKind::usage, "bad-array-name",
                "safetensors has a meaning of its own for '__metadata__': no array has this name",
                "write .npz, or name the output otherwise");
}

void write_arrays(const std::string& path, const NamedTensors& arrays) {
  write_file_atomically(path, format_of(path)->write(arrays));
}

std::string arrays_text(const NamedTensors& arrays) {
  std::string text;
  for (const auto& [name, tensor] : arrays) text += title_of(name, tensor) + "\n" + values_text(tensor) + "\n";
  return text;
}

std::string arrays_json(const NamedTensors& arrays, bool values) {
  std::string text;
  for (const auto& [name, tensor] : arrays) {
    std::string sizes;
    for (const std::int64_t size : tensor.shape) sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
    text += (text.empty() ? "" : ",") + std::string("{\"name\":") + json_text(name) + ",\"dtype\":\"" +
            name_of(tensor.dtype) + "\",\"shape\":[" + sizes + "]" +
            (values ? ",\"values\":" + values_json(tensor) : "") + "}";
  }
  return "[" + text + "]";
}

}  // namespace kiln
