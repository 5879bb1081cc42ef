#include <nlohmann/json.hpp>

#include "base/files.h"
#include "model/model_file.h"

namespace kiln {

namespace {

constexpr std::size_t kDigits = 64;
const std::string kZeros(kDigits, '0');
// The metadata string begins with the checksum in every format version, so that it is found before anything is parsed.
// Within the JSON header of a safetensors file its quotes are escaped.
const std::string kChecksumKey = R"({\"checksum\":\")";

std::uint64_t header_length(const std::string& bytes) {
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

/// Offset of the checksum's first digit, or npos where there is none in the header.
std::size_t find_checksum(const std::string& bytes) {
  if (bytes.size() < 8) return std::string::npos;
  const std::uint64_t length = header_length(bytes);
  if (length > bytes.size() - 8) return std::string::npos;
  const std::size_t key = bytes.find(kChecksumKey, 8);
  if (key == std::string::npos) return key;
  const std::size_t digits = key + kChecksumKey.size();
  return digits + kDigits <= 8 + length ? digits : std::string::npos;
}

}  // namespace

std::string seal(const TensorFile& file) {
  auto metadata = nlohmann::ordered_json::parse(file.metadata.at("kiln"));
  metadata.erase("checksum");
  nlohmann::ordered_json sealed = {{"checksum", kZeros}};
  sealed.update(metadata);
  TensorFile out = file;
  out.metadata["kiln"] = sealed.dump();
  std::string bytes = write_safetensors(out);
  const std::size_t digits = find_checksum(bytes);
  if (digits == std::string::npos) throw Error(ErrorKind::internal, "no-checksum", "the written file has no checksum");
  return bytes.replace(digits, kDigits, sha256(bytes));
}

TensorFile open_sealed(const std::string& bytes, const std::string& name) {
  const std::size_t digits = find_checksum(bytes);
  if (digits == std::string::npos)
    throw Error(ErrorKind::data, "not-a-model", SourcePos::whole_file(name),
                "this is not a .kiln file, or its beginning is damaged",
                "kiln train and kiln export --to kiln write such files");
  std::string zeroed = bytes;
  zeroed.replace(digits, kDigits, kZeros);
  if (sha256(zeroed) != bytes.substr(digits, kDigits))
    throw Error(ErrorKind::data, "damaged-model", SourcePos::whole_file(name),
                "it is truncated or damaged: its SHA-256 is not the one it carries",
                "copy the file again from where it was written");
  return read_safetensors(bytes, name);
}

}  // namespace kiln
